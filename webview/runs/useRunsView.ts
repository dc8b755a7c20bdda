import { useMemo } from 'react';
import type { RunScope } from '../../src/protocol/runTable.ts';
import { usePageState } from '../shared/host/pageState.ts';

/** What of a view is kept under a name: everything but what is chosen at the moment. */
export interface KeptView {
  filter: string;
  /** `metrics.acc DESC`: those that come first count more. */
  order: string[];
  /** Columns of the table in their order; empty: those that the page chooses. */
  columns: string[];
  /** Columns that stay in view at the left. */
  pinned: string[];
  /** Pixels, of the columns that the user made wider or narrower. */
  widths: Record<string, number>;
  /** The fields whose values make the groups, in the order of the columns; none: the runs themselves are shown. */
  groups: string[];
}

/**
 * What the user has chosen on the page of runs. All of it is kept through a reload, and is the address of the page in a browser. Fields are named as in
 * MLflow's filters (see `fieldName`).
 */
export interface RunsView extends KeptView {
  /** Of the experiment, as the server filters them. */
  scope: RunScope;
  setFilter(filter: string): void;
  setOrder(order: string[]): void;
  setColumns(columns: string[]): void;
  setPinned(pinned: string[]): void;
  setWidths(widths: Record<string, number>): void;
  setGroups(groups: string[]): void;
  /** Ids of the runs whose charts are shown and that are compared; empty: the first of the table. */
  selected: string[];
  setSelected(selected: string[]): void;
  /** Of a link to many selected runs: which rows of the table they are, the first and how many. Empty once they are selected. */
  linkedRows: number[];
  setLinkedRows(rows: number[]): void;
  /** Ids of the runs that are left out of charts. */
  hidden: string[];
  setHidden(hidden: string[]): void;
  /** Which runs are shown: all, those that are in no other one (no steps and no trials), or those that were deleted. */
  which: string;
  setWhich(which: string): void;
}

const nameColumn = ['attributes.run_name'];

export function useRunsView(experiment: string): RunsView {
  const [filter, setFilter] = usePageState('filter', '');
  const [order, setOrder] = usePageState<string[]>('order', []);
  const [columns, setColumns] = usePageState<string[]>('columns', []);
  const [pinned, setPinned] = usePageState<string[]>('pinned', nameColumn);
  const [widths, setWidths] = usePageState<Record<string, number>>('widths', {}, { '': 0 });
  const [groups, setGroups] = usePageState<string[]>('groups', []);
  const [selected, setSelected] = usePageState<string[]>('selected', []);
  const [linkedRows, setLinkedRows] = usePageState<number[]>('rows', [], [0]);
  const [hidden, setHidden] = usePageState<string[]>('hidden', []);
  const [which, setWhich] = usePageState('which', '');
  const scope = useMemo<RunScope>(
    () => ({
      ...(experiment ? { experiments: [experiment] } : {}),
      ...(filter ? { filter } : {}),
      ...(which === 'top' ? { parent: null } : {}),
      ...(which === 'deleted' ? { view: 'DELETED_ONLY' } : {}),
    }),
    [experiment, filter, which],
  );
  return {
    ...{ scope, filter, setFilter, order, setOrder, columns, setColumns, pinned, setPinned, widths, setWidths },
    ...{ groups, setGroups, selected, setSelected, linkedRows, setLinkedRows, hidden, setHidden, which, setWhich },
  };
}
