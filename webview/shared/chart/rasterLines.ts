import type { Scale } from './scale.ts';

/** A line to be painted: places `from` to `to` (inclusive) of its columns. */
export interface RasterLine {
  x: Float64Array;
  y: Float64Array;
  from: number;
  to: number;
  rgb: readonly [number, number, number];
}

/** With more lines than this their edges are hard. */
const softLines = 150;

/**
 * Paints very many lines into pixels (RGBA), some hundred times faster than a canvas strokes them: for each column of pixels it finds between which heights a line
 * passes there, and fills that. The scales are in pixels of the picture; `thickness` too.
 */
export function rasterLines(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  lines: readonly RasterLine[],
  xScale: Scale,
  yScale: Scale,
  thickness: number,
): void {
  const [ax, bx] = linear(xScale);
  const [ay, by] = linear(yScale);
  // NaN: the line does not pass through this column, such as where it has a gap.
  const low = new Float32Array(width).fill(Number.NaN);
  const high = new Float32Array(width).fill(Number.NaN);
  const half = thickness / 2;
  const isRough = lines.length > softLines;
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, width * height);
  // Column after column, so that what a line fills lies side by side.
  const columns = isRough ? new Uint32Array(width * height) : words;
  for (const { x, y, from, to, rgb } of lines) {
    let first = width;
    let last = -1;
    let [px, py] = [Number.NaN, Number.NaN];
    for (let at = from; at <= to; at++) {
      const qx = ax + bx * (xScale.isLog ? Math.log(x[at]!) : x[at]!);
      const qy = ay + by * (yScale.isLog ? Math.log(y[at]!) : y[at]!);
      if (!Number.isFinite(qy) || !Number.isFinite(qx)) {
        px = Number.NaN;
        continue;
      }
      // A point by itself is as wide as a pixel.
      const sx = Number.isNaN(px) ? qx : px;
      const sy = Number.isNaN(px) ? qy : py;
      px = qx;
      py = qy;
      const start = Math.max(0, Math.floor(sx));
      const end = Math.min(width - 1, Math.floor(qx));
      if (end < 0 || start >= width) continue;
      const slope = qx > sx ? (qy - sy) / (qx - sx) : 0;
      for (let column = start; column <= end; column++) {
        const left = column <= sx ? sy : sy + (column - sx) * slope;
        const right = column + 1 >= qx ? qy : sy + (column + 1 - sx) * slope;
        const top = Math.min(left, right);
        const bottom = Math.max(left, right);
        if (!(low[column]! <= top)) low[column] = top;
        if (!(high[column]! >= bottom)) high[column] = bottom;
      }
      if (start < first) first = start;
      if (end > last) last = end;
    }
    const solid = solidOf(rgb);
    for (let column = first; column <= last; column++) {
      const top = low[column]! - half;
      const bottom = high[column]! + half;
      if (!(bottom > 0 && top < height)) continue;
      // So many lines cover each other: soft edges would cost most of the time and be seen by nobody.
      if (isRough) {
        // Rounded as whole numbers, which is quicker than by Math.round.
        const begin = top > 0 ? (top + 0.5) | 0 : 0;
        const end = Math.min(height, Math.max((bottom + 0.5) | 0, begin + 1));
        for (let at = column * height + begin; at < column * height + end; at++) columns[at] = solid;
        continue;
      }
      const begin = Math.max(0, Math.floor(top));
      const finish = Math.min(height - 1, Math.ceil(bottom) - 1);
      for (let row = begin; row <= finish; row++) {
        const cover = Math.min(bottom, row + 1) - Math.max(top, row);
        if (cover > 0.99) words[row * width + column] = solid;
        else paint(pixels, 4 * (row * width + column), rgb, cover);
      }
    }
    low.fill(Number.NaN);
    high.fill(Number.NaN);
  }
  if (!isRough) return;
  for (let column = 0; column < width; column++)
    for (let row = 0; row < height; row++) {
      const pixel = columns[column * height + row]!;
      if (pixel !== 0) words[row * width + column] = pixel;
    }
}

/** An opaque pixel as one number, in the order of bytes of this machine. */
function solidOf([r, g, b]: readonly [number, number, number]): number {
  return new Uint32Array(Uint8Array.of(r, g, b, 255).buffer)[0]!;
}

function paint(pixels: Uint8ClampedArray, at: number, [r, g, b]: readonly [number, number, number], cover: number): void {
  const before = pixels[at + 3]! / 255;
  const alpha = cover + before * (1 - cover);
  if (alpha <= 0) return;
  const part = cover / alpha;
  pixels[at] = pixels[at]! + (r - pixels[at]!) * part;
  pixels[at + 1] = pixels[at + 1]! + (g - pixels[at + 1]!) * part;
  pixels[at + 2] = pixels[at + 2]! + (b - pixels[at + 2]!) * part;
  pixels[at + 3] = alpha * 255;
}

/** The two numbers of `pixel = a + b * value`, where a logarithmic scale takes the value's logarithm. */
export function linear({ min, max, start, size, isLog, isDown }: Scale): [number, number] {
  const [from, to] = isLog ? [Math.log(min), Math.log(max)] : [min, max];
  const b = ((isDown ? -1 : 1) * size) / (to - from);
  return [isDown ? start + size - b * from : start - b * from, b];
}

export function rgbOf(color: string): [number, number, number] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as [number, number, number];
}
