import type { Dimension } from './dimension.ts';

/** What a user has marked on axes, by the key of the dimension: from and to, in its values. */
export type Brushes = Readonly<Record<string, readonly [number, number]>>;

/** Whether each run lies within all that is marked. A run without a value is outside of every mark on that axis. */
export function withinBrushes(dimensions: readonly Dimension[], brushes: Brushes): Uint8Array {
  const within = new Uint8Array(dimensions[0]?.values.length ?? 0).fill(1);
  for (const { key, values } of dimensions) {
    const brush = brushes[key];
    if (!brush) continue;
    for (const [run, value] of values.entries()) if (!(value >= brush[0] && value <= brush[1])) within[run] = 0;
  }
  return within;
}
