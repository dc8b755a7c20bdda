import path from 'node:path';
import { formatBytes } from '../../base/text.ts';
import { takeDataFolder } from '../../plane/takeDataFolder.ts';
import { backupStore, restoreStore } from '../../store/maintenance/backupStore.ts';
import { checkStore } from '../../store/maintenance/checkStore.ts';
import { expectOwnDatabase } from '../../store/maintenance/storeParts.ts';
import { DatabaseFile } from '../../store/sqlite/databaseFile.ts';
import { openSqliteStore } from '../../store/sqlite/sqliteStore.ts';
import { dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required } from '../parsed.ts';
import { teamPlaces } from '../teamPlaces.ts';
import { factLines } from '../textParts.ts';

const teamParts = () => import('./teamStore.ts');

export async function check(parsed: Parsed): Promise<Outcome> {
  const team = teamPlaces(parsed);
  if (team) return (await teamParts()).checkTeamStore(parsed, team);
  const found = await checkStore(dataFolder(parsed), Boolean(parsed.values.contents));
  return {
    value: found,
    exitCode: found.problems.length ? 1 : 0,
    text: () =>
      [
        factLines([
          ['data folder', dataFolder(parsed)],
          ['jobs', String(found.jobs)],
          ['metrics', `${found.points} points, ${found.series} long series`],
          ['files', String(found.blobs)],
          ['database', formatBytes(found.bytes)],
        ]),
        '',
        found.problems.length ? found.problems.join('\n') : 'Everything is as it should be.',
      ].join('\n'),
  };
}

export async function compact(parsed: Parsed): Promise<Outcome> {
  const folder = dataFolder(parsed);
  expectOwnDatabase(folder);
  DatabaseFile.open(folder).close();
  const claim = takeDataFolder(folder);
  try {
    const { store, metrics, size } = openSqliteStore(folder);
    const before = size();
    try {
      await metrics.maintain('compact');
      const after = size();
      return { value: { before, after }, text: () => `The database has ${formatBytes(after)} now, after ${formatBytes(before)}.` };
    } finally {
      await store.close();
    }
  } finally {
    claim.release();
  }
}

export async function backup(parsed: Parsed): Promise<Outcome> {
  const target = path.resolve(required(parsed, 'folder'));
  const team = teamPlaces(parsed);
  if (team) return (await teamParts()).backupTeamStore(parsed, team, target);
  const { bytes, blobs } = await backupStore(dataFolder(parsed), target);
  return {
    value: { folder: target, bytes, blobs },
    text: () => `${target} holds the database (${formatBytes(bytes)}), ${blobs} files and the logs.`,
  };
}

export async function restore(parsed: Parsed): Promise<Outcome> {
  const source = path.resolve(required(parsed, 'folder'));
  const team = teamPlaces(parsed);
  if (team) return (await teamParts()).restoreTeamStore(parsed, team, source);
  const folder = dataFolder(parsed);
  const claim = takeDataFolder(folder);
  try {
    const { check, moved } = await restoreStore(source, folder, Boolean(parsed.values.replace));
    return {
      value: { folder, moved, ...check },
      text: () => [`${folder} holds ${check.jobs} jobs again.`, ...(moved ? [`What was there before is in ${moved}.`] : [])].join('\n'),
    };
  } finally {
    claim.release();
  }
}
