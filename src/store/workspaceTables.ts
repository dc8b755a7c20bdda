import { UserError } from '../base/userError.ts';

/**
 * The tables whose rows belong to a workspace, each with the columns that tell its rows apart within one. Jobs are not among them, nor what is kept by a job's own number. The change log is none either: it says what
 * happened, without what was in it, and forgets by itself.
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
