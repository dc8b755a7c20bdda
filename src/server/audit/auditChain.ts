import { createHash } from 'node:crypto';
import type { AuditLine } from '../../protocol/audit.ts';

/** What the first line follows. */
export const noHash = '0'.repeat(64);

/** The hash of a line, see `AuditLine`. */
export function hashOf(line: Omit<AuditLine, 'hash'>): string {
  return createHash('sha256').update(line.previous).update(canonical(line)).digest('hex');
}

/** JSON with the keys of every object in the order of their bytes, so that it is the same wherever it was kept. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}
