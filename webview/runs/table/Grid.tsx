// biome-ignore-all lint/a11y: a grid of which only a part is in the document is no <table>; it has the focus and the keys itself, and says which cell is active
import {
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { colorOfRun, looksOfRuns, usePalette } from '../../shared/chart/palette.ts';
import { Menu, type MenuItem } from '../../shared/ui/Menu.tsx';
import { columnsWithin, durationColumn, fieldsOf, gutter, type Layout, narrowest, type PlacedColumn, widest } from './columns.ts';
import type { Curves } from './curves.ts';
import { GridRow, rowFields, rowHeight } from './GridRow.tsx';
import { HeaderCell } from './HeaderCell.tsx';
import { blockRows, type RunRows } from './runRows.ts';
import { useRowElements } from './useRowElements.ts';

/** What is done with a row by a click or a key. */
export type RowAction = 'open' | 'star' | 'hide' | 'select' | 'toggle' | 'extend' | 'all' | 'none' | 'delete';

export interface GridProps {
  label: string;
  rows: RunRows;
  /** Another number whenever the rows are others. */
  version: number;
  curves: Curves;
  curvesVersion: number;
  layout: Layout;
  sorts: ReadonlyMap<string, { place: number; isDescending: boolean; isOnly: boolean }>;
  selected: ReadonlySet<string>;
  hidden: ReadonlySet<string>;
  isAllSelected: boolean;
  /** Whether the columns are known: rows are read and painted once with all of them. */
  isReady: boolean;
  /** Another text scrolls to the first row again. */
  question: string;
  onRow(action: RowAction, row: number): void;
  /** A menu of the row is wanted, at a place of the window. */
  onRowMenu(row: number, at: { x: number; y: number }): void;
  onSort(column: PlacedColumn, isAdded: boolean): void;
  onResize(column: PlacedColumn, width: number): void;
  onMove(name: string, target: string): void;
  onPin(column: PlacedColumn): void;
  menuOf(column: PlacedColumn): MenuItem[];
  handle?: Ref<{ focus(): void }>;
}

const headHeight = 28;
/** Rows and pixels beyond the edges that are painted ahead. */
const aheadRows = 4;
const aheadPixels = 200;

/** A table of which only the rows and columns in view are in the document, by the ARIA pattern of a grid: one stop of the Tab key, arrows within. */
export function Grid(props: GridProps) {
  const { rows, layout, selected, hidden, curves, sorts, onRow } = props;
  const id = useId();
  const palette = usePalette();
  // Of runs that are shown together none has the colour of another, as long as there are enough.
  const looks = useMemo(
    () =>
      looksOfRuns(
        [...selected].filter((run) => !hidden.has(run)),
        palette,
      ),
    [selected, hidden, palette],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ firstRow: 0, lastRow: 40, from: 0, to: 1600 });
  const [active, setActive] = useState({ row: 0, column: 0 });
  const [isFocused, setFocused] = useState(false);
  const [em] = useState(() => Number.parseFloat(getComputedStyle(document.body).fontSize));
  const [menu, setMenu] = useState<{ column: PlacedColumn; at: { x: number; y: number } }>();
  const total = rows.total ?? 0;
  const width = layout.pinnedWidth + layout.restWidth;

  useImperativeHandle(props.handle, () => ({ focus: () => scroller.current?.focus() }), []);

  const look = useCallback(() => {
    const { scrollTop, scrollLeft, clientHeight, clientWidth } = scroller.current!;
    const firstRow = Math.max(0, Math.floor(scrollTop / rowHeight) - aheadRows);
    // As many rows wherever the table is scrolled to, so that those that leave are painted anew as those that come.
    const lastRow = firstRow + Math.ceil(clientHeight / rowHeight) + 2 * aheadRows;
    // In steps, so that a pixel of scrolling paints nothing.
    const step = (value: number) => Math.floor(value / aheadPixels) * aheadPixels;
    const next = {
      firstRow,
      lastRow,
      from: Math.max(0, step(scrollLeft) - aheadPixels),
      to: step(scrollLeft + clientWidth) + 2 * aheadPixels,
    };
    setView((old) =>
      old.firstRow === next.firstRow && old.lastRow === next.lastRow && old.from === next.from && old.to === next.to ? old : next,
    );
  }, []);
  useLayoutEffect(() => {
    look();
    const observer = new ResizeObserver(look);
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, [look]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another question begins at its first row
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
    setActive((old) => ({ ...old, row: Math.min(old.row, 0) }));
  }, [props.question]);

  const rest = useMemo(() => columnsWithin(layout.rest, view.from, view.to), [layout, view.from, view.to]);
  const fields = useMemo(() => [...new Set([...rowFields, ...[...layout.pinned, ...rest].flatMap(fieldsOf)])], [layout.pinned, rest]);
  const { isReady } = props;
  // Asked for before the heads alone are painted.
  useLayoutEffect(() => {
    if (isReady) rows.show(view.firstRow, view.lastRow, fields);
  }, [rows, isReady, view.firstRow, view.lastRow, fields]);

  const end = Math.min(total, view.lastRow + 1);
  const curveKeys = useMemo(
    () => [...layout.pinned, ...rest].filter(({ of }) => of === 'series').map(({ key }) => key),
    [layout.pinned, rest],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: which runs are in view changes with the version
  useEffect(() => {
    if (curveKeys.length === 0) return;
    const runs: string[] = [];
    for (let row = view.firstRow; row < end; row++) {
      const run = rows.runAt(row);
      if (run !== undefined) runs.push(run);
    }
    // What could not be read is read again when the plane is back.
    if (runs.length > 0) curves.show(runs, curveKeys).catch(() => {});
  }, [curves, curveKeys, rows, props.version, view.firstRow, end]);

  const digitsOf = useCallback((field: string) => rows.digitsOf(field), [rows]);
  const isNumeric = useCallback(
    ({ of, name }: PlacedColumn) => of === 'metric' || name === durationColumn || (of === 'param' && rows.isNumeric(name)),
    [rows],
  );
  const onMenu = useCallback((column: PlacedColumn, at: { x: number; y: number }) => setMenu({ column, at }), []);
  const curveOf = useCallback((run: string, key: string) => curves.path(run, key), [curves]);
  const lastColumn = layout.all.length - 1;

  function reveal(row: number, column: number): void {
    const box = scroller.current!;
    if (row >= 0) {
      const top = row * rowHeight;
      const room = box.clientHeight - headHeight;
      if (top < box.scrollTop) box.scrollTop = top;
      else if (top + rowHeight > box.scrollTop + room) box.scrollTop = top + rowHeight - room;
    }
    const at = layout.all[column];
    if (!at || at.isPinned) return;
    const room = box.clientWidth - layout.pinnedWidth;
    if (at.left < box.scrollLeft) box.scrollLeft = at.left;
    else if (at.left + at.width > box.scrollLeft + room) box.scrollLeft = Math.min(at.left, at.left + at.width - room);
  }
  function go(row: number, column: number): void {
    const next = { row: Math.max(-1, Math.min(total - 1, row)), column: Math.max(-1, Math.min(lastColumn, column)) };
    setActive(next);
    reveal(next.row, next.column);
  }

  function onKey(event: KeyboardEvent<HTMLDivElement>): void {
    const { key, shiftKey, altKey } = event;
    const isCommand = event.ctrlKey || event.metaKey;
    const { row, column } = active;
    const head = row === -1 ? layout.all[column] : undefined;
    const page = Math.max(1, Math.floor((scroller.current!.clientHeight - headHeight) / rowHeight) - 1);
    const sideways = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0;
    const vertical = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page }[key];
    if (altKey && key === 'ArrowDown' && head) openMenu(head);
    else if (altKey && sideways && layout.all[column]) shift(layout.all[column]!, sideways, shiftKey);
    else if (altKey) return;
    else if (vertical !== undefined) {
      go(row + vertical, column);
      if (shiftKey && row >= 0) onRow('extend', Math.max(0, Math.min(total - 1, row + vertical)));
    } else if (sideways) go(row, isCommand ? (sideways < 0 ? 0 : lastColumn) : column + sideways);
    else if (key === 'Home') go(isCommand ? 0 : row, -1);
    else if (key === 'End') go(isCommand ? total - 1 : row, lastColumn);
    else if (key.toLowerCase() === 'a' && isCommand) onRow('all', row);
    else if (isCommand) return;
    else if (key === 'ContextMenu' || (key === 'F10' && shiftKey)) {
      if (row >= 0) openRowMenu(row, column);
      else if (layout.all[column]) openMenu(layout.all[column]!);
    } else if (key === 'Enter' && head) {
      if (head.isSortable) props.onSort(head, shiftKey);
    } else if (key === ' ' && row === -1) onRow(props.isAllSelected ? 'none' : 'all', row);
    else if (row === -1) return;
    else if (key === 'Enter') onRow('open', row);
    else if (key === ' ') onRow(shiftKey ? 'extend' : 'toggle', row);
    else if (key === 'Escape' && selected.size > 0) onRow('none', row);
    else if (key === 'h' || key === 'H') onRow('hide', row);
    else if (key === 's' || key === 'S') onRow('star', row);
    else if (key === 'Delete') onRow('delete', row);
    else return;
    event.preventDefault();
  }
  /** Alt and an arrow move a column; with Shift they make it wider or narrower. */
  function shift(column: PlacedColumn, by: number, isWidth: boolean): void {
    if (isWidth) return props.onResize(column, Math.min(widest, Math.max(narrowest, column.width + 16 * by)));
    const side = column.isPinned ? layout.pinned : layout.rest;
    const target = side[side.findIndex(({ name }) => name === column.name) + by];
    if (!target) return;
    props.onMove(column.name, target.name);
    go(active.row, column.index + by);
  }
  function openMenu(column: PlacedColumn): void {
    const { left, bottom } = (document.getElementById(`${id}-head-${column.index}`) ?? scroller.current!).getBoundingClientRect();
    setMenu({ column, at: { x: left, y: bottom } });
  }

  function openRowMenu(row: number, column: number): void {
    const { left, bottom } = (document.getElementById(`${id}-${row}-${column}`) ?? scroller.current!).getBoundingClientRect();
    props.onRowMenu(row, { x: left, y: bottom });
  }
  function onContextMenu(event: MouseEvent): void {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-row]')?.dataset.row;
    if (row === undefined) return;
    event.preventDefault();
    setActive((old) => ({ ...old, row: Number(row) }));
    props.onRowMenu(Number(row), { x: event.clientX, y: event.clientY });
  }

  function onClick(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    const row = Number(target.closest<HTMLElement>('[data-row]')?.dataset.row ?? Number.NaN);
    if (Number.isNaN(row)) return;
    const column = Number(target.closest<HTMLElement>('[data-column]')?.dataset.column ?? 0);
    const what = target.closest<HTMLElement>('[data-do]')?.dataset.do;
    setActive({ row, column });
    if (what === 'open') {
      // A browser opens another tab for who asks it to.
      if ((event.ctrlKey || event.metaKey) && target.closest('a')?.getAttribute('href') !== '#') return;
      event.preventDefault();
      onRow('open', row);
    } else if (what === 'star' || what === 'hide') onRow(what, row);
    else if (event.shiftKey) onRow('extend', row);
    else if (what === 'check' || event.ctrlKey || event.metaKey) onRow('toggle', row);
    else if (column === -1) onRow('toggle', row);
    else onRow('select', row);
  }

  const elementOf = useRowElements(view.firstRow, view.lastRow - view.firstRow + 1);
  const painted = [];
  for (let row = view.firstRow; row < end; row++) {
    const run = rows.runAt(row);
    painted.push(
      <GridRow
        key={elementOf(row)}
        id={id}
        index={row}
        block={rows.block(row)}
        at={row % blockRows}
        pinned={layout.pinned}
        rest={rest}
        pinnedWidth={layout.pinnedWidth}
        width={width}
        em={em}
        isSelected={run !== undefined && selected.has(run)}
        isHidden={run !== undefined && hidden.has(run)}
        active={isFocused && active.row === row ? active.column : undefined}
        digitsOf={digitsOf}
        isNumeric={isNumeric}
        curveOf={curveOf}
        color={run === undefined ? '' : (looks.get(run)?.color ?? colorOfRun(run, palette))}
        curvesVersion={run === undefined ? 0 : curves.versionOf(run)}
        formatVersion={rows.formatVersion}
      />,
    );
  }
  const isActiveHead = (column: number) => isFocused && active.row === -1 && active.column === column;
  const head = (column: PlacedColumn) => (
    <HeaderCell
      key={column.name}
      id={`${id}-head-${column.index}`}
      column={column}
      left={column.isPinned ? column.left : column.left + layout.pinnedWidth}
      sort={sorts.get(column.name)}
      isActive={isActiveHead(column.index)}
      isNumeric={isNumeric(column)}
      onSort={props.onSort}
      onMenu={onMenu}
      onResize={props.onResize}
      onMove={props.onMove}
    />
  );
  return (
    <>
      <div
        ref={scroller}
        className={`grid${rows.isBehind && rows.total !== undefined ? ' is-behind' : ''}`}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-colcount={layout.all.length + 1}
        aria-multiselectable="true"
        aria-activedescendant={
          isFocused ? (active.row === -1 ? `${id}-head-${active.column}` : `${id}-${active.row}-${active.column}`) : undefined
        }
        onScroll={look}
        onKeyDown={onKey}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onClick={onClick}
        onContextMenu={onContextMenu}
        onDoubleClick={(event) => {
          const row = (event.target as HTMLElement).closest<HTMLElement>('[data-row]')?.dataset.row;
          if (row !== undefined && !(event.target as HTMLElement).closest('[data-do]')) onRow('open', Number(row));
        }}
        // A click chooses a row; it does not mark text, but with Shift it would.
        onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      >
        <div className="grid-heads" role="row" aria-rowindex={1} style={{ width, height: headHeight }}>
          <div className="grid-pinned" style={{ width: layout.pinnedWidth }}>
            <div
              id={`${id}-head--1`}
              role="columnheader"
              aria-colindex={1}
              className={`grid-gutter is-head${isActiveHead(-1) ? ' is-active' : ''}`}
              style={{ width: gutter }}
              title={props.isAllSelected ? 'Select none' : 'Select all that match, up to 1,000 (Ctrl+A)'}
              onClick={() => onRow(props.isAllSelected ? 'none' : 'all', 0)}
            >
              <span
                className={`grid-box${props.isAllSelected ? ' is-checked codicon codicon-check' : selected.size > 0 ? ' is-partly codicon codicon-dash' : ''}`}
                aria-hidden="true"
              />
              <span className="visually-hidden">{props.isAllSelected ? 'Select none' : 'Select all that match'}</span>
            </div>
            {layout.pinned.map(head)}
          </div>
          {rest.map(head)}
        </div>
        <div role="rowgroup" className="grid-rows" style={{ width, height: total * rowHeight }}>
          {painted}
        </div>
      </div>
      {menu && (
        <Menu label={`Column ${menu.column.label}`} at={menu.at} items={props.menuOf(menu.column)} onClose={() => setMenu(undefined)} />
      )}
    </>
  );
}
