import { commonFormat } from '../chart/numbers.ts';
import type { Palette } from '../chart/palette.ts';
import { type Histogram, withFewerBins } from './content/histogram.ts';

/** Bars of at least so many pixels. */
const leastBar = 2;
const [left, right, top, bottom] = [44, 10, 8, 20];

/** The histogram with its axes, in so many pixels. */
export function drawHistogram(
  on: CanvasRenderingContext2D,
  histogram: Histogram,
  { width, height, color, palette }: { width: number; height: number; color: string; palette: Palette },
): void {
  const { counts, edges } = withFewerBins(histogram, Math.max(1, Math.floor((width - left - right) / leastBar)));
  const finite = counts.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  const [from, to] = [edges[0]!, edges.at(-1)!];
  // Where all edges are one and the same, each bin has the same width.
  const isFlat = from === to;
  const x = (edge: number, at: number) => left + (width - left - right) * (isFlat ? at / counts.length : (edge - from) / (to - from));
  const y = (count: number) => top + (height - top - bottom) * (1 - (count - low) / (high - low || 1));
  on.font = palette.font;
  on.textBaseline = 'middle';
  on.textAlign = 'right';
  on.lineWidth = 1;
  const marks = high > low ? [low, (low + high) / 2, high] : [0];
  const countText = commonFormat(marks);
  for (const mark of marks) {
    on.strokeStyle = palette.grid;
    on.beginPath();
    on.moveTo(left, Math.round(y(mark)) + 0.5);
    on.lineTo(width - right, Math.round(y(mark)) + 0.5);
    on.stroke();
    on.fillStyle = palette.text;
    on.fillText(countText(mark), left - 6, y(mark));
  }
  on.fillStyle = color;
  for (const [at, count] of counts.entries()) {
    if (!Number.isFinite(count) || count === 0) continue;
    const [start, end] = [x(edges[at]!, at), x(edges[at + 1]!, at + 1)];
    const gap = end - start > 4 ? 1 : 0;
    const [upper, lower] = [Math.min(y(count), y(0)), Math.max(y(count), y(0))];
    on.fillRect(start, upper, Math.max(1, end - start - gap), Math.max(1, lower - upper));
  }
  on.fillStyle = palette.text;
  on.textBaseline = 'alphabetic';
  const edgeText = commonFormat([from, to]);
  for (const [edge, align] of [
    [from, 'left'],
    [to, 'right'],
  ] as const) {
    on.textAlign = align;
    on.fillText(edgeText(edge), align === 'left' ? left : width - right, height - 5);
  }
}
