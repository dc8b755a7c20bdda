import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { isTerminal } from '../../protocol/job.ts';
import type { JobsNode, JobsState } from '../state/jobs.ts';
import { jobItem, jobTooltip } from './jobItem.ts';
import { moreItem, type Tree } from './tree.ts';

/** Experiments, their jobs and the steps of pipelines; with a filter, one list of what matches. */
export const jobsTree = (jobs: JobsState): Tree<JobsNode> => ({
  onDidChange: jobs.onDidChange,
  children: (node) => (node ? jobs.childrenOf(node) : jobs.roots()),
  parent: (node) => jobs.parentOf(node),
  item(node) {
    if (node.kind === 'more') return moreItem(node);
    if (node.kind === 'job') return jobItem(node.job, { withExperiment: jobs.isFiltered });
    if (node.kind === 'waiting') {
      const item = new TreeItem(node.name, TreeItemCollapsibleState.None);
      item.id = `waiting:${node.pipeline.name}/${node.name}`;
      item.description = isTerminal(node.pipeline.job.properties.status ?? 'Unknown') ? 'Not started' : 'waits for its inputs';
      item.iconPath = new ThemeIcon('circle-large-outline', new ThemeColor('disabledForeground'));
      return item;
    }
    const item = new TreeItem(node.name, TreeItemCollapsibleState.Collapsed);
    item.id = `experiment:${node.name}`;
    item.iconPath = new ThemeIcon('beaker');
    item.contextValue = 'experiment';
    item.tooltip = `Experiment ${node.name}`;
    return item;
  },
  resolve(node, item) {
    if (node.kind === 'job') item.tooltip = jobTooltip(node.job);
  },
});
