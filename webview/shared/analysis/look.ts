import { useMemo } from 'react';
import { type Palette, usePalette } from '../chart/palette.ts';
import type { Dimension } from './dimension.ts';
import { scaleOf } from './scale.ts';
import { isBright, levelOf, sequentialColors } from './sequential.ts';

/** Colours of the present theme, written into each element of a picture: saved as a file it looks the same. */
export interface Look extends Palette {
  /** From the least value to the greatest. */
  levels: string[];
  family: string;
  background: string;
}

/** With a goal, the best values have the colours that are seen best. */
export function useLook(goal?: 'minimize' | 'maximize'): Look {
  const palette = usePalette();
  return useMemo(
    () => ({
      ...palette,
      levels: levelsFor(isBright(palette.text), goal),
      family: palette.font.replace(/^\S+\s+/, ''),
      background: getComputedStyle(document.body).backgroundColor,
    }),
    [palette, goal],
  );
}

function levelsFor(isDark: boolean, goal: 'minimize' | 'maximize' | undefined): string[] {
  const levels = sequentialColors(isDark);
  // The bright end stands out on dark, the dark end on light.
  return goal === (isDark ? 'minimize' : 'maximize') ? levels.reverse() : levels;
}

/** The level of colour of each run by its objective; -1 where it has none. */
export function levelsOf(objective: Dimension): Int8Array {
  const scale = scaleOf(objective, 2);
  return Int8Array.from(objective.values, (value) => (Number.isNaN(value) ? -1 : levelOf(scale.at(value))));
}
