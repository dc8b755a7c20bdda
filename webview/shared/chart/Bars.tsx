import { Swatch } from './Legend.tsx';
import type { Line } from './line.ts';
import { commonFormat, exactNumber } from './numbers.ts';

/** Bars that are in the document. */
const mostBars = 200;

/** A metric that runs logged once: a bar for each, the longest first. `isNamed`: of one alone it is said which run it is, for there are others. */
export function Bars({ lines, height, isNamed }: { lines: readonly Line[]; height: number; isNamed: boolean }) {
  const values = lines.map((line) => ({ line, value: line.series.values[0]! }));
  const finite = values.map(({ value }) => value).filter(Number.isFinite);
  const format = commonFormat(finite);
  if (values.length === 1)
    return (
      <div className="chart-figure" style={{ height }}>
        <strong title={exactNumber(values[0]!.value)}>{format(values[0]!.value)}</strong>
        {isNamed && (
          <span>
            <Swatch line={lines[0]!} /> <span className="swatch-label">{lines[0]!.label}</span>
          </span>
        )}
      </div>
    );
  const [low, high] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  const part = (value: number) => ((value - low) / (high - low || 1)) * 100;
  const sorted = values.sort((a, b) => (Number.isFinite(b.value) ? b.value : low - 1) - (Number.isFinite(a.value) ? a.value : low - 1));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
    <div className="chart-bars" style={{ height }} tabIndex={0}>
      <table>
        <tbody>
          {sorted.slice(0, mostBars).map(({ line, value }) => (
            <tr key={line.id}>
              <th scope="row" title={line.label}>
                <Swatch line={line} /> <span className="swatch-label">{line.label}</span>
              </th>
              <td className="bar-cell" aria-hidden="true">
                {Number.isFinite(value) && (
                  <span
                    className="bar-value"
                    style={{
                      background: line.color,
                      left: `${part(Math.min(0, value))}%`,
                      width: `${Math.max(0.5, part(Math.max(0, value)) - part(Math.min(0, value)))}%`,
                    }}
                  />
                )}
              </td>
              <td className="number" title={exactNumber(value)}>
                {format(value)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > mostBars && <p className="chart-note">and {sorted.length - mostBars} more</p>}
    </div>
  );
}
