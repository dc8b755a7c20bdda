import type { Cell } from '../../../src/protocol/runTable.ts';

/** What runs are set against each other by: a parameter or a metric, with a value of each run. */
export interface Dimension {
  /** Unique on a chart. */
  key: string;
  label: string;
  /** Texts in the order of their places; undefined where the values are numbers. */
  categories?: string[];
  isLog: boolean;
  /** By run: a number, or the place of a category. NaN: the run has none that can be drawn. */
  values: Float64Array;
  /** Of what can be drawn; both NaN where there is nothing. */
  min: number;
  max: number;
}

/** A greatest value this many times the least spreads over decades: on a straight axis nearly all would lie at one end. */
const wide = 100;

/** The number that a text is, as YAML and Python write one; undefined for another text. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined;
}

const isNotFinite = (text: string) => /^[+-]?(?:nan|inf(?:inity)?)$/i.test(text.trim());

/**
 * Numbers where all cells are, else categories. `isLog` says whether its axis is logarithmic; absent, it is where values spread over decades. A
 * logarithmic axis has no place for zero and less.
 */
export function dimensionOf(key: string, label: string, cells: readonly Cell[], isLog?: boolean): Dimension {
  const numbers = new Float64Array(cells.length).fill(Number.NaN);
  let isNumeric = true;
  for (const [index, cell] of cells.entries()) {
    if (cell === null || (typeof cell === 'string' && isNotFinite(cell))) continue;
    const value = typeof cell === 'number' ? cell : numberOf(cell);
    if (value === undefined) {
      isNumeric = false;
      break;
    }
    if (Number.isFinite(value)) numbers[index] = value;
  }
  if (!isNumeric) return categorical(key, label, cells);
  const whole = rangeOf(numbers);
  if (!(isLog ?? (whole.min > 0 && whole.max / whole.min >= wide))) return { key, label, isLog: false, values: numbers, ...whole };
  const positive = numbers.map((value) => (value > 0 ? value : Number.NaN));
  return { key, label, isLog: true, values: positive, ...rangeOf(positive) };
}

function categorical(key: string, label: string, cells: readonly Cell[]): Dimension {
  const texts = cells.map((cell) => (cell === null ? undefined : String(cell)));
  const categories = [...new Set(texts.filter((text) => text !== undefined))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const places = new Map(categories.map((text, place) => [text, place]));
  const values = Float64Array.from(texts, (text) => (text === undefined ? Number.NaN : places.get(text)!));
  return { key, label, categories, isLog: false, values, ...rangeOf(values) };
}

function rangeOf(values: Float64Array): { min: number; max: number } {
  let [min, max] = [Number.NaN, Number.NaN];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (!(value >= min)) min = value;
    if (!(value <= max)) max = value;
  }
  return { min, max };
}

/** Whether runs differ in it: what is the same everywhere explains nothing. */
export const varies = ({ min, max }: Dimension): boolean => max > min;
