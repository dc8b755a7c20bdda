import { UserError } from '../base/userError.ts';

/**
 * Tables with a column `workspace`, each with the columns that identify a row within one. A purge removes these rows. The table of jobs is not listed, nor tables with a job's number: a purge removes job by job. The
 * change log is not listed either: it names what changed without its content, and drops old lines by itself.
 */
export const workspaceTables: readonly (readonly [table: string, ...columns: string[]])[] = [
  ['resources', 'kind', 'name', 'version'],
  ['experiments', 'id'],
  ['entities', 'kind', 'id'],
  ['spans', 'trace', 'id'],
  ['model_metrics', 'model', 'key', 'at', 'step', 'run'],
  ['blobs', 'container', 'path'],
  ['run_time', '"user"', 'day'],
  ['storage', '"user"'],
  ['runners', 'id'],
];

/** Removes some rows of a table; `workspace` and `most` stand for the two values. */
export const purgeSql = ([table, ...columns]: (typeof workspaceTables)[number], workspace: string, most: string): string =>
  `DELETE FROM ${table} WHERE workspace = ${workspace} AND (${columns.join(', ')}) IN (SELECT ${columns.join(', ')} FROM ${table} WHERE workspace = ${workspace} LIMIT ${most})`;

/** What a write is answered that comes too late. */
export const workspaceGone = (workspace: string): UserError =>
  new UserError('NotFound', `The workspace "${workspace}" was deleted; nothing of this request was kept.`);
