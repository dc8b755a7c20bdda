import { createHash } from 'node:crypto';

/** What is locked by name, for all processes of a plane: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS. Schemas of one database have locks of their own. */
export const lockKey = (schema: string, what: string): string =>
  createHash('sha256').update(`updraft\n${schema}\n${what}`).digest().readBigInt64BE().toString();
