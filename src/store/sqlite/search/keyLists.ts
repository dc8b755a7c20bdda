import type { RunKeys } from '../../runQuery.ts';
import type { KeyScope } from '../../search/runSearch.ts';
import type { Sql } from '../sql.ts';

type Of = 'metrics' | 'params' | 'tags';
const tables = { metrics: 'latest', params: 'params', tags: 'tags' } as const;

/** Names of a kind that are told of; a run may have a million tags. */
const mostNames = 100_000;
/** Scopes whose keys are remembered, and keys of all of them. */
const mostScopes = 20;
const mostKeys = 400_000;
/** Look-ups for one question; a scope that needs more (thousands of keys, of runs between its own) is read whole. */
const mostLookUps = 60_000;

interface Remembered {
  /** By key, a run of the scope that has it. */
  witnesses: Record<Of, Map<string, number>>;
  /** Runs that changed since. */
  changed: Set<number>;
}

/**
 * The keys that the runs of a scope have. A key is looked for in the index that has the runs of each key: the first run from the scope's first on, then the scope's first from there
 * on, and so on until both are one. So it takes a look-up or two a key, however many runs there are. The run that was found is remembered, and only runs that changed are looked at again.
 */
export class KeyLists {
  private readonly sql: Sql;
  private readonly remembered = new Map<string, Remembered>();
  private lookUps = 0;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  note(runs: readonly number[]): void {
    for (const { changed } of this.remembered.values()) for (const run of runs) changed.add(run);
  }

  forgetAll(): void {
    this.remembered.clear();
  }

  keys(scope: KeyScope): RunKeys {
    const { name } = scope;
    let present = this.remembered.get(name);
    this.remembered.delete(name);
    if (present) this.follow(present, scope);
    else present = { witnesses: this.find(scope), changed: new Set() };
    this.remembered.set(name, present);
    let total = 0;
    for (const [other, { witnesses }] of [...this.remembered].reverse()) {
      total += witnesses.metrics.size + witnesses.params.size + witnesses.tags.size;
      if (other !== name && (this.remembered.size > mostScopes || total > mostKeys)) this.remembered.delete(other);
    }
    const { metrics, params, tags } = present.witnesses;
    const isCut = [metrics, params, tags].some(({ size }) => size > mostNames);
    const names = (found: Map<string, number>) => [...found.keys()].sort().slice(0, mostNames);
    return { metrics: names(metrics), params: names(params), tags: names(tags), ...(isCut ? { isCut } : {}) };
  }

  private find(scope: KeyScope): Remembered['witnesses'] {
    const of = (each: Of) => {
      this.lookUps = 0;
      const found = new Map<string, number>();
      if (scope.runs.length === 0) return found;
      for (const [key, id] of this.allKeys(each)) {
        const run = this.witness(each, id, scope);
        if (run !== undefined) found.set(key, run);
        if (this.lookUps > mostLookUps) return this.keysOf(each, scope.runs);
      }
      return found;
    };
    return { metrics: of('metrics'), params: of('params'), tags: of('tags') };
  }

  private follow({ witnesses, changed }: Remembered, scope: KeyScope): void {
    if (changed.size === 0) return;
    const ours = [...changed].filter(scope.has);
    for (const each of Object.keys(tables) as Of[]) {
      this.lookUps = 0;
      const found = witnesses[each];
      // What a changed run stood for has to be found again.
      const open = new Set<string>();
      for (const [key, run] of found) if (changed.has(run)) open.add(key);
      for (const key of open) found.delete(key);
      for (const [key, run] of this.keysOf(each, ours)) if (!found.has(key)) found.set(key, run);
      for (const key of open) {
        if (found.has(key)) continue;
        const id = each === 'metrics' ? this.sql.one('SELECT id FROM metric_keys WHERE name = ?', key)?.id : key;
        const run = id === undefined ? undefined : this.witness(each, id, scope);
        if (run !== undefined) found.set(key, run);
      }
      if (this.lookUps > mostLookUps) witnesses[each] = this.keysOf(each, scope.runs);
    }
    changed.clear();
  }

  /** Keys of some runs, each with a run that has it. */
  private keysOf(of: Of, runs: ArrayLike<number>): Map<string, number> {
    const found = `SELECT t.key, min(t.run) AS run FROM json_each(?) r CROSS JOIN ${tables[of]} t ON t.run = r.value GROUP BY t.key LIMIT ${mostNames + 1}`;
    const rows = this.sql.all(
      of === 'metrics' ? `SELECT k.name AS key, f.run FROM (${found}) f JOIN metric_keys k ON k.id = f.key` : found,
      JSON.stringify(Array.from(runs)),
    );
    return new Map(rows.map(({ key, run }) => [key, run]));
  }

  /** Every key there is, in any scope, as it stands in the table. */
  private *allKeys(of: Of): Generator<[name: string, id: string | number]> {
    if (of === 'metrics') {
      for (const row of this.sql.prepare('SELECT id, name FROM metric_keys').iterate()) yield [row.name as string, row.id as number];
      return;
    }
    // From one key to the next one, whatever number of runs have it.
    const next = this.sql.prepare(`SELECT key FROM ${of} WHERE key > ? ORDER BY key LIMIT 1`);
    let row = this.sql.one(`SELECT key FROM ${of} ORDER BY key LIMIT 1`);
    while (row) {
      yield [row.key, row.key];
      this.lookUps++;
      row = next.get(row.key) as typeof row;
    }
  }

  /** A run of the scope that has the key. */
  private witness(of: Of, key: string | number, { runs, has }: KeyScope): number | undefined {
    const from = this.sql.prepare(`SELECT run FROM ${tables[of]} WHERE key = ? AND run >= ? ORDER BY run LIMIT 1`);
    let at = 0;
    while (at < runs.length) {
      this.lookUps++;
      const run = from.get(key, runs[at]!)?.run as number | undefined;
      if (run === undefined || has(run)) return run;
      if (this.lookUps > mostLookUps) return undefined;
      at = firstFrom(runs, run, at);
    }
    return undefined;
  }
}

/** Index of the first run that is not before `run`, from `start` on. */
function firstFrom(runs: Uint32Array, run: number, start: number): number {
  let [low, high] = [start, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle]! < run) low = middle + 1;
    else high = middle;
  }
  return low;
}
