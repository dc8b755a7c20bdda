import type { Surface } from './drawScene.ts';

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '');
const rounded = (value: number): string => String(Math.round(value * 100) / 100);

/** Takes what would be drawn on a canvas and keeps it as the elements of an SVG. */
export class SvgSurface implements Surface {
  strokeStyle: Surface['strokeStyle'] = '#000';
  fillStyle: Surface['fillStyle'] = '#000';
  lineWidth = 1;
  globalAlpha = 1;
  font = '11px sans-serif';
  textAlign: CanvasTextAlign = 'left';
  textBaseline: CanvasTextBaseline = 'alphabetic';
  private readonly elements: string[] = [];
  private path: string[] = [];
  private dash = '';

  beginPath(): void {
    this.path = [];
  }
  moveTo(x: number, y: number): void {
    this.path.push(`M${rounded(x)} ${rounded(y)}`);
  }
  lineTo(x: number, y: number): void {
    this.path.push(`L${rounded(x)} ${rounded(y)}`);
  }
  closePath(): void {
    this.path.push('Z');
  }
  /** Whole circles only. */
  arc(x: number, y: number, radius: number): void {
    const r = rounded(radius);
    this.path.push(
      `M${rounded(x - radius)} ${rounded(y)}a${r} ${r} 0 1 0 ${rounded(2 * radius)} 0a${r} ${r} 0 1 0 ${rounded(-2 * radius)} 0`,
    );
  }
  setLineDash(segments: Iterable<number>): void {
    this.dash = [...segments].join(' ');
  }
  stroke(): void {
    const dash = this.dash ? ` stroke-dasharray="${this.dash}"` : '';
    this.draw(`fill="none" stroke="${escaped(String(this.strokeStyle))}" stroke-width="${this.lineWidth}" stroke-linejoin="round"${dash}`);
  }
  fill(): void {
    this.draw(`fill="${escaped(String(this.fillStyle))}"`);
  }
  fillText(text: string, x: number, y: number): void {
    const anchor = { left: 'start', start: 'start', center: 'middle', right: 'end', end: 'end' }[this.textAlign];
    const [size, ...family] = this.font.replace(/^(?:bold|600) /, '').split(' ');
    const weight = /^(?:bold|600) /.test(this.font) ? ' font-weight="600"' : '';
    const shift = { top: 0.8, middle: 0.35 }[this.textBaseline as string] ?? 0;
    const at = `x="${rounded(x)}" y="${rounded(y + Number.parseFloat(size!) * shift)}"`;
    const look = `font-family="${escaped(family.join(' '))}" font-size="${size}"${weight} fill="${escaped(String(this.fillStyle))}"`;
    this.elements.push(`<text ${at} text-anchor="${anchor}" ${look}>${escaped(text)}</text>`);
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    this.elements.push(`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${escaped(String(this.fillStyle))}"/>`);
  }

  /** What is drawn by `draw` is cut at this rectangle. */
  clipped(x: number, y: number, width: number, height: number, draw: () => void): void {
    this.elements.push(
      `<clipPath id="plot"><rect x="${x}" y="${y}" width="${width}" height="${height}"/></clipPath><g clip-path="url(#plot)">`,
    );
    draw();
    this.elements.push('</g>');
  }

  text(width: number, height: number): string {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">\n${this.elements.join('\n')}\n</svg>\n`;
  }

  private draw(look: string): void {
    const opacity = this.globalAlpha < 1 ? ` opacity="${this.globalAlpha}"` : '';
    if (this.path.length > 0) this.elements.push(`<path d="${this.path.join('')}" ${look}${opacity}/>`);
  }
}
