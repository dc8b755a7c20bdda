import { lazy, useMemo, useRef, useState } from 'react';
import { plural } from '../../../src/base/text.ts';
import { type Cell, mostGroupFields, mostGroupMetrics } from '../../../src/protocol/runTable.ts';
import { useHost } from '../../shared/host/host.ts';
import { Confirm } from '../../shared/ui/Confirm.tsx';
import { Icon } from '../../shared/ui/Icon.tsx';
import { Later } from '../../shared/ui/Later.tsx';
import type { MenuItem } from '../../shared/ui/Menu.tsx';
import { Popover } from '../../shared/ui/Popover.tsx';
import { Empty, Failure, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { TagForm } from '../../shared/ui/TagForm.tsx';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { useAction } from '../../shared/ui/useAction.ts';
import { fieldOf } from '../fields.ts';
import type { RunsView } from '../useRunsView.ts';
import { ColumnChooser } from './ColumnChooser.tsx';
import { columnOf, firstColumns, layoutOf, moved, nameColumn, type PlacedColumn, seriesName } from './columns.ts';
import { ExportMenu } from './ExportMenu.tsx';
import { FilterLine } from './FilterLine.tsx';
import { inQuotes } from './filterContext.ts';
import { Grid, type RowAction } from './Grid.tsx';
import { starred } from './GridRow.tsx';
import { GroupChooser } from './GroupChooser.tsx';
import { canHide } from './HeaderCell.tsx';
import { SavedViews } from './SavedViews.tsx';
import { useCurves } from './useCurves.ts';
import { useRunKeys } from './useRunKeys.ts';
import { useRunRows } from './useRunRows.ts';
import { useSelection } from './useSelection.ts';
import { deleteRun, toEach } from './writeRuns.ts';

// Loaded when they are shown.
const GroupTable = lazy(async () => ({ default: (await import('./GroupTable.tsx')).GroupTable }));
const RowMenu = lazy(async () => ({ default: (await import('./RowMenu.tsx')).RowMenu }));
const SelectionBar = lazy(async () => ({ default: (await import('./SelectionBar.tsx')).SelectionBar }));

const starTag = 'updraft.starred';
const starFilter = `${starred} = 'true'`;

interface TableTabProps {
  experiment: string;
  view: RunsView;
  onTab(tab: string): void;
}

/** The runs as a table: filtered, sorted, grouped, and with the columns that the user wants. */
export function TableTab({ experiment, view, onTab }: TableTabProps) {
  const host = useHost();
  const { scope, order, setOrder, selected, hidden, setHidden } = view;
  const { rows, version } = useRunRows(scope, order);
  const { curves, version: curvesVersion } = useCurves();
  const { keys, isAsked } = useRunKeys(scope.experiments);
  const selection = useSelection(view, rows);
  const action = useAction();
  const [isDeleting, setDeleting] = useState(false);
  const [isTagging, setTagging] = useState(false);
  const [rowMenu, setRowMenu] = useState<{ row: number; run: string; at: { x: number; y: number } }>();
  const grid = useRef<{ focus(): void }>(null);

  const names = useMemo(() => {
    const chosen = view.columns.length > 0 ? view.columns : firstColumns(keys);
    return chosen.includes(nameColumn) ? chosen : [nameColumn, ...chosen];
  }, [view.columns, keys]);
  const layout = useMemo(() => layoutOf(names, view.pinned, view.widths), [names, view.pinned, view.widths]);
  const selectedSet = useMemo(() => new Set(selected), [selected]);
  const hiddenSet = useMemo(() => new Set(hidden), [hidden]);
  const sorts = useMemo(
    () =>
      new Map(
        order.map((entry, index) => {
          const { name, isDescending } = sortOf(entry);
          return [name, { place: index + 1, isDescending, isOnly: order.length === 1 }];
        }),
      ),
    [order],
  );

  function sort(column: PlacedColumn, isAdded: boolean): void {
    const now = sorts.get(column.name);
    // A metric is mostly looked at from its best; a second click turns it round, a third takes it out.
    const first = column.of === 'metric' ? 'DESC' : 'ASC';
    const second = first === 'DESC' ? 'ASC' : 'DESC';
    const next = !now ? first : (now.isDescending ? 'DESC' : 'ASC') === first ? second : undefined;
    sortBy(column, next, isAdded);
  }
  function sortBy(column: PlacedColumn, direction: string | undefined, isAdded: boolean): void {
    const entry = direction && `${column.name} ${direction}`;
    if (!isAdded) return setOrder(entry ? [entry] : []);
    const others = order.filter((each) => sortOf(each).name !== column.name);
    const place = order.findIndex((each) => sortOf(each).name === column.name);
    if (!entry) return setOrder(others);
    setOrder(place < 0 ? [...others, entry] : order.map((each, index) => (index === place ? entry : each)));
  }
  const resize = (column: PlacedColumn, width: number) => view.setWidths({ ...view.widths, [column.name]: width });
  const move = (name: string, target: string) => view.setColumns(moved(names, name, target));
  const pin = ({ name, isPinned }: PlacedColumn) =>
    view.setPinned(isPinned ? view.pinned.filter((each) => each !== name) : [...view.pinned, name]);
  const setColumns = (columns: string[]) => view.setColumns(columns);

  function menuOf(column: PlacedColumn): MenuItem[] {
    const side = column.isPinned ? layout.pinned : layout.rest;
    const at = side.findIndex(({ name }) => name === column.name);
    const moveBy = (by: number) => {
      const target = side[at + by];
      if (target) move(column.name, target.name);
    };
    const now = sorts.get(column.name);
    const curve = seriesName(column.key);
    return [
      ...(column.isSortable
        ? [
            { label: 'Sort ascending', isChecked: now?.isDescending === false, keys: 'Enter', run: () => sortBy(column, 'ASC', false) },
            { label: 'Sort descending', isChecked: now?.isDescending === true, run: () => sortBy(column, 'DESC', false) },
            { label: 'Sort by this too', icon: 'list-ordered', keys: 'Shift+Enter', run: () => sort(column, true) },
            ...(now ? [{ label: 'Do not sort by this', run: () => sortBy(column, undefined, true) }] : []),
          ]
        : []),
      {
        label: column.isPinned ? 'Unpin' : 'Pin to the left',
        icon: column.isPinned ? 'pinned' : 'pin',
        startsGroup: true,
        run: () => pin(column),
      },
      { label: 'Move left', icon: 'arrow-left', keys: 'Alt+←', isDisabled: at <= 0, run: () => moveBy(-1) },
      { label: 'Move right', icon: 'arrow-right', keys: 'Alt+→', isDisabled: at >= side.length - 1, run: () => moveBy(1) },
      { label: 'Make wider', keys: 'Alt+Shift+→', run: () => resize(column, column.width + 48) },
      { label: 'Make narrower', keys: 'Alt+Shift+←', run: () => resize(column, column.width - 48) },
      ...(column.of === 'metric'
        ? [
            {
              label: 'Show its curve',
              icon: 'graph-line',
              startsGroup: true,
              isChecked: names.includes(curve),
              run: () =>
                setColumns(
                  names.includes(curve)
                    ? names.filter((each) => each !== curve)
                    : names.flatMap((each) => (each === column.name ? [curve, each] : [each])),
                ),
            },
          ]
        : []),
      ...(column.of === 'param' || column.of === 'tag'
        ? [{ label: 'Group by this', icon: 'group-by-ref-type', startsGroup: true, run: () => view.setGroups([column.name]) }]
        : []),
      {
        label: 'Hide the column',
        icon: 'eye-closed',
        startsGroup: true,
        isDisabled: !canHide(column),
        run: () => setColumns(names.filter((each) => each !== column.name)),
      },
    ];
  }

  function isStarred(run: string): boolean {
    const row = rows.rowOf(run);
    return row !== undefined && typeof rows.cell(row, starred) === 'string';
  }
  function nameOf(run: string): string {
    const row = rows.rowOf(run);
    return String((row !== undefined && rows.cell(row, nameColumn)) || run);
  }
  function star(runs: readonly string[]): void {
    const value = runs.every(isStarred) ? null : 'true';
    action.run(() => toEach(runs, (run) => host.client.patchJob(run, { tags: { [starTag]: value } })));
  }

  function endTagging(): void {
    setTagging(false);
    grid.current?.focus();
  }
  /** What is done with a selected row is done with all that are selected. */
  const meantBy = (run: string | undefined): string[] => (run !== undefined && !selectedSet.has(run) ? [run] : selected);
  function onRow(what: RowAction, row: number): void {
    const run = rows.runAt(row);
    const meant = meantBy(run);
    if (what === 'open' && run !== undefined) host.open({ page: 'job', name: run });
    else if (what === 'star' && run !== undefined) star([run]);
    else if (what === 'hide' && run !== undefined)
      setHidden(hiddenSet.has(run) ? hidden.filter((each) => each !== run) : [...new Set([...hidden, run])]);
    else if (what === 'delete') {
      if (meant.length === 0 || view.which === 'deleted') return;
      if (meant !== selected) view.setSelected(meant);
      setDeleting(true);
    } else if (what === 'extend' || what === 'all')
      action.run(() => Promise.resolve(what === 'all' ? selection.all() : selection.extend(row)));
    else if (what === 'select' || what === 'toggle') selection[what](row);
    else if (what === 'none') selection.none();
  }

  const columns = layout.all.flatMap(({ name }) => fieldOf(name) ?? []);
  const groupMetrics = [...new Set(columns.flatMap(({ of, key }) => (of === 'metric' ? [key] : [])))].slice(0, mostGroupMetrics);
  const groups = view.groups.filter((name) => fieldOf(name) !== undefined).slice(0, mostGroupFields);
  function openGroup(values: readonly Cell[]): void {
    const tests = groups.map((name, index) => {
      const value = values[index] ?? null;
      return value === null ? `${name} IS NULL` : `${name} = ${typeof value === 'number' ? value : inQuotes(value)}`;
    });
    view.setFilter([view.filter, ...tests].filter(Boolean).join(' AND '));
    view.setGroups([]);
  }
  const isStarFilter = view.filter === starFilter;
  const isNarrowed = view.filter !== '' || view.which !== '';
  const total = rows.total;
  const isGrouped = groups.length > 0;
  const clear = () => {
    view.setFilter('');
    view.setWhich('');
  };
  return (
    <div className={`runs-table${total === 0 && !rows.isBehind ? ' is-empty' : ''}`}>
      <div className="runs-bar">
        <FilterLine filter={view.filter} scope={scope} keys={keys} onChange={view.setFilter} />
        <div className="toolbar" role="toolbar" aria-label="The table">
          <ToolButton
            icon={isStarFilter ? 'star-full' : 'star-empty'}
            label={isStarFilter ? 'Show all runs' : 'Show the starred runs alone'}
            pressed={isStarFilter}
            onClick={() => view.setFilter(isStarFilter ? '' : starFilter)}
          />
          <GroupChooser keys={keys} groups={groups} onChange={view.setGroups} />
          <ColumnChooser keys={keys} columns={names} onChange={setColumns} />
          <SavedViews experiment={experiment} view={view} />
          <ExportMenu name={experiment || 'runs'} question={{ scope, order, columns }} total={total ?? 0} />
          <Popover icon="settings" label="Which runs are shown" text="">
            <fieldset className="which">
              <legend>Show</legend>
              {whichRuns.map(({ value, label }) => (
                <label key={value}>
                  <input
                    type="radio"
                    name="which"
                    checked={view.which === value}
                    onChange={() => {
                      view.setWhich(value);
                      view.setSelected([]);
                    }}
                  />
                  {label}
                </label>
              ))}
            </fieldset>
          </Popover>
        </div>
      </div>
      {selected.length > 0 && (
        <Later what="the selection" instead={null}>
          <SelectionBar
            view={view}
            isRunning={action.isRunning}
            run={action.run}
            onTab={onTab}
            onStar={star}
            onDelete={() => setDeleting(true)}
          />
        </Later>
      )}
      {isDeleting && selected.length > 0 && (
        <Confirm
          question={`Delete ${plural(selected.length, 'run')}?`}
          detail="They leave the table and its charts. “Deleted runs” in the settings of the table brings them back."
          action="Delete"
          otherwise="Keep"
          onAnswer={(isSure) => {
            setDeleting(false);
            grid.current?.focus();
            if (isSure) action.run(() => toEach(selected, (run) => deleteRun(host.client, run)).then(() => view.setSelected([])));
          }}
        />
      )}
      {isTagging && selected.length > 0 && (
        <section className="runs-tagging" aria-label={`Tag ${plural(selected.length, 'run')}`}>
          <span>Tag {selected.length === 1 ? nameOf(selected[0]!) : plural(selected.length, 'run')}:</span>
          <TagForm
            focusAtOnce
            isDisabled={action.isRunning}
            onEscape={() => endTagging()}
            onAdd={(name, value) => {
              endTagging();
              action.run(() => toEach(selected, (run) => host.client.patchJob(run, { tags: { [name]: value } })));
            }}
          />
          <ToolButton icon="close" label="No tag (Escape)" onClick={() => endTagging()} />
        </section>
      )}
      {action.error && <Failure error={action.error} />}
      {rows.error && <ReadFailure error={rows.error} />}
      {rows.error && total !== undefined && (
        <p className="runs-stale" role="status">
          <Icon name="history" /> What is shown is what was read last.
        </p>
      )}
      {isGrouped && (
        <Later what="groups">
          <GroupTable scope={scope} groups={groups} metrics={groupMetrics} onOpen={openGroup} />
        </Later>
      )}
      {!isGrouped && (
        <>
          {total === undefined && !rows.error && <Loading what="runs" />}
          {total === 0 && !rows.isBehind && <Nothing isNarrowed={isNarrowed} which={view.which} onClear={clear} />}
          <Grid
            handle={grid}
            label={experiment ? `Runs of ${experiment}` : 'All runs'}
            {...{ rows, version, curves, curvesVersion, layout, sorts, onRow, menuOf }}
            selected={selectedSet}
            hidden={hiddenSet}
            isAllSelected={selected.length > 0 && selected.length >= Math.min(1000, total ?? 0)}
            question={JSON.stringify([scope, order])}
            isReady={view.columns.length > 0 || !isAsked}
            onSort={sort}
            onResize={resize}
            onMove={move}
            onPin={pin}
            onRowMenu={(row, at) => {
              const run = rows.runAt(row);
              if (run !== undefined) setRowMenu({ row, run, at });
            }}
          />
          {rowMenu && (
            <Later what="the menu" instead={null}>
              <RowMenu
                key={`${rowMenu.run} ${rowMenu.at.x} ${rowMenu.at.y}`}
                {...{ run: rowMenu.run, at: rowMenu.at, view, nameOf, onTab }}
                runs={meantBy(rowMenu.run)}
                areStarred={meantBy(rowMenu.run).every(isStarred)}
                onRun={action.run}
                onToggle={() => selection.toggle(rowMenu.row)}
                onStar={() => star(meantBy(rowMenu.run))}
                onTag={() => {
                  view.setSelected(meantBy(rowMenu.run));
                  setTagging(true);
                }}
                onDelete={() => onRow('delete', rowMenu.row)}
                onClose={() => setRowMenu(undefined)}
              />
            </Later>
          )}
          {total !== undefined && total > 0 && (
            <footer className="runs-footer">
              <span role="status">
                {total.toLocaleString('en')} {total === 1 ? 'run' : 'runs'}
                {isNarrowed ? ' match' : ''}
                {total === 1 && isNarrowed ? 'es' : ''}
              </span>
              {hidden.length > 0 && (
                <button type="button" className="link" onClick={() => setHidden([])}>
                  {hidden.length} left out of charts: show
                </button>
              )}
            </footer>
          )}
        </>
      )}
    </div>
  );
}

const whichRuns = [
  { value: '', label: 'All runs' },
  { value: 'top', label: 'Without steps and trials' },
  { value: 'deleted', label: 'Deleted runs' },
];

/** A field and its direction, of an entry of `order_by`. */
function sortOf(entry: string): { name: string; isDescending: boolean } {
  const match = /^(.*?)(?:\s+(ASC|DESC))?$/is.exec(entry.trim())!;
  return { name: columnOf(match[1]!)?.name ?? match[1]!, isDescending: match[2]?.toUpperCase() === 'DESC' };
}

function Nothing({ isNarrowed, which, onClear }: { isNarrowed: boolean; which: string; onClear(): void }) {
  if (which === 'deleted') return <Empty title="No run was deleted." />;
  if (isNarrowed)
    return (
      <Empty title="No run matches.">
        <button type="button" className="link" onClick={onClear}>
          Clear the filter
        </button>
      </Empty>
    );
  return (
    <Empty title="No runs yet.">
      Submit a job from its YAML file, or log to this experiment with <code>mlflow</code>: each run becomes a row as soon as it begins.
    </Empty>
  );
}
