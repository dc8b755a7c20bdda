import { formatNumber } from '../chart/numbers.ts';
import type { Dimension } from './dimension.ts';
import type { Look } from './look.ts';
import { shortLabel } from './valueText.ts';

/** Which colour stands for which value of the objective. */
export function ColorBar({ objective, look }: { objective: Dimension; look: Look }) {
  const { min, max, categories, label } = objective;
  const text = (value: number) => (Number.isNaN(value) ? '–' : categories ? shortLabel(categories[value]!, 12) : formatNumber(value));
  return (
    <span className="color-bar">
      <span className="dim">{shortLabel(label, 40)}</span>
      <span className="number">{text(min)}</span>
      <span
        className="color-bar-levels"
        aria-hidden="true"
        style={{ background: `linear-gradient(to right, ${look.levels.join(', ')})` }}
      />
      <span className="number">{text(max)}</span>
    </span>
  );
}
