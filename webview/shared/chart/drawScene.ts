import { bestOf, type Line } from './line.ts';
import { linear } from './rasterLines.ts';
import { toPixel } from './scale.ts';
import { type Scene, visible } from './scene.ts';

/** What is needed of a canvas, so that a chart can be drawn into an SVG as well. */
export type Surface = Pick<
  CanvasRenderingContext2D,
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'closePath'
  | 'arc'
  | 'stroke'
  | 'fill'
  | 'fillText'
  | 'setLineDash'
  | 'strokeStyle'
  | 'fillStyle'
  | 'lineWidth'
  | 'globalAlpha'
  | 'font'
  | 'textAlign'
  | 'textBaseline'
>;

/** Points of a line that are marked one by one: with more of them the line says enough. */
const markedPoints = 30;
const markedLines = 12;
/** Oddities of a chart that are marked. */
const mostOddities = 500;

/** The grid and what stands at the axes. */
export function drawAxes(on: Surface, { xScale, yScale, xTicks, yTicks, palette }: Scene): void {
  on.lineWidth = 1;
  on.strokeStyle = palette.grid;
  on.setLineDash([]);
  on.beginPath();
  for (const { at } of yTicks) {
    const y = Math.round(toPixel(yScale, at)) + 0.5;
    on.moveTo(xScale.start, y);
    on.lineTo(xScale.start + xScale.size, y);
  }
  on.stroke();
  on.fillStyle = palette.text;
  on.font = palette.font;
  on.textAlign = 'right';
  on.textBaseline = 'middle';
  for (const { at, label } of yTicks) on.fillText(label, xScale.start - 6, toPixel(yScale, at));
  on.textAlign = 'center';
  on.textBaseline = 'top';
  for (const { at, label } of xTicks) {
    const half = label.length * 3;
    const x = Math.min(xScale.start + xScale.size + 10 - half, Math.max(half, toPixel(xScale, at)));
    on.fillText(label, x, yScale.start + yScale.size + 6);
  }
}

/** All lines, or the band in their place. The surface is clipped to the plot. */
export function drawLines(on: Surface, scene: Scene): void {
  if (scene.band) return drawBand(on, scene);
  for (const line of scene.lines) drawLine(on, scene, line);
}

export function drawLine(on: Surface, scene: Scene, { color, dash, curve }: Line, width = 1.5): void {
  const [from, to] = visible(curve.x, [scene.xScale.min, scene.xScale.max]);
  on.strokeStyle = color;
  on.fillStyle = color;
  if (scene.isSmoothed) {
    on.globalAlpha = 0.28;
    on.lineWidth = 1;
    on.setLineDash([]);
    on.beginPath();
    trace(on, scene, curve.x, curve.raw, from, to);
    on.stroke();
    on.globalAlpha = 1;
  }
  on.lineWidth = width;
  on.setLineDash([...dash]);
  on.beginPath();
  trace(on, scene, curve.x, curve.y, from, to);
  on.stroke();
  on.setLineDash([]);
  const isFew = to - from < markedPoints && scene.lines.length <= markedLines;
  for (let at = from; at <= to; at++) {
    const y = curve.raw[at]!;
    if (!isDrawable(scene, y)) continue;
    const isAlone = !isDrawable(scene, curve.raw[at - 1]) && !isDrawable(scene, curve.raw[at + 1]);
    if (isFew || isAlone) dot(on, toPixel(scene.xScale, curve.x[at]!), toPixel(scene.yScale, y), isAlone ? 3 : 2);
  }
}

const isDrawable = ({ isLog }: Scene, y: number | undefined): boolean => y !== undefined && Number.isFinite(y) && (!isLog || y > 0);

export function dot(on: Surface, x: number, y: number, radius: number): void {
  on.beginPath();
  on.arc(x, y, radius, 0, 2 * Math.PI);
  on.fill();
}

/** A path through the points. Of those in one column of pixels the first, least, greatest and last are enough. */
function trace(on: Surface, scene: Scene, x: Float64Array, y: Float64Array, from: number, to: number): void {
  const [ax, bx] = linear(scene.xScale);
  const [ay, by] = linear(scene.yScale);
  const { isLog } = scene.yScale;
  let column = Number.NaN;
  let [low, high, last, px] = [0, 0, 0, 0];
  let isDown = false;
  const leave = () => {
    if (!isDown) return;
    if (low !== high) {
      on.lineTo(px, low);
      on.lineTo(px, high);
      if (last !== high) on.lineTo(px, last);
    }
  };
  for (let at = from; at <= to; at++) {
    const value = y[at]!;
    const qy = ay + by * (isLog ? Math.log(value) : value);
    if (!Number.isFinite(qy)) {
      leave();
      isDown = false;
      column = Number.NaN;
      continue;
    }
    const qx = ax + bx * x[at]!;
    const here = Math.floor(qx * 2);
    if (here === column) {
      if (qy < low) low = qy;
      if (qy > high) high = qy;
      last = qy;
      continue;
    }
    leave();
    if (isDown) on.lineTo(qx, qy);
    else on.moveTo(qx, qy);
    isDown = true;
    column = here;
    low = high = last = qy;
    px = qx;
  }
  leave();
}

function drawBand(on: Surface, scene: Scene): void {
  const { x, mean, min, max } = scene.band!;
  const places = [...x.keys()].filter((at) => isDrawable(scene, max[at]!) && isDrawable(scene, min[at]!));
  on.fillStyle = scene.palette.accent;
  on.globalAlpha = 0.22;
  on.beginPath();
  const at = (y: Float64Array) => (place: number) => [toPixel(scene.xScale, x[place]!), toPixel(scene.yScale, y[place]!)] as const;
  const outline = [...places.map(at(max)), ...places.toReversed().map(at(min))];
  for (const [index, [px, py]] of outline.entries()) {
    if (index === 0) on.moveTo(px, py);
    else on.lineTo(px, py);
  }
  on.closePath();
  on.fill();
  on.globalAlpha = 1;
  on.strokeStyle = scene.palette.accent;
  on.lineWidth = 2;
  on.setLineDash([]);
  on.beginPath();
  trace(on, scene, x, mean, 0, x.length - 1);
  on.stroke();
}

/** Marks at the edges where values are no numbers (a cross at the bottom) or infinite (a triangle at the top or the bottom), and rings around the best points. */
export function drawMarks(on: Surface, scene: Scene): void {
  const { xScale, yScale, lines, best, band } = scene;
  if (band) return;
  const [above, below] = [yScale.start + 1, yScale.start + yScale.size - 1];
  on.lineWidth = 1.5;
  on.setLineDash([]);
  let count = 0;
  for (const { curve, color } of lines) {
    on.strokeStyle = color;
    on.fillStyle = color;
    let before = Number.NEGATIVE_INFINITY;
    for (const { x, kind } of curve.oddities) {
      const px = toPixel(xScale, x);
      if (px < xScale.start - 1 || px > xScale.start + xScale.size + 1 || px - before < 8 || count >= mostOddities) continue;
      before = px;
      count++;
      on.beginPath();
      if (kind === 'nan') {
        on.moveTo(px - 3, below - 6);
        on.lineTo(px + 3, below);
        on.moveTo(px + 3, below - 6);
        on.lineTo(px - 3, below);
        on.stroke();
        continue;
      }
      const [tip, base] = kind === 'above' ? [above, above + 7] : [below, below - 7];
      on.moveTo(px, tip);
      on.lineTo(px + 4.5, base);
      on.lineTo(px - 4.5, base);
      on.closePath();
      on.fill();
    }
  }
  if (!best) return;
  for (const { series, curve, color } of lines.slice(0, 50)) {
    const place = bestOf(series, best);
    if (place < 0) continue;
    const at = curve.order ? curve.order.indexOf(place) : place;
    if (at < 0 || !isDrawable(scene, curve.raw[at])) continue;
    const [px, py] = [toPixel(xScale, curve.x[at]!), toPixel(yScale, curve.raw[at]!)];
    if (px < xScale.start - 1 || px > xScale.start + xScale.size + 1) continue;
    on.strokeStyle = color;
    on.fillStyle = scene.palette.background;
    on.lineWidth = 2;
    on.beginPath();
    on.arc(px, py, 4, 0, 2 * Math.PI);
    on.fill();
    on.stroke();
  }
}
