import type { StatementSync } from 'node:sqlite';

/** Gives the prepared statement of a text, the same one each time. */
export type Prepare = (sql: string) => StatementSync;
export type Row = Record<string, any>;
