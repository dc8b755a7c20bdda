import { spawn } from 'node:child_process';
import { mkdirSync, watch } from 'node:fs';
import type { SyncState } from '../../src/protocol/sync.ts';
import type { SyncOverview } from '../../src/sync/folder/overview.ts';
import { readOverview } from '../../src/sync/folder/readOverview.ts';
import { syncFolderOf } from '../../src/sync/folder/syncFolder.ts';
import { readState } from '../../src/sync/folder/syncState.ts';
import { bundle } from './updraft.ts';

/** The built `updraft sync run` in a process of its own, to be killed. */
export interface SyncProcess {
  /** Settles when it has said something. */
  said(what: RegExp): Promise<void>;
  /** SIGKILL, at once; settles when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; settles when the process is gone. */
  stop(): Promise<void>;
}

export async function startSyncProcess(home: string, environment: NodeJS.ProcessEnv): Promise<SyncProcess> {
  const child = spawn(process.execPath, [bundle, 'sync', 'run'], {
    env: { ...process.env, UPDRAFT_HOME: home, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const heard = new Set<() => void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    for (const each of heard) each();
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([
    syncWhen(home, (_overview, state) => state?.process?.pid === child.pid),
    ended.then(() => {
      throw new Error(`sync run ended: ${log}`);
    }),
  ]);
  const signal = async (name: NodeJS.Signals) => {
    child.kill(name);
    await ended;
  };
  const said = (what: RegExp) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!what.test(log)) return;
        heard.delete(look);
        resolve();
      };
      heard.add(look);
      look();
    });
  return { said, kill: () => signal('SIGKILL'), stop: () => signal('SIGTERM') };
}

/** Waits until something holds of what the files of a data folder say of sending; answers that. */
export function syncWhen(home: string, test: (overview: SyncOverview, state: SyncState | undefined) => boolean): Promise<SyncOverview> {
  const folder = syncFolderOf(home);
  mkdirSync(folder.path, { recursive: true });
  return new Promise((resolve, reject) => {
    const watcher = watch(folder.path, () => look());
    const look = () => {
      try {
        const overview = readOverview(folder);
        if (!test(overview, readState(folder))) return;
        watcher.close();
        resolve(overview);
      } catch (error) {
        watcher.close();
        reject(error);
      }
    };
    look();
  });
}
