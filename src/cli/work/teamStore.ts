import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writePrivately } from '../../plane/lock.ts';
import { auditPlace, verifyAudit } from '../../server/audit/auditLog.ts';
import type { Blobs } from '../../store/blobs.ts';
import { BlobFolder } from '../../store/folder/blobFolder.ts';
import { checkTeam } from '../../store/maintenance/checkTeam.ts';
import { partFolders } from '../../store/maintenance/storeParts.ts';
import { type BackedUp, backupTeam, restoreTeam } from '../../store/maintenance/teamBackup.ts';
import { dataFolder } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import type { Parsed } from '../parsed.ts';
import type { TeamPlaces } from '../teamPlaces.ts';
import { factLines } from '../textParts.ts';

/** Says what is wrong with a plane in PostgreSQL and with its contents; exits with 1 when something is. */
export async function checkTeamStore(parsed: Parsed, { database, bucket }: TeamPlaces): Promise<Outcome> {
  const found = await withBlobs(parsed, bucket, (blobs) =>
    checkTeam({
      database,
      blobs,
      contents: Boolean(parsed.values.contents),
      audit: (inWorkspace) => verifyAudit(inWorkspace(auditPlace)),
    }),
  );
  return {
    value: found,
    exitCode: found.problems.length ? 1 : 0,
    text: () =>
      [
        factLines([
          ['database', nameOf(database.url, database.schema)],
          ['contents', placeOf(parsed, bucket)],
          ['jobs', String(found.jobs)],
          ['metrics', `${found.points} points, ${found.series} long series`],
          ['changes', String(found.changes)],
          ['audit', `${found.auditLines} lines`],
          ['files', `${found.blobs}${parsed.values.contents ? ', each read' : ''}`],
        ]),
        '',
        found.problems.length ? found.problems.join('\n') : 'Everything is as it should be.',
      ].join('\n'),
  };
}

export async function backupTeamStore(parsed: Parsed, { database, bucket }: TeamPlaces, target: string): Promise<Outcome> {
  const done = await withBlobs(parsed, bucket, (blobs) => backupTeam(database, blobs, target));
  return { value: { folder: target, ...done }, text: () => `${target} holds ${partsOf(done)}.` };
}

export async function restoreTeamStore(parsed: Parsed, { database, bucket }: TeamPlaces, source: string): Promise<Outcome> {
  const contentsAt = bucket?.url ?? `the folder of the server ${serverOf(dataFolder(parsed))}`;
  const done = await withBlobs(parsed, bucket, (blobs) => restoreTeam(source, database, blobs, contentsAt));
  return {
    value: { database: nameOf(database.url, database.schema), ...done },
    text: () =>
      `${nameOf(database.url, database.schema)} holds ${partsOf(done)} again. Start the servers: editors, pages and runners read everything anew.`,
  };
}

const partsOf = ({ rows, tables, blobs }: BackedUp): string => `${rows} rows of ${tables} tables, and ${blobs} files`;

/** Without what opens it. */
function nameOf(url: string, schema: string): string {
  const { host, pathname } = new URL(url);
  return `${decodeURIComponent(host)}${pathname} (schema ${schema})`;
}

const placeOf = (parsed: Parsed, bucket: TeamPlaces['bucket']): string => bucket?.url ?? path.join(dataFolder(parsed), partFolders.blobs);

/** Contents where the plane has them. Those of a bucket pass through a folder that is removed afterwards. */
async function withBlobs<T>(parsed: Parsed, bucket: TeamPlaces['bucket'], work: (blobs: Blobs) => Promise<T>): Promise<T> {
  if (!bucket) return work(new BlobFolder(placeOf(parsed, bucket)));
  const [{ openBucket }, { S3Blobs }] = await Promise.all([import('../../store/s3/bucket.ts'), import('../../store/s3/s3Blobs.ts')]);
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-contents-'));
  try {
    return await work(new S3Blobs(openBucket(bucket), new BlobFolder(folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By which a plane knows the server whose data folder has its contents. */
function serverOf(folder: string): string {
  const file = path.join(folder, 'server');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writePrivately(file, randomUUID());
  return readFileSync(file, 'utf8').trim();
}
