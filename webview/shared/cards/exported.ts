import type { Palette } from '../chart/palette.ts';
import { middleShortened } from '../chart/shortNames.ts';
import type { ChartRun } from '../chart/useLines.ts';
import { csvLine } from '../csv.ts';
import { pngOfCanvas } from '../pngOfCanvas.ts';
import { type Matrix, sharesOf } from './content/matrix.ts';
import type { Shown } from './content/shown.ts';
import { drawHistogram } from './drawHistogram.ts';
import { matrixLook, percent } from './matrixLook.ts';
import { reducedImage } from './reducedImage.ts';
import { atStep } from './steps.ts';

/** What one run of a card shows. `step`: that of its file, or the one asked for where a file has several. */
export interface RunContent {
  run: ChartRun;
  step: number | undefined;
  shown: Shown;
}

/** What has values, as CSV: undefined where nothing has. Kinds have other columns, so that of the first counts. */
export function csvOfContents(contents: readonly RunContent[]): string | undefined {
  const first = contents.find(({ shown }) => shown.kind === 'matrix' || shown.kind === 'histograms' || shown.kind === 'table')?.shown;
  if (!first) return undefined;
  const lines: string[] = [];
  const row = (...cells: Parameters<typeof csvLine>[0]) => lines.push(csvLine(cells));
  if (first.kind === 'matrix') row('run_id', 'run', 'step', 'actual', 'predicted', 'count', 'share_of_actual');
  if (first.kind === 'histograms') row('run_id', 'run', 'step', 'from', 'to', 'count');
  if (first.kind === 'table') row('run_id', 'run', 'step', ...first.table.columns);
  for (const { run, step, shown } of contents) {
    if (shown.kind !== first.kind) continue;
    const head = [run.id, run.label, step] as const;
    if (shown.kind === 'matrix') {
      const { labels, rows } = shown.matrix;
      for (const [actual, counts] of rows.entries()) {
        const shares = sharesOf(counts);
        for (const [predicted, count] of counts.entries()) row(...head, labels[actual], labels[predicted], count, shares?.[predicted]);
      }
    } else if (shown.kind === 'histograms') {
      for (const { counts, edges, step: own } of shown.histograms)
        for (const [at, count] of counts.entries()) row(run.id, run.label, own ?? step, edges[at], edges[at + 1], count);
    } else if (shown.kind === 'table') for (const cells of shown.table.rows) row(...head, ...cells);
  }
  return lines.join('');
}

const [tile, gap, title] = [360, 16, 26];
/** Pixels of a cell of a matrix, and the room of its labels. */
const [cell, labelRoom] = [44, 90];
/** Classes whose cells have room for text. */
const mostTexts = 30;

/** What can be drawn of them, side by side, as a PNG: undefined where nothing can. */
export async function pngOfContents(contents: readonly RunContent[], name: string, palette: Palette): Promise<Blob | undefined> {
  const tiles: { label: string; picture: CanvasImageSource; width: number; height: number; close(): void }[] = [];
  for (const { run, step, shown } of contents) {
    const label = step === undefined ? run.label : `${run.label}, step ${step}`;
    if (shown.kind === 'image') {
      const image = await imageOf(await reducedImage(shown.blob, shown.pixels, (2 * tile) ** 2));
      const scale = tile / Math.max(1, image.naturalWidth, image.naturalHeight);
      const size = { width: Math.max(1, image.naturalWidth * scale), height: Math.max(1, image.naturalHeight * scale) };
      tiles.push({ label, picture: image, ...size, close: () => URL.revokeObjectURL(image.src) });
    }
    const drawn =
      shown.kind === 'matrix'
        ? matrixCanvas(shown.matrix, palette)
        : shown.kind === 'histograms'
          ? histogramCanvas(run, step, shown, palette)
          : undefined;
    if (drawn) tiles.push({ label, picture: drawn, width: drawn.width / 2, height: drawn.height / 2, close: () => {} });
  }
  if (tiles.length === 0) return undefined;
  const columns = Math.min(tiles.length, 6);
  const [width, height] = [Math.max(...tiles.map((each) => each.width)), Math.max(...tiles.map((each) => each.height))];
  const canvas = document.createElement('canvas');
  canvas.width = 2 * (gap + columns * (width + gap));
  canvas.height = 2 * (title + gap + Math.ceil(tiles.length / columns) * (height + title + gap));
  const on = canvas.getContext('2d')!;
  on.scale(2, 2);
  on.fillStyle = palette.background;
  on.fillRect(0, 0, canvas.width, canvas.height);
  on.textBaseline = 'middle';
  on.font = `600 ${palette.font}`;
  on.fillStyle = palette.strong;
  on.fillText(middleShortened(name, 80), gap, title / 2 + 6);
  on.font = palette.font;
  on.imageSmoothingQuality = 'high';
  for (const [at, each] of tiles.entries()) {
    const [x, y] = [gap + (at % columns) * (width + gap), title + gap + Math.floor(at / columns) * (height + title + gap)];
    on.fillStyle = palette.strong;
    on.fillText(middleShortened(each.label, Math.floor(width / 7)), x, y + title / 2);
    on.drawImage(each.picture, x, y + title, each.width, each.height);
    each.close();
  }
  return pngOfCanvas(canvas);
}

async function imageOf(blob: Blob): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode();
  return image;
}

/** At twice the size. */
function canvasOf(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [2 * width, 2 * height];
  const on = canvas.getContext('2d')!;
  on.scale(2, 2);
  return [canvas, on];
}

function histogramCanvas(
  run: ChartRun,
  step: number | undefined,
  { histograms }: Extract<Shown, { kind: 'histograms' }>,
  palette: Palette,
): HTMLCanvasElement | undefined {
  const histogram = atStep(histograms, step);
  if (!histogram) return undefined;
  const [canvas, on] = canvasOf(tile, 220);
  drawHistogram(on, histogram, { width: tile, height: 220, color: run.color, palette });
  return canvas;
}

function matrixCanvas(matrix: Matrix, palette: Palette): HTMLCanvasElement {
  const { labels, rows } = matrix;
  const hasTexts = labels.length <= mostTexts;
  const size = hasTexts ? cell : Math.max(1, Math.floor((mostTexts * cell) / labels.length));
  const room = hasTexts ? labelRoom : 0;
  const [canvas, on] = canvasOf(room + labels.length * size, room + labels.length * size);
  const look = matrixLook(matrix, palette);
  on.font = palette.font;
  on.textBaseline = 'middle';
  for (const [row, values] of rows.entries()) {
    if (hasTexts) {
      on.fillStyle = palette.strong;
      on.textAlign = 'right';
      on.fillText(middleShortened(labels[row]!, 13), room - 6, room + (row + 0.5) * size);
      on.save();
      on.translate(room + (row + 0.5) * size, room - 6);
      on.rotate(-Math.PI / 2);
      on.textAlign = 'left';
      on.fillText(middleShortened(labels[row]!, 13), 0, 0);
      on.restore();
    }
    for (const [column, value] of values.entries()) {
      const { fill, text, share } = look(row, column);
      const [x, y] = [room + column * size, room + row * size];
      if (fill) {
        on.fillStyle = fill;
        on.fillRect(x, y, size, size);
      }
      if (!hasTexts) continue;
      on.strokeStyle = palette.background;
      on.strokeRect(x, y, size, size);
      on.fillStyle = text ?? palette.strong;
      on.textAlign = 'center';
      on.fillText(String(Math.round(value * 1000) / 1000), x + size / 2, y + size / 2 - (share === undefined ? 0 : 7));
      if (share !== undefined) on.fillText(percent(share), x + size / 2, y + size / 2 + 8);
    }
  }
  return canvas;
}
