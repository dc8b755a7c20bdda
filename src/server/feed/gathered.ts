import type { Change } from '../../protocol/change.ts';

/** More keys than this are not named: any may have points. */
const mostKeys = 40;

/**
 * Changes in which those of the metrics of a job are one, in the place of its last and with the keys of all; so are those of its log. Such a one does not say who made it: there may
 * have been several. A reader that has read up to any of them has missed nothing, since what is left out comes again behind it.
 */
export function gathered(changes: readonly Change[]): Change[] {
  const merged = new Map<string, { last: Change; keys: Set<string> | undefined }>();
  for (const change of changes) {
    if (!isFrequent(change)) continue;
    const name = nameOf(change);
    const keys = change.keys && new Set(change.keys);
    const before = merged.get(name);
    const all = before ? (before.keys && keys ? before.keys.union(keys) : undefined) : keys;
    merged.set(name, { last: change, keys: all && all.size <= mostKeys ? all : undefined });
  }
  return changes.flatMap((change) => {
    if (!isFrequent(change)) return [change];
    const { last, keys } = merged.get(nameOf(change))!;
    if (last !== change) return [];
    const { seq, kind, id, op, at, parent } = change;
    return [{ seq, kind, id, op, at, ...(parent === undefined ? {} : { parent }), ...(keys ? { keys: [...keys] } : {}) }];
  });
}

const isFrequent = ({ kind, op }: Change): boolean => (kind === 'metric' || kind === 'log') && op === 'put';

const nameOf = ({ kind, id }: Change): string => `${kind} ${id}`;
