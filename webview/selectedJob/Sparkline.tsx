import { useMemo } from 'react';
import { curvePath } from '../shared/chart/curvePath.ts';

const width = 300;
const height = 32;

/** A curve in miniature, as wide as there is room. Decoration: what it ends with is said beside it. */
export function Sparkline({ values, color }: { values: Float64Array; color: string }) {
  const path = useMemo(() => curvePath(values, width, height), [values]);
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} style={{ stroke: color }} />
    </svg>
  );
}
