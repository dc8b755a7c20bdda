import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { type Schedule, scheduleProperty } from '../../protocol/schedule.ts';
import { triggerText } from '../../protocol/triggerText.ts';
import type { SchedulesNode, SchedulesState } from '../state/schedules.ts';
import { clockTime, jobItem, jobTooltip } from './jobItem.ts';
import type { Tree } from './tree.ts';

/** The workspace's schedules, each with when it starts its job next, and the jobs that it started last. */
export const schedulesTree = (schedules: SchedulesState): Tree<SchedulesNode> => ({
  onDidChange: schedules.onDidChange,
  children: (node) => (node ? schedules.childrenOf(node) : schedules.roots()),
  parent: (node) => schedules.parentOf(node),
  item(node) {
    if (node.kind === 'schedule') return scheduleItem(node.schedule);
    const item = jobItem(node.job);
    item.id = `${node.of.name}:${node.name}`;
    item.collapsibleState = TreeItemCollapsibleState.None;
    item.contextValue = 'scheduledJob';
    return item;
  },
  resolve(node, item) {
    item.tooltip = node.kind === 'schedule' ? tooltip(node.schedule) : jobTooltip(node.job);
  },
});

const factOf = ({ properties }: Schedule, fact: keyof typeof scheduleProperty): string | undefined =>
  properties.properties?.[scheduleProperty[fact]];

/** A schedule's line. `contextValue` is `schedule;enabled` or `schedule;disabled`. */
function scheduleItem(schedule: Schedule): TreeItem {
  const { name, properties } = schedule;
  const item = new TreeItem(properties.displayName || name, TreeItemCollapsibleState.Collapsed);
  const isEnabled = properties.isEnabled !== false;
  item.id = `schedule:${name}`;
  item.description = [whatNext(schedule), triggerText(properties.trigger)].join(' · ');
  item.contextValue = `schedule;${isEnabled ? 'enabled' : 'disabled'}`;
  item.iconPath = factOf(schedule, 'error')
    ? new ThemeIcon('warning', new ThemeColor('list.warningForeground'))
    : new ThemeIcon(isEnabled ? 'watch' : 'debug-pause', isEnabled ? undefined : new ThemeColor('disabledForeground'));
  item.accessibilityInformation = { label: `${properties.displayName || name}, ${item.description}` };
  return item;
}

/** `next 14:05`, `disabled`, or why there is no next time. */
function whatNext(schedule: Schedule): string {
  if (schedule.properties.isEnabled === false) return 'disabled';
  const next = factOf(schedule, 'next');
  return next ? `next ${clockTime(next)}` : factOf(schedule, 'note') ? 'does not run here' : 'no time to come';
}

/** Names and messages come from outside: they are text here, never Markdown. */
function tooltip(schedule: Schedule): MarkdownString {
  const { name, properties } = schedule;
  const text = new MarkdownString('', true)
    .appendMarkdown('**')
    .appendText(properties.displayName || name)
    .appendMarkdown('**');
  const row = (label: string, value: string | undefined) => {
    if (value) text.appendMarkdown(`\n\n${label}: `).appendText(value);
  };
  const error = factOf(schedule, 'error');
  if (error) text.appendMarkdown('\n\n$(warning) Its last job was refused. ').appendText(error);
  const next = factOf(schedule, 'next');
  row('When', triggerText(properties.trigger));
  row('Next', properties.isEnabled === false ? 'never: it is disabled' : next && clockTime(next));
  row('Last job', factOf(schedule, 'lastJob'));
  row('Missed', factOf(schedule, 'skipped'));
  row('Note', factOf(schedule, 'note'));
  row('Description', properties.description);
  row('Name', name);
  return text;
}
