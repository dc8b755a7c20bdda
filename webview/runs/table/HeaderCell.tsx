// biome-ignore-all lint/a11y: a grid of which only a part is in the document is no <table>; it has the focus and the keys itself, and says which cell is active
import { memo, type PointerEvent, useRef } from 'react';
import { Icon } from '../../shared/ui/Icon.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { nameColumn, narrowest, type PlacedColumn, widest } from './columns.ts';

export interface HeaderCellProps {
  id: string;
  column: PlacedColumn;
  left: number;
  /** How the rows are sorted by it: the place among those that count, from 1. */
  sort: { place: number; isDescending: boolean; isOnly: boolean } | undefined;
  isActive: boolean;
  isNumeric: boolean;
  onSort(column: PlacedColumn, isAdded: boolean): void;
  onMenu(column: PlacedColumn, at: { x: number; y: number }): void;
  onResize(column: PlacedColumn, width: number): void;
  onMove(name: string, target: string): void;
}

/** Pixels that the pointer goes before a click becomes a drag. */
const dragFrom = 5;

/** The head of a column: sorts, is dragged to another place, and has a handle to make the column wider. The keys are those of the grid. */
export const HeaderCell = memo(function HeaderCell(props: HeaderCellProps) {
  const { id, column, left, sort, isActive, isNumeric, onSort, onMenu, onResize, onMove } = props;
  const dragged = useRef(false);
  const name = plainText(column.label, 300);

  function drag(event: PointerEvent<HTMLElement>): void {
    if (event.button !== 0) return;
    const cell = event.currentTarget;
    const startX = event.clientX;
    dragged.current = false;
    let target: HTMLElement | undefined;
    const over = (now?: HTMLElement) => {
      if (target === now) return;
      target?.classList.remove('is-target');
      target = now;
      target?.classList.add('is-target');
    };
    const move = ({ clientX, clientY }: globalThis.PointerEvent) => {
      if (!dragged.current && Math.abs(clientX - startX) < dragFrom) return;
      dragged.current = true;
      cell.classList.add('is-dragged');
      cell.style.translate = `${clientX - startX}px 0`;
      const under = document
        .elementsFromPoint(clientX, clientY)
        .find((each) => each !== cell && each instanceof HTMLElement && each.dataset.head !== undefined);
      over(under as HTMLElement | undefined);
    };
    const end = () => {
      cell.removeEventListener('pointermove', move);
      cell.classList.remove('is-dragged');
      cell.style.translate = '';
      const to = target?.dataset.head;
      over();
      if (dragged.current && to !== undefined) onMove(column.name, to);
    };
    cell.setPointerCapture(event.pointerId);
    cell.addEventListener('pointermove', move);
    cell.addEventListener('lostpointercapture', end, { once: true });
  }

  function resize(event: PointerEvent<HTMLElement>): void {
    event.stopPropagation();
    const handle = event.currentTarget;
    const startX = event.clientX;
    const move = ({ clientX }: globalThis.PointerEvent) =>
      onResize(column, Math.round(Math.min(widest, Math.max(narrowest, column.width + clientX - startX))));
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), { once: true });
  }

  return (
    <div
      id={id}
      role="columnheader"
      aria-colindex={column.index + 2}
      aria-sort={sort ? (sort.isDescending ? 'descending' : 'ascending') : column.isSortable ? 'none' : undefined}
      aria-label={`${column.kind} ${name}${sort && !sort.isOnly ? `, sorted ${sort.place === 1 ? 'first' : `as number ${sort.place}`}` : ''}`}
      className={`grid-head${isActive ? ' is-active' : ''}${isNumeric ? ' is-number' : ''}`}
      style={{ left, width: column.width }}
      data-head={column.name}
      data-column={column.index}
      title={`${column.kind}: ${name}\nClick to sort, with Shift to sort by several. Drag to move.`}
      onPointerDown={drag}
      onClick={(event) => {
        if (!dragged.current && column.isSortable) onSort(column, event.shiftKey);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        onMenu(column, { x: event.clientX, y: event.clientY });
      }}
    >
      <span className="grid-head-text">
        {column.of === 'series' && <Icon name="graph-line" />}
        <bdi>{name}</bdi>
      </span>
      {sort && (
        <span className="grid-sort">
          <Icon name={sort.isDescending ? 'arrow-down' : 'arrow-up'} />
          {!sort.isOnly && <sub>{sort.place}</sub>}
        </span>
      )}
      <span
        className="grid-head-menu"
        aria-hidden="true"
        onPointerDown={(event) => event.stopPropagation()}
        onClick={(event) => {
          event.stopPropagation();
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          onMenu(column, { x: left, y: bottom });
        }}
      >
        <Icon name="chevron-down" />
      </span>
      <span className="grid-resize" aria-hidden="true" onPointerDown={resize} onClick={(event) => event.stopPropagation()} />
    </div>
  );
});

/** The name can not be taken out of the table: it leads to the run. */
export const canHide = (column: PlacedColumn): boolean => column.name !== nameColumn;
