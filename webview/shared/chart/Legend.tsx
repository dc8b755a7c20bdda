import { useMemo } from 'react';
import { extremes, type Line } from './line.ts';
import { commonFormat, formatNumber } from './numbers.ts';
import { distinctNames } from './shortNames.ts';

/** Rows of a legend: with more of them nobody looks for a line there. */
const mostRows = 100;

/** What is drawn, the greatest latest value first, with each line's figures. Pointing at a row brings out its line. */
export function Legend({
  lines,
  best,
  highlighted,
  onHighlight,
}: {
  lines: readonly Line[];
  best: 'min' | 'max' | undefined;
  highlighted: string | undefined;
  onHighlight(id: string | undefined): void;
}) {
  const rows = useMemo(() => {
    const figures = lines.map((line) => ({ line, ...extremes(line.series) }));
    const rank = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
    // A difference of infinities is none.
    return figures.sort((a, b) => (rank(a.last) === rank(b.last) ? 0 : rank(b.last) > rank(a.last) ? 1 : -1)).slice(0, mostRows);
  }, [lines]);
  const format = useMemo(() => commonFormat(rows.flatMap(({ last, min, max }) => [last, min, max])), [rows]);
  const names = useMemo(
    () =>
      distinctNames(
        rows.map(({ line }) => line.label),
        40,
      ),
    [rows],
  );
  const more = lines.length - rows.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too
    // biome-ignore lint/a11y/noStaticElementInteractions: what it brings out is in the table
    <div className="chart-legend" tabIndex={0} onMouseLeave={() => onHighlight(undefined)}>
      <table className="legend">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Line</span>
            </th>
            <th scope="col">latest</th>
            <th scope="col" className={best === 'min' ? 'legend-best' : undefined}>
              min
            </th>
            <th scope="col" className={best === 'max' ? 'legend-best' : undefined}>
              max
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ line, last, min, max, nans }) => (
            <tr key={line.id} className={highlighted === line.id ? 'is-highlighted' : undefined} onMouseEnter={() => onHighlight(line.id)}>
              <th scope="row" title={line.label}>
                <Swatch line={line} />
                <span className="swatch-label">{names.get(line.label)}</span>
                {nans > 0 && (
                  <span className="legend-note" title={`${nans} of the values that are drawn are no numbers`}>
                    NaN
                  </span>
                )}
              </th>
              <td title={last === undefined ? undefined : String(last)}>{format(last)}</td>
              <td title={min === undefined ? undefined : String(min)}>{format(min)}</td>
              <td title={max === undefined ? undefined : String(max)}>{format(max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p className="chart-note">and {formatNumber(more)} more lines with lower values</p>}
    </div>
  );
}

/** A piece of the line, in its colour and pattern. */
export function Swatch({ line: { color, dash } }: { line: Pick<Line, 'color' | 'dash'> }) {
  return (
    <svg className="line-swatch" width="14" height="8" aria-hidden="true">
      <line x1="0" x2="14" y1="4" y2="4" stroke={color} strokeWidth="2.5" strokeDasharray={dash.join(' ')} />
    </svg>
  );
}
