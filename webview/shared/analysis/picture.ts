import { pngOfCanvas } from '../pngOfCanvas.ts';

/** The layers of a chart as one drawing, without what the pointer marks. */
export function drawingOf(chart: HTMLElement): SVGSVGElement | undefined {
  const [top, ...below] = [...chart.querySelectorAll('svg:not(.analysis-over)')]
    .reverse()
    .map((each) => each.cloneNode(true) as SVGSVGElement);
  for (const layer of below) top!.prepend(...layer.childNodes);
  return top;
}

/** A drawing as a PNG of twice its size, on the page's own background. */
export async function pictureOf(svg: SVGSVGElement): Promise<Blob> {
  const [width, height] = [svg.width.baseVal.value, svg.height.baseVal.value];
  const url = URL.createObjectURL(new Blob([svg.outerHTML], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    const context = canvas.getContext('2d')!;
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await pngOfCanvas(canvas);
  } finally {
    URL.revokeObjectURL(url);
  }
}
