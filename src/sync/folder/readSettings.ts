import { check } from '../../protocol/check.ts';
import { SyncSettings, syncFormat } from '../../protocol/sync.ts';
import { readJson } from './readJson.ts';
import type { SyncFolder } from './syncFolder.ts';

const atFirst: SyncSettings = { format: syncFormat, isPaused: false, kept: [] };

/** What a person has said of sending. Throws where the file is none of ours. */
export const readSettings = ({ settings }: SyncFolder): SyncSettings =>
  readJson(settings, (value) => check(SyncSettings, value, 'It'), 'Delete it, and say again what is to be kept in sync.') ?? atFirst;
