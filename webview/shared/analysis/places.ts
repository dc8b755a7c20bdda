import type { Dimension } from './dimension.ts';
import { type Look, levelsOf } from './look.ts';
import type { Scale } from './scale.ts';

/** Room around a plane for labels, in pixels. */
export const margins = { left: 56, right: 12, top: 8, bottom: 38 };

export interface Scales {
  x: Scale;
  y: Scale;
}

/** Where each run lies, in pixels; undefined where it has no place. */
export type Places = ({ x: number; y: number } | undefined)[];

export function placesOf(x: Dimension, y: Dimension, scales: Scales, width: number, height: number): Places {
  const [inner, outer] = [width - margins.left - margins.right, height - margins.top - margins.bottom];
  return Array.from(x.values, (value, run) => {
    const [across, up] = [scales.x.at(value), scales.y.at(y.values[run]!)];
    return Number.isNaN(across) || Number.isNaN(up) ? undefined : { x: margins.left + across * inner, y: margins.top + (1 - up) * outer };
  });
}

/** Points of a colour as one path of strokes without a length, whose round ends are the points. */
export interface PointPath {
  d: string;
  color: string;
  opacity: number;
}

/** A path for each level of colour, however many runs there are; first, faint, the runs that are left out by a range. */
export function pointPaths(places: Places, objective: Dimension, within: Uint8Array, look: Look): PointPath[] {
  const levels = levelsOf(objective);
  const paths = new Map<number, string[]>();
  for (const [run, place] of places.entries()) {
    if (!place) continue;
    const key = within[run] ? levels[run]! : leftOut;
    const path = paths.get(key) ?? [];
    path.push(`M${place.x.toFixed(1)},${place.y.toFixed(1)}h0`);
    paths.set(key, path);
  }
  return [...paths]
    .sort(([a], [b]) => a - b)
    .map(([level, path]) => ({
      d: path.join(''),
      color: level === leftOut ? look.grid : level < 0 ? look.text : look.levels[level]!,
      opacity: within.length > 500 ? 0.7 : 1,
    }));
}

/** Stands for the level of runs beyond a range. */
const leftOut = -2;

/** How near a point the pointer must be, in pixels. */
const reach = 20;

/** The run whose point is nearest; undefined where none is near. */
export function nearestPlace(places: Places, within: Uint8Array, x: number, y: number): number | undefined {
  let best: number | undefined;
  let distance = reach ** 2;
  for (const [run, place] of places.entries()) {
    if (!place || !within[run]) continue;
    const square = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (square < distance) [best, distance] = [run, square];
  }
  return best;
}
