import { mapParallel } from '../../base/parallel.ts';
import { messageOf } from '../../base/userError.ts';
import { sha256OfStream } from '../../files/hash.ts';
import type { Blobs } from '../blobs.ts';
import type { EntityReader } from '../entities.ts';
import type { PostgresPlace } from '../postgres/connection.ts';
import { PostgresEntityReader } from '../postgres/entities/postgresEntities.ts';
import { checkRows, type DatabaseFound, type NamedContent, namedContents } from '../postgres/maintenance/checkDatabase.ts';
import { inPresentSnapshot } from '../postgres/maintenance/snapshot.ts';

/** Contents that are asked for at the same time. */
const parallel = 16;

export interface TeamCheck extends DatabaseFound {
  /** Contents that have a name. */
  blobs: number;
  auditLines: number;
}

export interface TeamCheckOptions {
  database: PostgresPlace;
  blobs: Blobs;
  /** Reads every content too, and compares it with its SHA-256. */
  contents: boolean;
  /** Looks at the audit log, of which entities are read as one workspace has them. */
  audit: (inWorkspace: (workspace: string) => EntityReader) => Promise<{ lines: number; problems: string[] }>;
}

/** Looks at all that a plane has in PostgreSQL, and at the contents that it names; changes nothing. Servers may go on. */
export async function checkTeam({ database, blobs, contents, audit }: TeamCheckOptions): Promise<TeamCheck> {
  const { found, named } = await inPresentSnapshot(database, async ({ rows }) => {
    const checked = await checkRows(rows);
    const chain = await audit((workspace) => new PostgresEntityReader(rows, workspace));
    checked.problems.push(...chain.problems.map((problem) => `audit log: ${problem}`));
    const all = await namedContents(rows);
    return { found: { ...checked, blobs: all.length, auditLines: chain.lines }, named: all };
  });
  const wrong: { content: NamedContent; problem: string }[] = [];
  await mapParallel(named, parallel, async (content) => {
    const problem = await problemOf(content, blobs, contents);
    if (problem) wrong.push({ content, problem });
  });
  if (wrong.length > 0) {
    // What lost its name meanwhile may be gone by right.
    const still = await inPresentSnapshot(database, async ({ rows }) => new Set((await namedContents(rows)).map(({ sha256 }) => sha256)));
    for (const { content, problem } of wrong)
      if (still.has(content.sha256)) found.problems.push(`file "${content.name}": ${problem} (${content.sha256})`);
  }
  return found;
}

async function problemOf({ sha256, size }: NamedContent, blobs: Blobs, contents: boolean): Promise<string | undefined> {
  const actual = await blobs.size(sha256);
  if (actual === undefined) return 'its content is missing';
  if (actual !== size) return `${actual} bytes instead of ${size}`;
  if (!contents) return undefined;
  try {
    return (await sha256OfStream(await blobs.read(sha256))) === sha256 ? undefined : 'its content was changed';
  } catch (error) {
    return `its content can't be read: ${messageOf(error)}`;
  }
}
