import { memo } from 'react';
import { formatX } from './axisText.ts';
import { type Axis, bestOf, extremes, type Line, lastAtOrBefore } from './line.ts';
import { exactNumber, formatNumber } from './numbers.ts';

const mostRows = 20;
const parts = [0, 0.25, 0.5, 0.75, 1];

/** What a chart shows, as a table for those who do not see it. */
export const ChartTable = memo(function ChartTable({ name, lines, axis }: { name: string; lines: readonly Line[]; axis: Axis }) {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { curve } of lines)
    if (curve.x.length > 0) {
      from = Math.min(from, curve.x[0]!);
      to = Math.max(to, curve.x.at(-1)!);
    }
  const places = from < to ? parts.map((part) => from + (to - from) * part) : [];
  return (
    <table className="visually-hidden">
      <caption>
        Values of {name}
        {lines.length > mostRows ? `: the first ${mostRows} of ${lines.length} lines` : ''}
      </caption>
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col">Points</th>
          <th scope="col">Latest</th>
          <th scope="col">Lowest</th>
          <th scope="col">Highest</th>
          {places.map((x) => (
            <th scope="col" key={x}>
              at {formatX(x, axis)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.slice(0, mostRows).map(({ id, label, series, curve }) => {
          const { last, nans } = extremes(series);
          const best = (which: 'min' | 'max') => {
            const at = bestOf(series, which);
            return at < 0 ? '–' : `${exactNumber(series.values[at]!)} at step ${series.steps[at]}`;
          };
          return (
            <tr key={id}>
              <th scope="row">{label}</th>
              <td>{`${series.total}${nans > 0 ? `, ${nans} NaN` : ''}`}</td>
              <td>{formatNumber(last)}</td>
              <td>{best('min')}</td>
              <td>{best('max')}</td>
              {places.map((x) => (
                <td key={x}>{formatNumber(curve.raw[lastAtOrBefore(curve.x, x)])}</td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
});
