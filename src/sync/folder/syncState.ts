import { check } from '../../protocol/check.ts';
import { SyncState } from '../../protocol/sync.ts';
import { readJson } from './readJson.ts';
import type { SyncFolder } from './syncFolder.ts';

/** What the process that sends has last said of itself; undefined where there never was one. It may be gone: ask `isAlive` of its `process`. */
export const readState = ({ state }: SyncFolder): SyncState | undefined =>
  readJson(state, (value) => check(SyncState, value, 'It'), 'Delete it: it is written anew.');
