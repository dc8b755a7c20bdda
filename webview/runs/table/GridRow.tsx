// biome-ignore-all lint/a11y: a grid of which only a part is in the document is no <table>; it has the focus and the keys itself, and says which cell is active
import { memo, type ReactNode } from 'react';
import { formatDuration } from '../../../src/base/text.ts';
import type { JobStatus } from '../../../src/protocol/job.ts';
import { useHost } from '../../shared/host/host.ts';
import { Duration } from '../../shared/ui/Duration.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { lookOf } from '../../shared/ui/statusLook.ts';
import { When } from '../../shared/ui/When.tsx';
import { metricText } from './cellText.ts';
import { durationColumn, nameColumn, type PlacedColumn } from './columns.ts';
import { curveHeight, curveWidth } from './curves.ts';
import type { Block } from './runRows.ts';

export const rowHeight = 24;
const statusColumn = 'attributes.status';
export const starred = 'tags.`updraft.starred`';
/** What every row is painted from, whatever its columns are. */
export const rowFields = [nameColumn, statusColumn, starred];

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
  /** The size of the font, in pixels. */
  em: number;
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

/**
 * A row of the table. Clicks are handled by the grid, which reads what was meant from `data-do`. There are thousands of cells, and painting takes as long as they have elements and
 * clips: a plain value is the text of its cell, an icon one element, and a cell clips only what may not fit.
 */
export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { id, index, block, at, pinned, rest, pinnedWidth, width, em, isSelected, isHidden, active, isNumeric, color } = props;
  const run = block?.runs[at];
  // Only the cell with the cursor is looked for by its id: thousands of others would cost time at each scrolling.
  const idOf = (column: number) => (active === column ? `${id}-${index}-${column}` : undefined);
  // Cells stand side by side, after a gap for the columns out of view: placed one by one, each would be a layer to paint.
  const cell = (column: PlacedColumn, gap = 0) => {
    const { content, text = '', title, look = '', isClipped } = run === undefined ? nothing : contentOf(column, run, block!, props);
    const isNumber = isNumeric(column);
    return (
      <div
        key={column.name}
        id={idOf(column.index)}
        role="gridcell"
        aria-colindex={column.index + 2}
        className={`grid-cell${look}${active === column.index ? ' is-active' : ''}${isNumber ? ' is-number' : ''}${isClipped || mayOverflow(text, column, em) ? ' is-clipped' : ''}`}
        style={{ width: column.width, marginLeft: gap }}
        data-column={column.index}
        title={title}
      >
        {content}
      </div>
    );
  };
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
        <div
          id={idOf(-1)}
          role="gridcell"
          aria-colindex={1}
          aria-label={run === undefined ? undefined : `${isSelected ? 'selected' : 'not selected'}${isHidden ? ', not in charts' : ''}`}
          className={`grid-gutter${active === -1 ? ' is-active' : ''}`}
          data-column={-1}
        >
          {run !== undefined && (
            <>
              <span
                className={`grid-box${isSelected ? ' codicon codicon-check' : ''}`}
                data-do="check"
                title="Select (Space)"
                aria-hidden="true"
              />
              <span
                className={`grid-swatch codicon codicon-${isHidden ? 'eye-closed' : 'circle-filled'}`}
                data-do="hide"
                title={isHidden ? 'Show in charts (H)' : 'Leave out of charts (H)'}
                style={{ color }}
                aria-hidden="true"
              />
            </>
          )}
        </div>
        {pinned.map((column) => cell(column))}
      </div>
      {rest.map((column, at) => cell(column, at === 0 ? column.left : 0))}
    </div>
  );
});

interface CellContent {
  content?: ReactNode;
  /** What is too long for the cell or not. */
  text?: string;
  /** It is as if it were too long. */
  isClipped?: boolean;
  title?: string;
  /** Classes, each after a space. */
  look?: string;
}

const nothing: CellContent = {};

const paddings = 16;
/** Of the name's cell around the name: status and star. */
const besideName = 44;
/** Characters that no font makes wider than `narrowWidth`; the widths are in the size of the font. */
const narrow = /[a-ln-vx-z0-9 .,:;'|!()[\]{}/_-]/g;
const [narrowWidth, widest] = [0.65, 1.3];

function mayOverflow(text: string, { name, width }: PlacedColumn, em: number): boolean {
  const room = (width - paddings - (name === nameColumn ? besideName : 0)) / em;
  // Most texts are short.
  if (text.length * widest <= room) return false;
  const wide = text.replace(narrow, '').length;
  return (text.length - wide) * narrowWidth + wide * widest > room;
}

/** Text of which every letter goes from left to right is not kept apart from what stands beside it. */
const isLatin = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);
const apart = (text: string): ReactNode => (isLatin(text) ? text : <bdi>{text}</bdi>);

function contentOf(column: PlacedColumn, run: string, block: Block, { at, digitsOf, curveOf, color }: GridRowProps): CellContent {
  if (column.of === 'series') {
    const path = curveOf(run, column.key);
    if (!path) return nothing;
    return {
      content: (
        <svg width={curveWidth} height={curveHeight} viewBox={`0 0 ${curveWidth} ${curveHeight}`} aria-hidden="true" className="grid-curve">
          <path d={path} style={{ stroke: color }} />
        </svg>
      ),
    };
  }
  if (column.name === durationColumn) return lasting(block, at);
  const value = block.cells.get(column.name)?.[at];
  if (column.name === nameColumn) {
    const name = plainText(String(value ?? run), 300);
    return { content: <Name run={run} name={name} block={block} at={at} />, text: name, look: ' is-name' };
  }
  if (value === undefined) return { look: ' is-waiting' };
  if (value === null) return nothing;
  if (column.of === 'metric') {
    const title = `${column.key}: ${value}`;
    if (typeof value !== 'number') return textual(plainText(String(value), 20), title, ' is-odd');
    return textual(metricText(value, digitsOf(column.name)), title);
  }
  if (column.of === 'attribute' && typeof value === 'number' && (column.key === 'start_time' || column.key === 'end_time'))
    return { content: <When at={new Date(value).toISOString()} />, isClipped: true };
  if (column.name === statusColumn) return textual(lookOf(value as JobStatus).label);
  return textual(plainText(String(value), 300), plainText(String(value)));
}

const textual = (text: string, title?: string, look?: string): CellContent => ({
  content: apart(text),
  text,
  ...(title === undefined ? {} : { title }),
  ...(look === undefined ? {} : { look }),
});

/** Of a name with its status before and a star behind it. */
function Name({ run, name, block, at }: { run: string; name: string; block: Block; at: number }) {
  const { href } = useHost();
  const status = block.cells.get(statusColumn)?.[at] as JobStatus | null | undefined;
  const { icon, tone, label, spin } = lookOf(status ?? undefined);
  const isStarred = typeof block.cells.get(starred)?.[at] === 'string';
  return (
    <>
      <span
        className={`grid-status codicon codicon-${icon} tone-${tone}${spin ? ' codicon-modifier-spin' : ''}`}
        title={label}
        role="img"
        aria-label={label}
      />
      <a href={href({ page: 'job', name: run })} tabIndex={-1} data-do="open" title={`${name}\n${run}`}>
        {apart(name)}
      </a>
      <span
        className={`grid-star codicon codicon-star-${isStarred ? 'full is-starred' : 'empty'}`}
        data-do="star"
        title={isStarred ? 'Take the star away (S)' : 'Star (S)'}
        role="img"
        aria-label={isStarred ? 'starred' : undefined}
        aria-hidden={!isStarred}
      />
    </>
  );
}

function lasting(block: Block, at: number): CellContent {
  const [from, to] = ['attributes.start_time', 'attributes.end_time'].map((field) => block.cells.get(field)?.[at]);
  if (typeof from !== 'number') return nothing;
  if (typeof to === 'number') return textual(formatDuration(Math.max(0, to - from)));
  return { content: <Duration from={new Date(from).toISOString()} to={undefined} />, isClipped: true };
}
