import { useMemo } from 'react';
import type { RunScope } from '../../src/protocol/runTable.ts';
import { usePageState } from '../shared/host/pageState.ts';

/**
 * What the user has chosen on the page of runs. All of it is kept through a reload, and is the address of the page in a browser. Fields are named as in
 * MLflow's filters (see `fieldName`).
 */
export interface RunsView {
  /** Of the experiment, as the server filters them. */
  scope: RunScope;
  filter: string;
  setFilter(filter: string): void;
  /** `metrics.acc DESC`: those that come first count more. */
  order: string[];
  setOrder(order: string[]): void;
  /** Columns of the table in their order; empty: those that the page chooses. */
  columns: string[];
  setColumns(columns: string[]): void;
  /** Ids of the runs whose charts are shown and that are compared; empty: the first of the table. */
  selected: string[];
  setSelected(selected: string[]): void;
  /** Ids of the runs that are left out of charts. */
  hidden: string[];
  setHidden(hidden: string[]): void;
}

export function useRunsView(experiment: string): RunsView {
  const [filter, setFilter] = usePageState('filter', '');
  const [order, setOrder] = usePageState<string[]>('order', []);
  const [columns, setColumns] = usePageState<string[]>('columns', []);
  const [selected, setSelected] = usePageState<string[]>('selected', []);
  const [hidden, setHidden] = usePageState<string[]>('hidden', []);
  const scope = useMemo<RunScope>(
    () => ({ ...(experiment ? { experiments: [experiment] } : {}), ...(filter ? { filter } : {}) }),
    [experiment, filter],
  );
  return { scope, filter, setFilter, order, setOrder, columns, setColumns, selected, setSelected, hidden, setHidden };
}
