import type { Dimension } from './dimension.ts';
import { shortLabel, valueText } from './valueText.ts';

/** What is known of the run under the pointer, beside it. `x` and `y` in pixels of the chart around, `width` its own. */
export function Pointed({
  label,
  run,
  dimensions,
  x,
  y,
  width,
}: {
  label: string;
  run: number;
  dimensions: readonly Dimension[];
  x: number;
  y: number;
  width: number;
}) {
  const isRight = x > width / 2;
  return (
    <div className="pointed" style={{ top: y, ...(isRight ? { right: width - x + 12 } : { left: x + 12 }) }}>
      <strong>{shortLabel(label, 60)}</strong>
      {dimensions.slice(0, 12).map((dimension) => (
        <span key={dimension.key} className="pointed-row">
          <span className="dim">{shortLabel(dimension.label, 30)}</span>
          <span className="number">{valueText(dimension, run)}</span>
        </span>
      ))}
    </div>
  );
}
