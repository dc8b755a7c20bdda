import { existsSync } from 'node:fs';
import { commands } from 'vscode';
import { aside } from '../../base/aside.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import { syncFolderOf } from '../../sync/folder/syncFolder.ts';
import type { KnownPlanes } from '../state/planes/knownPlanes.ts';
import type { SyncPartOptions } from './syncPart.ts';

/** Loads what is about sending jobs to other planes once there is another plane, or something was sent. Who has neither pays nothing for it. */
export function whenSyncing(known: KnownPlanes, part: SyncPartOptions, logger: Logger): Disposable {
  const subscriptions = new DisposableStore();
  const load = async () => {
    const { syncPart } = await import('./syncPart.ts');
    subscriptions.add(syncPart(part));
    await commands.executeCommand('setContext', 'updraft.hasSync', true);
  };
  let isLoaded = false;
  const look = () => {
    if (isLoaded || (known.all.length === 0 && !existsSync(syncFolderOf(part.dataFolder()).journal))) return;
    isLoaded = true;
    aside('the Sync view', load(), logger);
  };
  subscriptions.add(known.onDidChange(look));
  // After the start, which this would make longer.
  const soon = setImmediate(look);
  subscriptions.add({ dispose: () => clearImmediate(soon) });
  return subscriptions;
}
