import { pngOfCanvas } from '../pngOfCanvas.ts';
import { drawAxes, drawLines, drawMarks, type Surface } from './drawScene.ts';
import { layOut, type Plotted } from './scene.ts';
import { middleShortened } from './shortNames.ts';
import { SvgSurface } from './svgSurface.ts';

export interface Picture extends Plotted {
  title: string;
  width: number;
  height: number;
}

const titleRoom = 30;
const rowHeight = 16;
const columnWidth = 220;
/** Lines that the legend of a picture names. */
const namedLines = 24;

type PictureSurface = Surface & Pick<CanvasRenderingContext2D, 'fillRect'>;

/** The chart with its title and legend, drawn as it is shown. Answers the height of the whole. */
function drawPicture(
  on: PictureSurface,
  picture: Picture,
  clipped: (x: number, y: number, width: number, height: number, draw: () => void) => void,
  widthOf: (label: string) => number,
): void {
  const { title, width, height, palette, lines } = picture;
  on.fillStyle = palette.background;
  on.fillRect(0, 0, width, pictureHeight(picture));
  on.font = `600 ${palette.font.replace(/^\S+/, '13px')}`;
  on.fillStyle = palette.strong;
  on.textAlign = 'left';
  on.textBaseline = 'middle';
  on.fillText(middleShortened(title, Math.floor(width / 8)), 10, 16);
  const scene = layOut(picture, width, height + titleRoom, widthOf, titleRoom);
  drawAxes(on, scene);
  clipped(scene.xScale.start, scene.yScale.start - 1, scene.xScale.size, scene.yScale.size + 2, () => drawLines(on, scene));
  drawMarks(on, scene);
  on.font = palette.font;
  on.textAlign = 'left';
  on.textBaseline = 'middle';
  const columns = columnsOf(width);
  for (const [index, line] of lines.slice(0, namedLines).entries()) {
    const x = 12 + (index % columns) * columnWidth;
    const y = height + titleRoom + 12 + Math.floor(index / columns) * rowHeight;
    on.strokeStyle = line.color;
    on.lineWidth = 2;
    on.setLineDash([...line.dash]);
    on.beginPath();
    on.moveTo(x, y);
    on.lineTo(x + 18, y);
    on.stroke();
    on.fillStyle = palette.text;
    on.fillText(middleShortened(line.label, 30), x + 24, y);
  }
  on.setLineDash([]);
  if (lines.length > namedLines) on.fillText(`and ${lines.length - namedLines} more`, 12, pictureHeight(picture) - 10);
}

const columnsOf = (width: number): number => Math.max(1, Math.floor((width - 12) / columnWidth));

export function pictureHeight({ width, height, lines }: Picture): number {
  const rows = Math.ceil(Math.min(namedLines, lines.length) / columnsOf(width));
  return height + titleRoom + rows * rowHeight + 10 + (lines.length > namedLines ? rowHeight : 0);
}

/** About the width of text in the font of charts, where no canvas measures it. */
const roughWidth = (label: string): number => label.length * 6.2;

export function svgOf(picture: Picture): string {
  const surface = new SvgSurface();
  drawPicture(surface, picture, (...args) => surface.clipped(...args), roughWidth);
  return surface.text(picture.width, pictureHeight(picture));
}

/** At twice the size, for screens and papers that show more. */
export function pngOf(picture: Picture): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = picture.width * 2;
  canvas.height = pictureHeight(picture) * 2;
  const on = canvas.getContext('2d')!;
  on.scale(2, 2);
  const clipped = (x: number, y: number, width: number, height: number, draw: () => void) => {
    on.save();
    on.beginPath();
    on.rect(x, y, width, height);
    on.clip();
    draw();
    on.restore();
  };
  on.font = picture.palette.font;
  drawPicture(on, picture, clipped, (label) => on.measureText(label).width);
  return pngOfCanvas(canvas);
}
