import type { RunColumn } from '../../../src/protocol/runTable.ts';
import { isSystemMetric } from '../../../src/protocol/systemMetric.ts';
import { fieldName, fieldOf, quoted, unquoted } from '../fields.ts';

/** A column of the table: a field of the runs, or `series`, the curve of a metric. */
export interface TableColumn {
  /** As in `view.columns`. */
  name: string;
  of: RunColumn['of'] | 'series';
  key: string;
  label: string;
  /** What kind of thing it shows, for its tooltip. */
  kind: string;
  /** Pixels, where the user has not said. */
  width: number;
  /** Whether the server sorts by it. */
  isSortable: boolean;
}

/** A column where it is painted: pixels from the left of the pinned ones, or of the others. */
export interface PlacedColumn extends TableColumn {
  left: number;
  width: number;
  /** From 0, pinned ones first. */
  index: number;
  isPinned: boolean;
}

export interface Layout {
  pinned: PlacedColumn[];
  /** By their place. */
  rest: PlacedColumn[];
  all: PlacedColumn[];
  pinnedWidth: number;
  restWidth: number;
}

export const narrowest = 48;
export const widest = 1200;
/** What stands before the first column: the box to select by and the colour. */
export const gutter = 62;

const attributes: Record<string, { label: string; width: number; isSortable: boolean }> = {
  run_name: { label: 'Name', width: 240, isSortable: true },
  status: { label: 'Status', width: 110, isSortable: true },
  start_time: { label: 'Started', width: 112, isSortable: true },
  duration: { label: 'Duration', width: 96, isSortable: true },
  end_time: { label: 'Ended', width: 112, isSortable: true },
  user_id: { label: 'By', width: 110, isSortable: true },
  experiment: { label: 'Experiment', width: 150, isSortable: true },
  job_type: { label: 'Type', width: 100, isSortable: true },
  parent: { label: 'Part of', width: 150, isSortable: true },
  run_id: { label: 'Id', width: 250, isSortable: true },
  artifact_uri: { label: 'Artifacts', width: 250, isSortable: true },
};
export const attributeNames = Object.keys(attributes).map((key) => fieldName({ of: 'attribute', key }));
export const nameColumn = 'attributes.run_name';
export const durationColumn = 'attributes.duration';

const kinds = { attribute: 'Attribute', metric: 'Metric', param: 'Parameter', tag: 'Tag', series: 'Curve of the metric' };
const widths = { attribute: 120, metric: 104, param: 110, tag: 130, series: 110 };

/** Room that a head has beside its name: for its edges, the sign of its order and, of a curve, its icon. Pixels, as those of a character are, about. */
const [besideName, ofCharacter, widestName] = [56, 6.6, 240];
/** A name stands in its head whole, unless it is long. */
const widthFor = (name: string, least: number): number =>
  Math.max(least, Math.min(widestName, Math.ceil(name.length * ofCharacter) + besideName));

/** The name of the column that draws a metric's curve. */
export const seriesName = (metric: string): string => `series.${quoted(metric)}`;

/** undefined for a name that was kept by another version, or that somebody made up. */
export function columnOf(name: string): TableColumn | undefined {
  const field: { of: TableColumn['of']; key: string } | undefined = name.startsWith('series.')
    ? { of: 'series', key: unquoted(name.slice('series.'.length)) }
    : fieldOf(name);
  if (!field) return undefined;
  const attribute = field.of === 'attribute' ? attributes[field.key] : undefined;
  if (field.of === 'attribute' && !attribute) return undefined;
  return {
    ...field,
    name,
    label: attribute?.label ?? field.key,
    kind: kinds[field.of],
    width: attribute?.width ?? widthFor(field.key, widths[field.of]),
    isSortable: attribute?.isSortable ?? field.of !== 'series',
  };
}

/** The fields that a column is painted from, by name. */
export function fieldsOf({ of, name }: TableColumn): string[] {
  if (of === 'series') return [];
  // It grows while the run lasts.
  return name === durationColumn ? ['attributes.start_time', 'attributes.end_time'] : [name];
}

/** The columns of a table that nobody has arranged: the first metrics and parameters, without those of the machine. */
export function firstColumns(keys: { metrics: string[]; params: string[] } | undefined): string[] {
  const metrics = (keys?.metrics ?? []).filter((key) => !isSystemMetric(key)).slice(0, 8);
  return [
    nameColumn,
    'attributes.start_time',
    'attributes.duration',
    ...metrics.slice(0, 1).map(seriesName),
    ...metrics.map((key) => fieldName({ of: 'metric', key })),
    ...(keys?.params ?? []).slice(0, 8).map((key) => fieldName({ of: 'param', key })),
  ];
}

/** Pinned columns first; columns that are unknown or named twice are left out. */
export function layoutOf(names: readonly string[], pinned: readonly string[], wanted: Readonly<Record<string, number>>): Layout {
  const columns = [...new Set(names)].flatMap((name) => columnOf(name) ?? []);
  const isPinned = (column: TableColumn) => pinned.includes(column.name);
  let index = 0;
  const place = (list: TableColumn[], start: number, side: boolean) => {
    let left = start;
    const placed = list.map((column): PlacedColumn => {
      const width = Math.min(widest, Math.max(narrowest, wanted[column.name] ?? column.width));
      const at = { ...column, width, left, index: index++, isPinned: side };
      left += width;
      return at;
    });
    return { placed, end: left };
  };
  const first = place(columns.filter(isPinned), gutter, true);
  const rest = place(
    columns.filter((column) => !isPinned(column)),
    0,
    false,
  );
  return {
    pinned: first.placed,
    rest: rest.placed,
    all: [...first.placed, ...rest.placed],
    pinnedWidth: first.end,
    restWidth: rest.end,
  };
}

/** The columns of `rest` that cross [from, to) in pixels, by halving: there may be a thousand. */
export function columnsWithin(rest: readonly PlacedColumn[], from: number, to: number): PlacedColumn[] {
  let [low, high] = [0, rest.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rest[middle]!.left + rest[middle]!.width <= from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < rest.length && rest[end]!.left < to) end++;
  return rest.slice(low, end);
}

/** `names` with `name` where `target` is now. */
export function moved(names: readonly string[], name: string, target: string): string[] {
  const [from, to] = [names.indexOf(name), names.indexOf(target)];
  if (from < 0 || to < 0 || from === to) return [...names];
  const rest = names.filter((each) => each !== name);
  rest.splice(to, 0, name);
  return rest;
}
