import path from 'node:path';
import { formatBytes } from '../../base/text.ts';
import { takeDataFolder } from '../../plane/takeDataFolder.ts';
import { backupStore, restoreStore } from '../../store/maintenance/backupStore.ts';
import { checkStore } from '../../store/maintenance/checkStore.ts';
import { DatabaseFile } from '../../store/sqlite/databaseFile.ts';
import { openSqliteStore } from '../../store/sqlite/sqliteStore.ts';
import type { Command } from '../command.ts';
import { dataFolder } from '../connect.ts';
import { required } from '../options.ts';
import { factLines, print } from '../print.ts';

export const storeCheckCommand: Command = {
  name: 'store check',
  summary: 'Reads the whole store and says what is wrong with it. The control plane may run. Exits with 1 when something is.',
  usage: '[--contents] [--data DIR]',
  options: { contents: { type: 'boolean' } },
  async run(parsed) {
    const check = await checkStore(dataFolder(parsed), Boolean(parsed.values.contents));
    print(parsed, check, () =>
      [
        factLines([
          ['data folder', dataFolder(parsed)],
          ['jobs', String(check.jobs)],
          ['metrics', `${check.points} points, ${check.series} long series`],
          ['files', String(check.blobs)],
          ['database', formatBytes(check.bytes)],
        ]),
        '',
        check.problems.length ? check.problems.join('\n') : 'Everything is as it should be.',
      ].join('\n'),
    );
    return check.problems.length ? 1 : 0;
  },
};

export const storeCompactCommand: Command = {
  name: 'store compact',
  summary: 'Packs metrics anew and gives free space back to the disk. The control plane must not run.',
  usage: '[--data DIR]',
  options: {},
  async run(parsed) {
    const folder = dataFolder(parsed);
    DatabaseFile.open(folder).close();
    const claim = takeDataFolder(folder);
    try {
      const { store, metrics, size } = openSqliteStore(folder);
      const before = size();
      try {
        await metrics.maintain('compact');
        const after = size();
        print(parsed, { before, after }, () => `The database has ${formatBytes(after)} now, after ${formatBytes(before)}.`);
      } finally {
        await store.close();
      }
    } finally {
      claim.release();
    }
  },
};

export const storeBackupCommand: Command = {
  name: 'store backup',
  summary: 'Copies the store to a new folder. The control plane may run.',
  usage: 'FOLDER [--data DIR]',
  options: { folder: { type: 'string' } },
  async run(parsed) {
    const target = path.resolve(required(parsed, 'folder'));
    const { bytes, blobs } = await backupStore(dataFolder(parsed), target);
    print(
      parsed,
      { folder: target, bytes, blobs },
      () => `${target} holds the database (${formatBytes(bytes)}), ${blobs} files and the logs.`,
    );
  },
};

export const storeRestoreCommand: Command = {
  name: 'store restore',
  summary: 'Puts a backup into the data folder, after checking it. The control plane must not run.',
  usage: 'FOLDER [--replace] [--data DIR]',
  options: { folder: { type: 'string' }, replace: { type: 'boolean' } },
  async run(parsed) {
    const source = path.resolve(required(parsed, 'folder'));
    const folder = dataFolder(parsed);
    const claim = takeDataFolder(folder);
    try {
      const { check, moved } = await restoreStore(source, folder, Boolean(parsed.values.replace));
      print(parsed, { folder, moved, ...check }, () =>
        [`${folder} holds ${check.jobs} jobs again.`, ...(moved ? [`What was there before is in ${moved}.`] : [])].join('\n'),
      );
    } finally {
      claim.release();
    }
  },
};
