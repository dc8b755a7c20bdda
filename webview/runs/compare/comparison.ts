import type { JobStatus } from '../../../src/protocol/job.ts';
import type { PageAddress } from '../../../src/protocol/webview.ts';

/** What one run has in a row. */
export interface Cell {
  /** Whole, however long: what is copied. */
  text: string;
  /** What tells it from the others; the text where absent. */
  same?: string;
  /** Of a metric; it may be NaN or infinite. */
  value?: number;
  status?: JobStatus;
  /** The page that it leads to. */
  to?: PageAddress;
  /** A moment, ISO-8601. */
  at?: string;
}

/** One thing that runs have, or have not: a cell a run. */
export interface Row {
  key: string;
  label: string;
  cells: (Cell | undefined)[];
  differs: boolean;
}

export const sectionKeys = [
  'parameters',
  'metrics',
  'details',
  'tags',
  'inputs',
  'outputs',
  'environment',
  'code',
  'artifacts',
  'system',
] as const;
export type SectionKey = (typeof sectionKeys)[number];

export interface Section {
  key: SectionKey;
  title: string;
  rows: Row[];
}

/**
 * A row of such cells. `counts` says of each run whether it is there at all: one that is not makes no difference. A run that has no cell differs from one that
 * has.
 */
export function rowOf(key: string, label: string, cells: (Cell | undefined)[], counts: readonly boolean[]): Row {
  const found = new Set(cells.flatMap((cell, index) => (counts[index] ? [cell && (cell.same ?? cell.text)] : [])));
  return { key, label, cells, differs: found.size > 1 };
}

/** The rows of what each run has by name; undefined for a run that has nothing. Those that differ come first, then by `inOrder`, or by name. */
export function rowsOf(
  maps: readonly (ReadonlyMap<string, Cell> | undefined)[],
  counts: readonly boolean[],
  inOrder: (a: string, b: string) => number = byName,
): Row[] {
  const names = new Set(maps.flatMap((map) => [...(map?.keys() ?? [])]));
  return [...names]
    .sort(inOrder)
    .map((name) =>
      rowOf(
        name,
        name,
        maps.map((map) => map?.get(name)),
        counts,
      ),
    )
    .sort((a, b) => Number(b.differs) - Number(a.differs));
}

export const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : 1);
