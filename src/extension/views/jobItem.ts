import { MarkdownString, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { formatDuration, shortened } from '../../base/text.ts';
import { originOf } from '../../protocol/copiedJob.ts';
import { hasWork, isPipeline, isTerminal, type Job, jobProperty, titleOf } from '../../protocol/job.ts';
import { hasChildren } from '../../protocol/jobTypes.ts';
import type { Figures } from '../state/jobFigures.ts';
import { metricFacts } from './jobFacts.ts';
import { jobIcon } from './jobIcon.ts';

/** Milliseconds a job has run or ran; undefined before it began. */
export function durationOf({ properties: { startedAt, endedAt } }: Job, now = Date.now()): number | undefined {
  return startedAt ? Math.max(0, (endedAt ? Date.parse(endedAt) : now) - Date.parse(startedAt)) : undefined;
}

/**
 * A job's row in a tree. Menus are chosen by its `contextValue`, which begins with `job;active`, `job;elsewhere` (it runs on another control plane, and is not canceled here) or `job;ended`, then `;pipeline` or `;command`. Each of these follows
 * where it is true: `;work` (the job has something to run), `;archived`, `;step`, `;failed`.
 */
export function jobItem(
  job: Job,
  { withExperiment = false, isOpen = false, figures }: { withExperiment?: boolean; isOpen?: boolean; figures?: Figures | undefined } = {},
): TreeItem {
  const { properties } = job;
  const { Collapsed, Expanded, None } = TreeItemCollapsibleState;
  const item = new TreeItem(titleOf(job), !hasChildren(job) ? None : isOpen ? Expanded : Collapsed);
  item.id = `job:${job.name}`;
  item.iconPath = jobIcon(properties.status);
  item.description = [describe(job, figures), withExperiment ? properties.experimentName : undefined].filter(Boolean).join(' · ');
  const ended = isTerminal(properties.status ?? 'Unknown');
  item.contextValue = [
    'job',
    ended ? 'ended' : originOf(properties) === undefined ? 'active' : 'elsewhere',
    isPipeline(job) ? 'pipeline' : 'command',
    ...(hasWork(job) ? ['work'] : []),
    ...(properties.isArchived ? ['archived'] : []),
    ...(properties.parentJobName ? ['step'] : []),
    ...(properties.status === 'Failed' ? ['failed'] : []),
  ].join(';');
  item.command = { command: 'updraft.job.open', title: 'Open', arguments: [job.name] };
  item.accessibilityInformation = { label: `${titleOf(job)}, ${properties.status ?? 'unknown'}, ${item.description}` };
  return item;
}

/** Metrics that a row has room for, and characters of the name of one. */
const rowMetrics = 2;
const mostCharacters = 24;

function describe(job: Job, figures: Figures | undefined): string {
  const { properties } = job;
  const metrics = metricFacts(job, figures)
    .slice(0, rowMetrics)
    .map(([name, value]) => `${shortened(plainText(name), mostCharacters)} ${value}`);
  const duration = durationOf(job);
  const began = properties.startedAt ?? job.systemData?.createdAt;
  if (isTerminal(properties.status ?? 'Unknown')) {
    const reused = properties.properties?.[jobProperty.isReused] === 'true';
    const how = reused ? 'reused' : duration === undefined ? '' : formatDuration(duration);
    return [...metrics, how, began && clockTime(began)].filter(Boolean).join(' · ');
  }
  // The time it takes would stand still here: trees are drawn when something happens, not every second.
  const now = properties.progress ?? (properties.status === 'Running' && began ? `since ${clockTime(began)}` : (properties.status ?? ''));
  return [...(properties.progress ? [now, ...metrics] : [...metrics, now])].join(' · ');
}

/** `14:05` today, else `3 Nov 14:05`, in the user's own manner. */
export function clockTime(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const time = date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return date.toDateString() === now.toDateString()
    ? time
    : `${date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })} ${time}`;
}

/** Facts of a kind that a tooltip lists. */
const mostFacts = 8;
/** Text on one line. */
const plainText = (text: string): string => text.replace(/\s+/g, ' ');

/** What the pointer sees. Names come from outside: they are text here, never Markdown. */
export function jobTooltip(
  job: Job,
  { figures, params = [] }: { figures?: Figures | undefined; params?: readonly (readonly [name: string, value: string])[] } = {},
): MarkdownString {
  const { properties } = job;
  const facts = properties.properties ?? {};
  const text = new MarkdownString('', true);
  const row = (label: string, value: string | undefined) => {
    if (value) text.appendMarkdown(`\n\n${label}: `).appendText(value);
  };
  const list = (label: string, facts: readonly (readonly [string, string])[]) => {
    if (facts.length === 0) return;
    text.appendMarkdown(`\n\n${label}:\n`);
    for (const [name, value] of facts.slice(0, mostFacts))
      text.appendMarkdown('\n- ').appendText(`${shortened(plainText(name), 60)}: ${shortened(plainText(value), 60)}`);
    if (facts.length > mostFacts) text.appendMarkdown(`\n- ${facts.length - mostFacts} more`);
  };
  text
    .appendMarkdown('**')
    .appendText(titleOf(job))
    .appendMarkdown('** ')
    .appendText(properties.status ?? '');
  if (properties.error) text.appendMarkdown('\n\n$(error) ').appendText(properties.error.message);
  else if (properties.progress) text.appendMarkdown('\n\n').appendText(properties.progress);
  list('Metrics', metricFacts(job, figures));
  list('Parameters that differ', params);
  const duration = durationOf(job);
  row('Duration', duration === undefined ? undefined : formatDuration(duration));
  row('Experiment', properties.experimentName);
  row('Reused from', facts[jobProperty.reusedFrom]);
  const commit = facts[jobProperty.gitCommit];
  row(
    'Commit',
    commit &&
      `${commit.slice(0, 8)}${facts[jobProperty.gitBranch] ? ` on ${facts[jobProperty.gitBranch]}` : ''}${facts[jobProperty.gitDirty] === 'true' ? ', with changes' : ''}`,
  );
  row(
    'Tags',
    Object.entries(properties.tags ?? {})
      .map(([key, value]) => (value ? `${key}=${value}` : key))
      .join(', '),
  );
  row('Description', properties.description ?? undefined);
  row('Id', job.name);
  return text;
}
