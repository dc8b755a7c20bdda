import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { Emitter } from '../../base/event.ts';
import { formatBytes } from '../../base/text.ts';
import type { KeptSelection, SendingJob, SyncPlaceState } from '../../protocol/sync.ts';
import { isSamePlace, type JournalEntry, type Place } from '../../sync/folder/journalEntry.ts';
import type { OverviewWatch } from '../../sync/folder/overviewWatch.ts';
import { selectionText } from '../../sync/folder/selections.ts';
import { clockTime } from '../views/jobItem.ts';
import type { Tree } from '../views/tree.ts';

/** Jobs that were sent, which are listed. */
const mostSent = 50;

type GroupName = 'sending' | 'waiting' | 'refused' | 'kept' | 'sent';
export interface SyncGroup {
  readonly kind: 'group';
  readonly name: GroupName;
}
export interface SyncJobNode {
  readonly kind: 'syncJob';
  readonly group: SyncGroup;
  entry: JournalEntry;
  sending: SendingJob | undefined;
}
export interface KeptNode {
  readonly kind: 'kept';
  readonly selection: KeptSelection;
  readonly group: SyncGroup;
}
/** A plane to sign in to. */
export interface SignInNode {
  readonly kind: 'signIn';
  readonly place: SyncPlaceState;
}
export type SyncNode = SyncGroup | SyncJobNode | KeptNode | SignInNode;

const titles: Record<GroupName, string> = {
  sending: 'On Its Way',
  waiting: 'Waiting',
  refused: 'Refused',
  kept: 'Kept in Sync',
  sent: 'Sent',
};
const groups = Object.fromEntries(Object.keys(titles).map((name) => [name, { kind: 'group', name }])) as Record<GroupName, SyncGroup>;

/** What is on its way to another plane, waits, was refused, is kept in sync, and was sent. */
export function syncTree(watch: OverviewWatch, nameOf: (plane: string) => string): Tree<SyncNode> {
  const changes = new Emitter<SyncNode | undefined>();
  watch.onDidChange(() => changes.fire(undefined));
  const jobs = new Map<string, SyncJobNode>();
  const text = ({ plane, workspace }: Place): string => {
    const name = plane === 'local' ? 'this machine' : nameOf(plane);
    return workspace ? `${workspace} (${name})` : name;
  };
  const jobNode = (group: SyncGroup, entry: JournalEntry, sending?: SendingJob): SyncJobNode => {
    const key = JSON.stringify([group.name, entry.job, entry.from, entry.to]);
    const node = jobs.get(key) ?? { kind: 'syncJob', group, entry, sending };
    node.entry = entry;
    node.sending = sending;
    jobs.set(key, node);
    return node;
  };
  const isSending = (entry: JournalEntry): SendingJob | undefined =>
    watch.overview?.sending.find(({ job, from, to }) => job === entry.job && isSamePlace(from, entry.from) && isSamePlace(to, entry.to));

  function inGroup(group: SyncGroup): SyncNode[] {
    const { overview } = watch;
    if (!overview) return [];
    const { refused, sent, settings } = overview;
    const left = [...overview.waiting, ...overview.following];
    switch (group.name) {
      case 'sending':
        return left.flatMap((entry) => {
          const sending = isSending(entry);
          return sending ? [jobNode(group, entry, sending)] : [];
        });
      case 'waiting':
        return left.filter((entry) => !isSending(entry)).map((entry) => jobNode(group, entry));
      case 'refused':
        return refused.map((entry) => jobNode(group, entry));
      case 'kept':
        return settings.kept.map((selection): KeptNode => ({ kind: 'kept', selection, group }));
      case 'sent':
        return [...sent]
          .sort((a, b) => b.at.localeCompare(a.at))
          .slice(0, mostSent)
          .map((entry) => jobNode(group, entry));
    }
  }

  function describe({ group, entry, sending }: SyncJobNode): string {
    const to = `to ${text(entry.to)}`;
    if (entry.state === 'following' && sending) return `${to} · as it runs · ${formatBytes(sending.bytes)}`;
    if (sending) return `${formatBytes(sending.bytes)} · ${formatBytes(sending.bytesPerSecond)}/s · ${to}`;
    if (group.name === 'refused') return entry.reason ?? '';
    return group.name === 'sent' ? `${to} · ${clockTime(entry.at)}` : to;
  }

  function jobItem(node: SyncJobNode): TreeItem {
    const { group, entry } = node;
    const item = new TreeItem(entry.job, TreeItemCollapsibleState.None);
    item.id = `sync:${group.name}:${entry.job}:${text(entry.from)}:${text(entry.to)}`;
    item.description = describe(node);
    item.contextValue = `sync;${group.name}`;
    item.iconPath = icons[group.name];
    item.tooltip = new MarkdownString()
      .appendMarkdown('**')
      .appendText(entry.job)
      .appendMarkdown('**\n\n')
      .appendText(`From ${text(entry.from)} to ${text(entry.to)}, ${clockTime(entry.at)}`);
    if (entry.reason) item.tooltip.appendMarkdown('\n\n').appendText(entry.reason);
    item.accessibilityInformation = { label: `${entry.job}, ${titles[group.name]}, ${item.description}` };
    return item;
  }

  function item(node: SyncNode): TreeItem {
    if (node.kind === 'syncJob') return jobItem(node);
    if (node.kind === 'group') {
      const { Collapsed, Expanded } = TreeItemCollapsibleState;
      const group = new TreeItem(titles[node.name], node.name === 'sent' ? Collapsed : Expanded);
      group.id = `sync:${node.name}`;
      group.description = String(node.name === 'sent' ? (watch.overview?.sent.length ?? 0) : inGroup(node).length);
      group.contextValue = 'sync;group';
      return group;
    }
    if (node.kind === 'signIn') {
      const signIn = new TreeItem(`Sign In to ${nameOf(node.place.plane)}…`, TreeItemCollapsibleState.None);
      signIn.iconPath = new ThemeIcon('sign-in');
      signIn.tooltip = node.place.message;
      signIn.command = { command: 'updraft.plane.signIn', title: 'Sign In', arguments: [node.place.plane] };
      return signIn;
    }
    const { selection } = node;
    const kept = new TreeItem(selection.experiment ?? selection.tag ?? '', TreeItemCollapsibleState.None);
    kept.description = `${selection.experiment === undefined ? 'tag' : 'experiment'} · to ${text(selection.to)}`;
    kept.iconPath = new ThemeIcon(selection.experiment === undefined ? 'tag' : 'beaker');
    kept.contextValue = 'sync;kept';
    kept.tooltip = `Each job of the ${selectionText(selection)} is sent from ${text(selection.from)} to ${text(selection.to)} as it runs.`;
    return kept;
  }

  return {
    onDidChange: changes.event,
    async children(node) {
      if (watch.error !== undefined) throw watch.error;
      if (node?.kind === 'group') return inGroup(node);
      if (node) return [];
      const places = watch.overview?.places.filter(({ state, plane }) => state === 'signedOut' && plane !== 'local') ?? [];
      const signIns = places.filter(({ plane }, at) => places.findIndex((each) => each.plane === plane) === at);
      return [
        ...signIns.map((place): SignInNode => ({ kind: 'signIn', place })),
        ...Object.values(groups).filter((group) => inGroup(group).length > 0),
      ];
    },
    item,
    parent: (node) => (node.kind === 'syncJob' || node.kind === 'kept' ? node.group : undefined),
  };
}

const icons: Record<GroupName, ThemeIcon> = {
  sending: new ThemeIcon('sync~spin', new ThemeColor('updraft.statusRunning')),
  waiting: new ThemeIcon('clock', new ThemeColor('updraft.statusWaiting')),
  refused: new ThemeIcon('error', new ThemeColor('updraft.statusFailed')),
  kept: new ThemeIcon('sync'),
  sent: new ThemeIcon('pass', new ThemeColor('updraft.statusCompleted')),
};
