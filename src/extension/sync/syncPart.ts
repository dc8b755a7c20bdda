import { commands, window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import { messageOf } from '../../base/userError.ts';
import { placeIn, type SyncOverview, standingOf } from '../../sync/folder/overview.ts';
import { OverviewWatch } from '../../sync/folder/overviewWatch.ts';
import { syncFolderOf } from '../../sync/folder/syncFolder.ts';
import type { KnownPlanes } from '../state/planes/knownPlanes.ts';
import type { Sessions } from '../state/planes/sessions.ts';
import { clockTime } from '../views/jobItem.ts';
import { TreeProvider } from '../views/tree.ts';
import { startSender } from './sender.ts';
import { syncStatusItem } from './syncStatusItem.ts';
import { syncTree } from './syncTree.ts';

export interface SyncPartOptions {
  extensionFolder: string;
  /** The data folder of this machine, and the setting that says which it is. */
  dataFolder(): string;
  dataFolderSetting(): string;
  known: KnownPlanes;
  sessions: Sessions;
  logger: Logger;
}

/** The Sync view, its item in the status bar, and the process that sends, where there is something to send. */
export function syncPart({ extensionFolder, dataFolder, dataFolderSetting, known, sessions, logger }: SyncPartOptions): Disposable {
  const subscriptions = new DisposableStore();
  const keep = <T extends Disposable>(item: T): T => subscriptions.add(item);
  const onError = (error: unknown) => logger.error(messageOf(error));
  const watch = keep(new OverviewWatch(syncFolderOf(dataFolder())));
  const nameOf = (plane: string) => known.nameOf(plane);
  const view = keep(
    window.createTreeView('updraft.sync', {
      treeDataProvider: keep(new TreeProvider(syncTree(watch, nameOf), onError)),
      showCollapseAll: true,
    }),
  );
  const update = () => {
    const { overview, error } = watch;
    view.message = overview ? messageFor(overview, nameOf) : messageOf(error).replaceAll('\n', ' ');
    commands.executeCommand('setContext', 'updraft.syncIsPaused', overview?.settings.isPaused ?? false).then(undefined, onError);
  };
  keep(watch.onDidChange(update));
  update();
  keep(syncStatusItem(watch));
  const hasWork = ({ waiting, following, settings }: SyncOverview) =>
    (waiting.length > 0 || following.length > 0 || settings.kept.length > 0) && !settings.isPaused;
  const start = (anew: boolean) =>
    aside('the process that sends', startSender({ extensionFolder, dataFolder: dataFolderSetting(), sessions }, anew), logger);
  // After a restart of the machine nobody else would start it.
  if (watch.overview && hasWork(watch.overview) && !watch.overview.isRunning) start(false);
  // Who started the process may have known fewer sessions than this editor has.
  const given = new Set<string>();
  const giveSessions = async ({ places }: SyncOverview) => {
    for (const { plane, state } of places) {
      const session = state === 'signedOut' ? await sessions.of(plane) : undefined;
      if (!session || given.has(session.token)) continue;
      given.add(session.token);
      start(true);
    }
  };
  keep(watch.onDidChange(() => aside('the sessions of this editor', watch.overview && giveSessions(watch.overview), logger)));
  keep(sessions.onDidChange(() => watch.overview && hasWork(watch.overview) && start(true)));
  return subscriptions;
}

/** What stands above the rows. */
function messageFor(overview: SyncOverview, nameOf: (plane: string) => string): string | undefined {
  const { trouble, settings, waiting } = overview;
  switch (standingOf(overview)) {
    case 'trouble':
      return trouble;
    case 'offline': {
      const place = placeIn(overview, 'away')!;
      return `${place.plane === 'local' ? 'The control plane of this machine' : nameOf(place.plane)} has not answered since ${clockTime(place.since)}. Trying again…`;
    }
    case 'signedOut':
      return placeIn(overview, 'refused')?.message;
    case 'paused':
      return 'Sending is paused.';
    case 'hours':
      return settings.hours && `Sending goes on at ${settings.hours.from}:00. “Send Now” does not wait.`;
    case 'stopped':
      return waiting.length > 0 ? 'Nothing is sent now. “Send Now” goes on.' : undefined;
    default:
      return undefined;
  }
}
