import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { isTerminal } from '../../protocol/job.ts';
import type { ActiveJobs } from '../state/activeJobs.ts';
import type { ExpandedRows } from '../state/expandedRows.ts';
import type { JobsNode, JobsState } from '../state/jobs.ts';
import { changedParams } from './jobFacts.ts';
import { jobItem, jobTooltip } from './jobItem.ts';
import { moreItem, type Tree } from './tree.ts';

/** Experiments, their jobs and the steps of pipelines; with a filter, one list of what matches. An experiment is open while a job of it runs, unless a person closed it. */
export const jobsTree = (jobs: JobsState, active: ActiveJobs, rows: ExpandedRows): Tree<JobsNode> => ({
  onDidChange: jobs.onDidChange,
  async children(node) {
    if (node) return jobs.childrenOf(node);
    const roots = await jobs.roots();
    // A row can't be opened any more by the way that it is drawn once it was drawn.
    await active.isTried;
    return roots;
  },
  parent: (node) => jobs.parentOf(node),
  item(node) {
    if (node.kind === 'more') return moreItem(node);
    if (node.kind === 'job')
      return jobItem(node.job, {
        withExperiment: jobs.isFiltered,
        isOpen: rows.isOpen(rowId(node)!, false),
        figures: jobs.figuresOf(node.name),
      });
    if (node.kind === 'waiting') {
      const item = new TreeItem(node.name, TreeItemCollapsibleState.None);
      item.id = `waiting:${node.pipeline.name}/${node.name}`;
      item.description = isTerminal(node.pipeline.job.properties.status ?? 'Unknown') ? 'Not started' : 'waits for its inputs';
      item.iconPath = new ThemeIcon('circle-large-outline', new ThemeColor('disabledForeground'));
      return item;
    }
    const id = rowId(node)!;
    const isOpen = rows.isOpen(id, active.isIn(node.name));
    // A row that was drawn open stays so on the screen, also after the job ended for which it was opened.
    if (isOpen) rows.note(id, true);
    const item = new TreeItem(node.name, isOpen ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed);
    item.id = id;
    item.iconPath = new ThemeIcon('beaker');
    item.contextValue = 'experiment';
    item.tooltip = `Experiment ${node.name}`;
    return item;
  },
  resolve(node, item) {
    if (node.kind !== 'job') return;
    const params = changedParams(node.job, jobs.siblingsOf(node), (name) => jobs.figuresOf(name));
    item.tooltip = jobTooltip(node.job, { figures: jobs.figuresOf(node.name), params });
  },
});

/** The id of a row that can be opened. */
export const rowId = (node: JobsNode): string | undefined =>
  node.kind === 'experiment' ? `experiment:${node.name}` : node.kind === 'job' ? `job:${node.name}` : undefined;
