import type { Column, ColumnOrder } from './column.ts';

export interface SortField extends ColumnOrder {
  column: Pick<Column, 'sortKeys'>;
}

/** Runs in the order of several fields, the first of which counts most; those that are equal in all stay as they were. One pass over the runs for each 16 bits in which they differ. */
export function sortRuns(runs: Uint32Array, fields: readonly SortField[]): Uint32Array {
  const { length } = runs;
  let from = { runs: runs.slice(), high: new Uint32Array(length), low: new Uint32Array(length) };
  let to = { runs: new Uint32Array(length), high: new Uint32Array(length), low: new Uint32Array(length) };
  const counts = new Uint32Array(65536);
  for (const field of fields.toReversed()) {
    field.column.sortKeys(from.runs, field, from.high, from.low);
    for (const half of ['low', 'high'] as const)
      for (const shift of [0, 16]) {
        const keys = from[half];
        counts.fill(0);
        for (let i = 0; i < length; i++) counts[(keys[i]! >>> shift) & 0xffff]!++;
        // All are the same here.
        if (length === 0 || counts[(keys[0]! >>> shift) & 0xffff] === length) continue;
        let start = 0;
        for (let digit = 0; digit < 65536; digit++) {
          const count = counts[digit]!;
          counts[digit] = start;
          start += count;
        }
        for (let i = 0; i < length; i++) {
          const at = counts[(keys[i]! >>> shift) & 0xffff]!++;
          to.runs[at] = from.runs[i]!;
          to.high[at] = from.high[i]!;
          to.low[at] = from.low[i]!;
        }
        [from, to] = [to, from];
      }
  }
  return from.runs;
}
