import { useEffect, useMemo, useRef, useState } from 'react';
import { commonFormat, formatNumber } from '../chart/numbers.ts';
import type { Palette } from '../chart/palette.ts';
import { useWidth } from '../ui/useWidth.ts';
import { type Histogram, withFewerBins } from './content/histogram.ts';
import { drawHistogram } from './drawHistogram.ts';

/** Bins of the table for those who do not see the bars. */
const tableBins = 40;

/** Bars of a histogram. */
export function HistogramView({
  histogram,
  color,
  palette,
  name,
  height,
}: {
  histogram: Histogram;
  color: string;
  palette: Palette;
  name: string;
  height: number;
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState('');
  useEffect(() => {
    if (!canvas.current || width === 0) return;
    const scale = devicePixelRatio;
    [canvas.current.width, canvas.current.height] = [Math.round(width * scale), Math.round(height * scale)];
    const on = canvas.current.getContext('2d')!;
    on.scale(scale, scale);
    drawHistogram(on, histogram, { width, height, color, palette });
  }, [histogram, color, palette, width, height]);
  const fewer = useMemo(() => withFewerBins(histogram, tableBins), [histogram]);
  const sum = useMemo(() => histogram.counts.reduce((all, count) => all + (Number.isFinite(count) ? count : 0), 0), [histogram]);
  const missing = histogram.counts.filter((count) => !Number.isFinite(count)).length;
  const words = `${histogram.counts.length} bins from ${formatNumber(histogram.edges[0])} to ${formatNumber(histogram.edges.at(-1))}, ${formatNumber(sum)} in all`;
  return (
    <div ref={box}>
      <canvas
        ref={canvas}
        style={{ width: '100%', height, display: 'block' }}
        role="img"
        aria-label={`Histogram ${name}: ${words}`}
        onPointerMove={({ nativeEvent, currentTarget }) =>
          setPointed(binAt(histogram, (nativeEvent.offsetX - 44) / Math.max(1, currentTarget.clientWidth - 54)))
        }
        onPointerLeave={() => setPointed('')}
      />
      <p className="logged-note">
        {pointed || words}
        {missing > 0 && !pointed ? ` · ${missing} of the counts are no finite numbers` : ''}
      </p>
      <table className="visually-hidden">
        <caption>Histogram {name}</caption>
        <thead>
          <tr>
            <th scope="col">from</th>
            <th scope="col">to</th>
            <th scope="col">count</th>
          </tr>
        </thead>
        <tbody>
          {fewer.counts.map((count, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: bins are told apart by their place alone
            <tr key={at}>
              <td>{formatNumber(fewer.edges[at])}</td>
              <td>{formatNumber(fewer.edges[at + 1])}</td>
              <td>{formatNumber(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The bin at a share of the width, in words. */
function binAt({ counts, edges }: Histogram, share: number): string {
  if (share < 0 || share > 1) return '';
  const [from, to] = [edges[0]!, edges.at(-1)!];
  const value = from + share * (to - from);
  const at = from === to ? Math.min(counts.length - 1, Math.floor(share * counts.length)) : edges.findLastIndex((edge) => edge <= value);
  const bin = Math.min(counts.length - 1, Math.max(0, at));
  const format = commonFormat([edges[bin], edges[bin + 1]]);
  return `${format(edges[bin])} to ${format(edges[bin + 1])}: ${formatNumber(counts[bin])}`;
}
