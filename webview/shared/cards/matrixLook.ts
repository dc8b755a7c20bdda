import { isBright } from '../analysis/sequential.ts';
import type { Palette } from '../chart/palette.ts';
import { type Matrix, sharesOf } from './content/matrix.ts';

/** A cell's colour, that of its text, and its share of the row where it has one. */
export interface CellLook {
  fill: string | undefined;
  text: string | undefined;
  share: number | undefined;
}

/** One hue, from the background on: only the lightness tells, with every kind of colour vision. */
const fullColor = { onLight: '#08458f', onDark: '#8cc8ff' };
const leastPart = 0.08;

/** Colours of the cells by their share of the row, where that has one; by their size among all, where it has none. */
export function matrixLook({ rows }: Matrix, palette: Pick<Palette, 'background'>): (row: number, column: number) => CellLook {
  const ground = channelsOf(palette.background);
  const full = channelsOf(isBright(palette.background) ? fullColor.onLight : fullColor.onDark);
  const shares = rows.map(sharesOf);
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows)
    for (const value of row) if (Number.isFinite(value)) [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
  return (row, column) => {
    const value = rows[row]![column]!;
    const share = shares[row]?.[column];
    if (!Number.isFinite(value)) return { fill: undefined, text: undefined, share: undefined };
    const part = share ?? (value - least) / (greatest - least || 1);
    // What is there at all is told apart from nothing.
    const fill = mixed(ground, full, part > 0 ? leastPart + (1 - leastPart) * part : 0);
    return { fill, text: textOn(fill), share };
  };
}

/** `color` is hex or rgb, as themes write them. */
function channelsOf(color: string): number[] {
  const hex = /^#([0-9a-f]{3,8})/i.exec(color)?.[1];
  if (!hex) return [0, 1, 2].map((at) => Number((color.match(/[\d.]+/g) ?? [])[at] ?? 0));
  const digits = hex.length < 6 ? [...hex].map((digit) => digit + digit).join('') : hex;
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
}

const mixed = (from: readonly number[], to: readonly number[], part: number): string =>
  `#${from
    .map((channel, at) =>
      Math.round(channel + (to[at]! - channel) * part)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

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
