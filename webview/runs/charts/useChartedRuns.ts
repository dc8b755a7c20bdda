import { useRef } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import type { RunColumn, RunTable } from '../../../src/protocol/runTable.ts';
import { mostLines } from '../../shared/chart/useLines.ts';
import { useLive } from '../../shared/live/useLive.ts';
import type { RunsView } from '../useRunsView.ts';

/** A run whose charts are shown. `startedAt` in ms since 1970. */
export interface ChartedRun {
  id: string;
  label: string;
  startedAt: number | undefined;
  status: string;
}

/** Runs that are drawn when none is selected. */
const firstRuns = 10;

const columns: RunColumn[] = ['run_name', 'start_time', 'status'].map((key) => ({ of: 'attribute', key }));

/** The runs that the user selected, or the first of the table, live; those that were hidden are left out. Undefined until read. */
export function useChartedRuns({ scope, order, selected, hidden }: RunsView): {
  runs: ChartedRun[] | undefined;
  total: number;
  error: UserError | undefined;
} {
  const chosen = selected.filter((id) => !hidden.includes(id)).slice(0, mostLines);
  const question =
    selected.length > 0
      ? { view: 'ALL' as const, filter: `attributes.run_id IN (${chosen.map((id) => `'${id.replaceAll("'", '')}'`).join(', ')})` }
      : scope;
  const limit = selected.length > 0 ? chosen.length : firstRuns + hidden.length;
  const { value, error } = useLive(
    `charted ${JSON.stringify([question, order, limit])}`,
    (client) =>
      limit === 0
        ? Promise.resolve<RunTable>({ total: 0, runs: [], columns: [[], [], []] })
        : client.runTable({ ...question, orderBy: order, columns, offset: 0, limit }),
    (change) => change.kind === 'job',
    2000,
  );
  // One and the same while nothing of it is new, so that charts are not asked for anew.
  const last = useRef<{ text: string; runs: ChartedRun[]; total: number }>(undefined);
  if (value) {
    const text = JSON.stringify([value, hidden]);
    if (last.current?.text !== text) last.current = { text, runs: runsOf(value, hidden), total: value.total };
  }
  return { runs: last.current?.runs, total: last.current?.total ?? 0, error };
}

function runsOf({ runs, columns: [names, starts, statuses] }: RunTable, hidden: readonly string[]): ChartedRun[] {
  return runs
    .map((id, at) => ({
      id,
      label: String(names?.[at] || id),
      startedAt: typeof starts?.[at] === 'number' ? starts[at] : undefined,
      status: String(statuses?.[at] ?? ''),
    }))
    .filter(({ id }) => !hidden.includes(id))
    .slice(0, mostLines);
}
