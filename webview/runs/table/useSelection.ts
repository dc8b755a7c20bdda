import { useRef } from 'react';
import { useHost } from '../../shared/host/host.ts';
import type { RunsView } from '../useRunsView.ts';
import type { RunRows } from './runRows.ts';

/** Runs that may be selected at once. */
export const mostSelected = 1000;

/** Selects rows as lists do: a click takes one, Ctrl adds, Shift takes all from the last one on. */
export function useSelection(view: RunsView, rows: RunRows) {
  const { client } = useHost();
  const anchor = useRef(0);
  const { selected, setSelected, scope, order } = view;

  async function idsOf(first: number, last: number): Promise<string[]> {
    const known: (string | undefined)[] = [];
    const end = Math.min(last, first + mostSelected - 1);
    for (let row = first; row <= end; row++) known.push(rows.runAt(row));
    if (known.every((run) => run !== undefined)) return known as string[];
    return (await client.runTable({ ...scope, orderBy: order, columns: [], offset: first, limit: end - first + 1 })).runs;
  }
  const runAt = (row: number) => rows.runAt(row);
  return {
    select(row: number): void {
      anchor.current = row;
      const run = runAt(row);
      if (run !== undefined) setSelected([run]);
    },
    toggle(row: number): void {
      anchor.current = row;
      const run = runAt(row);
      if (run === undefined) return;
      if (selected.includes(run)) setSelected(selected.filter((each) => each !== run));
      else if (selected.length < mostSelected) setSelected([...selected, run]);
    },
    async extend(row: number): Promise<void> {
      setSelected(await idsOf(Math.min(anchor.current, row), Math.max(anchor.current, row)));
    },
    async all(): Promise<void> {
      setSelected(await idsOf(0, Math.min(mostSelected, rows.total ?? 0) - 1));
    },
    none: () => setSelected([]),
  };
}
