// biome-ignore-all lint/a11y: a grid of which only a part is in the document is no <table>; it has the focus and the keys itself, and says which cell is active
import { memo, type ReactNode } from 'react';
import type { JobStatus } from '../../../src/protocol/job.ts';
import type { Cell } from '../../../src/protocol/runTable.ts';
import { useHost } from '../../shared/host/host.ts';
import { Duration } from '../../shared/ui/Duration.tsx';
import { Icon } from '../../shared/ui/Icon.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { StatusIcon } from '../../shared/ui/status.tsx';
import { lookOf } from '../../shared/ui/statusLook.ts';
import { When } from '../../shared/ui/When.tsx';
import { metricText } from './cellText.ts';
import { durationColumn, nameColumn, type PlacedColumn } from './columns.ts';
import { curveHeight, curveWidth } from './curves.ts';
import type { Block } from './runRows.ts';

export const rowHeight = 24;
export const starred = 'tags.`updraft.starred`';
/** What every row is painted from, whatever its columns are. */
export const rowFields = ['attributes.run_name', 'attributes.status', starred];

export interface GridRowProps {
  /** Of the grid: the cell that has its cursor is known by it. */
  id: string;
  index: number;
  /** Undefined while the row is read. */
  block: Block | undefined;
  at: number;
  pinned: readonly PlacedColumn[];
  rest: readonly PlacedColumn[];
  pinnedWidth: number;
  width: number;
  isSelected: boolean;
  isHidden: boolean;
  /** The column that has the cursor of the keyboard; -1 is the box to select by; undefined where it is in another row. */
  active: number | undefined;
  digitsOf(field: string): number;
  isNumeric(column: PlacedColumn): boolean;
  curveOf(run: string, key: string): string | undefined;
  /** Of the run, as its charts have it. */
  color: string;
  /** Other numbers whenever a curve of the run, or the digits of a column, are others. */
  curvesVersion: number;
  formatVersion: number;
}

/** A row of the table. Clicks are handled by the grid, which reads what was meant from `data-do`. */
export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { id, index, block, at, pinned, rest, pinnedWidth, width, isSelected, isHidden, active, isNumeric, color } = props;
  const run = block?.runs[at];
  // Only the cell with the cursor is looked for by its id: thousands of others would cost time at each scrolling.
  const idOf = (column: number) => (active === column ? `${id}-${index}-${column}` : undefined);
  // Cells stand side by side, after a gap for the columns out of view: placed one by one, each would be a layer to paint.
  const cell = (column: PlacedColumn, gap = 0) => (
    <div
      key={column.name}
      id={idOf(column.index)}
      role="gridcell"
      aria-colindex={column.index + 2}
      className={classOf(column, active === column.index, isNumeric(column))}
      style={{ width: column.width, marginLeft: gap }}
      data-column={column.index}
    >
      {run !== undefined && <CellContent {...props} block={block!} run={run} column={column} />}
    </div>
  );
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-busy={run === undefined}
      className={`grid-row${isSelected ? ' is-selected' : ''}${isHidden ? ' is-hidden' : ''}`}
      style={{ top: index * rowHeight, width }}
      data-row={index}
    >
      <div className="grid-pinned" style={{ width: pinnedWidth }}>
        <div id={idOf(-1)} role="gridcell" aria-colindex={1} className={`grid-gutter${active === -1 ? ' is-active' : ''}`} data-column={-1}>
          {run !== undefined && (
            <>
              <span className="grid-box" data-do="check" title="Select (Space)">
                <Icon name={isSelected ? 'check' : 'blank'} />
              </span>
              <span
                className="grid-swatch"
                data-do="hide"
                title={isHidden ? 'Show in charts (H)' : 'Leave out of charts (H)'}
                style={{ color }}
              >
                <Icon name={isHidden ? 'eye-closed' : 'circle-filled'} />
              </span>
              <span className="visually-hidden">
                {isSelected ? 'selected' : 'not selected'}
                {isHidden ? ', not in charts' : ''}
              </span>
            </>
          )}
        </div>
        {pinned.map((column) => cell(column))}
      </div>
      {rest.map((column, at) => cell(column, at === 0 ? column.left : 0))}
    </div>
  );
});

function classOf({ name }: PlacedColumn, isActive: boolean, isNumber: boolean): string {
  return `grid-cell${name === nameColumn ? ' is-name' : ''}${isActive ? ' is-active' : ''}${isNumber ? ' is-number' : ''}`;
}

function CellContent({
  block,
  at,
  run,
  column,
  digitsOf,
  curveOf,
  color,
}: GridRowProps & { block: Block; run: string; column: PlacedColumn }): ReactNode {
  if (column.of === 'series') {
    const path = curveOf(run, column.key);
    return path ? (
      <svg width={curveWidth} height={curveHeight} viewBox={`0 0 ${curveWidth} ${curveHeight}`} aria-hidden="true" className="grid-curve">
        <path d={path} style={{ stroke: color }} />
      </svg>
    ) : null;
  }
  if (column.name === durationColumn) return <Lasting block={block} at={at} />;
  const value = block.cells.get(column.name)?.[at];
  if (column.name === nameColumn) return <Name run={run} name={String(value ?? run)} block={block} at={at} />;
  if (value === undefined) return <span className="grid-waiting" />;
  if (value === null) return null;
  if (column.of === 'metric')
    return typeof value === 'number' ? (
      <span title={`${column.key}: ${value}`}>{metricText(value, digitsOf(column.name))}</span>
    ) : (
      <span className="grid-odd" title={`${column.key}: ${value}`}>
        {plainText(String(value), 20)}
      </span>
    );
  if (column.of === 'attribute') return <Attribute name={column.key} value={value} />;
  const text = String(value);
  return <bdi title={plainText(text)}>{plainText(text, 300)}</bdi>;
}

function Name({ run, name, block, at }: { run: string; name: string; block: Block; at: number }) {
  const { href } = useHost();
  const status = block.cells.get('attributes.status')?.[at] as JobStatus | null | undefined;
  const { label } = lookOf(status ?? undefined);
  const isStarred = typeof block.cells.get(starred)?.[at] === 'string';
  const text = plainText(name, 300);
  return (
    <>
      <span className="grid-status" title={label} role="img" aria-label={label}>
        <StatusIcon status={status ?? undefined} />
      </span>
      <a href={href({ page: 'job', name: run })} tabIndex={-1} data-do="open" title={`${text}\n${run}`}>
        <bdi>{text}</bdi>
      </a>
      <span
        className={`grid-star${isStarred ? ' is-starred' : ''}`}
        data-do="star"
        title={isStarred ? 'Take the star away (S)' : 'Star (S)'}
        role="img"
        aria-label={isStarred ? 'starred' : undefined}
        aria-hidden={!isStarred}
      >
        <Icon name={isStarred ? 'star-full' : 'star-empty'} />
      </span>
    </>
  );
}

function Attribute({ name, value }: { name: string; value: Cell }): ReactNode {
  if (typeof value === 'number' && (name === 'start_time' || name === 'end_time')) return <When at={new Date(value).toISOString()} />;
  if (name === 'status') return <span>{lookOf(value as JobStatus).label}</span>;
  const text = plainText(String(value), 300);
  return <bdi title={text}>{text}</bdi>;
}

function Lasting({ block, at }: { block: Block; at: number }) {
  const time = (field: string) => {
    const value = block.cells.get(field)?.[at];
    return typeof value === 'number' ? new Date(value).toISOString() : undefined;
  };
  return <Duration from={time('attributes.start_time')} to={time('attributes.end_time')} />;
}
