import { CopyButton } from '../ui/CopyButton.tsx';
import { ToolButton } from '../ui/ToolButton.tsx';
import { formatX } from './axisText.ts';
import { Swatch } from './Legend.tsx';
import type { Axis, Line } from './line.ts';
import { exactNumber } from './numbers.ts';
import type { Hover, Near } from './Plot.ts';

/** The points near the cursor with all digits. Kept in place by a click, its text can be chosen and copied. */
export function ChartTip({
  hover,
  axis,
  width,
  isKept,
  onClose,
}: {
  hover: Hover;
  axis: Axis;
  width: number;
  isKept: boolean;
  onClose(): void;
}) {
  const isRight = hover.left > width / 2;
  const rows = hover.near.map((near) => ({ near, ...pointOf(near) }));
  const text = rows.map(({ near, step, value }) => `${near.line.label}\t${step}\t${value}`).join('\n');
  const place = isRight ? { right: width - hover.left + 14 } : { left: hover.left + 14 };
  return (
    <div
      className={`chart-tip${isKept ? ' is-kept' : ''}`}
      style={{ ...place, top: Math.max(0, Math.min(hover.top - 20, 60)) }}
      {...(isKept ? { role: 'dialog', 'aria-label': 'Points' } : { 'aria-hidden': true })}
    >
      <header>
        <span>{formatX(hover.near[0] ? hover.near[0].line.curve.x[hover.near[0].at]! : hover.x, axis)}</span>
        {isKept && (
          <span>
            <CopyButton text={text} label="Copy these values" />
            <ToolButton icon="close" label="Close" onClick={onClose} />
          </span>
        )}
      </header>
      {rows.map(({ near, step, value }) => (
        <div key={near.line.id} className="chart-tip-row">
          <Swatch line={near.line} />
          <span className="chart-tip-name">{near.line.label}</span>
          {axis !== 'step' && <span className="dim">step {step}</span>}
          <b>{value}</b>
        </div>
      ))}
    </div>
  );
}

/** Step and exact value of a point, as they were logged: not the smoothed ones. */
export function pointOf({ line, at }: Pick<Near, 'at'> & { line: Pick<Line, 'curve' | 'series'> }): { step: string; value: string } {
  const place = line.curve.order ? line.curve.order[at]! : at;
  return { step: String(line.series.steps[place] ?? ''), value: exactNumber(line.series.values[place] ?? Number.NaN) };
}
