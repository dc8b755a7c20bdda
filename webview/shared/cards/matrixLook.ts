import { isBright, levelOf, sequentialColors } from '../analysis/sequential.ts';
import type { Palette } from '../chart/palette.ts';
import { type Matrix, sharesOf } from './content/matrix.ts';

/** A cell's colour, that of its text, and its share of the row where it has one. */
export interface CellLook {
  fill: string | undefined;
  text: string | undefined;
  share: number | undefined;
}

/** Colours of the cells by their share of the row, where that has one; by their size among all, where it has none. */
export function matrixLook({ rows }: Matrix, palette: Pick<Palette, 'background'>): (row: number, column: number) => CellLook {
  const colors = sequentialColors(!isBright(palette.background));
  const shares = rows.map(sharesOf);
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows)
    for (const value of row) if (Number.isFinite(value)) [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
  return (row, column) => {
    const value = rows[row]![column]!;
    const share = shares[row]?.[column];
    if (!Number.isFinite(value)) return { fill: undefined, text: undefined, share: undefined };
    const fill = colors[levelOf(share ?? (value - least) / (greatest - least || 1))]!;
    return { fill, text: textOn(fill), share };
  };
}

/** Black or white, whichever is read better on a colour. */
export function textOn(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  const brightness = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  // Where both have the same contrast.
  return brightness > 0.179 ? '#000000' : '#ffffff';
}

export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0).replace(/\.0$/, '')} %`;
