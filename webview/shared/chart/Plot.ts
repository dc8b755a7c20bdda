import { dot, drawAxes, drawLine, drawLines, drawMarks } from './drawScene.ts';
import { type Line, lastAtOrBefore, nearest } from './line.ts';
import { type RasterLine, rasterLines, rgbOf } from './rasterLines.ts';
import { moved, type Scale, toPixel, toValue, zoomed } from './scale.ts';
import { isEmpty, layOut, type Plotted, type Range, type Scene, visible } from './scene.ts';

/** A point near the cursor: `at` is its place in the line's curve. */
export interface Near {
  line: Line;
  at: number;
  left: number;
  top: number;
}

/** Where the cursor is, and the points near it, the nearest first. */
export interface Hover {
  x: number;
  left: number;
  top: number;
  near: Near[];
}

export interface PlotEvents {
  onHover(hover: Hover | undefined): void;
  /** The user chose what part is shown; undefined keeps an axis as it is. `isDone`: the movement has ended. */
  onRange(x: Range | undefined, y: Range | undefined): void;
  onReset(): void;
  /** A click, that was no part of a movement. */
  onClick(): void;
  onDrawn(scene: Scene, isEmpty: boolean): void;
}

/** With more points, or more lines, than these the lines are painted by `rasterLines`: a canvas takes its time for each line, however short. */
const manyPoints = 25_000;
const manyLines = 200;
/** Lines that a tooltip tells of. */
const nearLines = 6;
/** Pixels that a pointer moves before it is a movement. */
const movement = 4;
/** Pixels of height from which a box is meant to choose the vertical range too. */
const tallBox = 24;
/** A wheel has come to rest after so long, in ms. */
const wheelRestMs = 180;

/** Paints a chart on canvases inside `element`, and turns what a pointer does there into ranges. It knows nothing of React. */
export class Plot {
  private readonly element: HTMLElement;
  private readonly events: PlotEvents;
  private readonly layers: Record<'axes' | 'lines' | 'marks', HTMLCanvasElement>;
  private readonly cursor: HTMLElement;
  private readonly box: HTMLElement;
  private readonly observer: ResizeObserver;
  private plotted: Plotted | undefined;
  private scene: Scene | undefined;
  private frame = 0;
  private cost = 0;
  private drawnAt = 0;
  private live: { x: Range; y: Range | undefined } | undefined;
  private wheelTimer = 0;
  private pressed: { x: number; y: number; isPan: boolean; hasMoved: boolean; scene: Scene } | undefined;
  private highlighted: string | undefined;
  private hover: Hover | undefined;

  constructor(element: HTMLElement, events: PlotEvents) {
    this.element = element;
    this.events = events;
    const add = <K extends 'canvas' | 'div'>(name: K, className: string): HTMLElementTagNameMap[K] => {
      const child = document.createElement(name);
      child.className = className;
      child.setAttribute('aria-hidden', 'true');
      return element.appendChild(child);
    };
    this.layers = { axes: add('canvas', 'plot-layer'), lines: add('canvas', 'plot-layer plot-lines'), marks: add('canvas', 'plot-layer') };
    this.cursor = add('div', 'plot-cursor');
    this.box = add('div', 'plot-box');
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(element);
    element.addEventListener('pointermove', this.move);
    element.addEventListener('pointerdown', this.press);
    element.addEventListener('pointerup', this.release);
    element.addEventListener('pointercancel', this.cancel);
    element.addEventListener('pointerleave', this.leave);
    element.addEventListener('dblclick', this.reset);
    element.addEventListener('wheel', this.wheel, { passive: false });
  }

  dispose(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.wheelTimer);
    this.element.removeEventListener('pointermove', this.move);
    this.element.removeEventListener('pointerdown', this.press);
    this.element.removeEventListener('pointerup', this.release);
    this.element.removeEventListener('pointercancel', this.cancel);
    this.element.removeEventListener('pointerleave', this.leave);
    this.element.removeEventListener('dblclick', this.reset);
    this.element.removeEventListener('wheel', this.wheel);
    this.element.replaceChildren();
  }

  /** Shows something else from the next frame on. */
  show(plotted: Plotted): void {
    this.plotted = plotted;
    if (!this.pressed && !this.wheelTimer) this.live = undefined;
    this.redraw();
  }

  /** Draws this run's line above the others, which step back; undefined: all alike. */
  highlight(id: string | undefined): void {
    if (this.highlighted === id) return;
    this.highlighted = id;
    this.drawMarks();
  }

  /** The cursor of another chart is here. */
  pointAt(x: number | undefined): void {
    const { scene } = this;
    const isShown = x !== undefined && scene && x >= scene.xScale.min && x <= scene.xScale.max;
    this.cursor.style.display = isShown ? 'block' : 'none';
    if (isShown) this.cursor.style.transform = `translateX(${toPixel(scene.xScale, x)}px)`;
  }

  /** Moves the cursor to the next or previous point of the first line, and answers whether there is one. */
  step(by: number): void {
    const { scene } = this;
    const line = scene?.lines.find(({ id }) => id === this.highlighted) ?? scene?.lines[0];
    if (!scene || !line || line.curve.x.length === 0) return;
    const { x, raw } = line.curve;
    const [from, to] = visible(x, [scene.xScale.min, scene.xScale.max]);
    const now = this.hover ? nearest(x, this.hover.x) : by > 0 ? from - 1 : to + 1;
    const at = Math.min(to, Math.max(from, now + by));
    this.setHover(toPixel(scene.xScale, x[at]!), toPixel(scene.yScale, raw[at]!));
  }

  /** Zooms around the middle, or moves by a part of what is shown. */
  zoom(by: number): void {
    if (this.scene) this.commit(zoomed(this.scene.xScale, (this.scene.xScale.min + this.scene.xScale.max) / 2, by), undefined);
  }

  pan(part: number): void {
    if (this.scene) this.commit(moved(this.scene.xScale, part), undefined);
  }

  get shown(): Scene | undefined {
    return this.scene;
  }

  /** Draws with the next frame; where drawing is slow, series that arrive wait for a few frames. */
  private redraw(): void {
    if (this.frame || !this.plotted) return;
    // The first lines do not wait.
    if (!this.scene?.lines.length && this.plotted.lines.length > 0) return this.draw();
    const due = () => {
      const isSlow = !this.live && this.cost > 8 && performance.now() - this.drawnAt < this.cost * 3;
      if (isSlow) this.frame = requestAnimationFrame(due);
      else {
        this.frame = 0;
        this.draw();
      }
    };
    this.frame = requestAnimationFrame(due);
  }

  private draw(): void {
    const started = performance.now();
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width < 20 || height < 20) return;
    const ratio = devicePixelRatio || 1;
    const axes = this.context('axes', width, height, ratio);
    axes.font = this.plotted!.palette.font;
    const plotted = { ...this.plotted!, xRange: this.live?.x ?? this.plotted!.xRange, yRange: this.live?.y ?? this.plotted!.yRange };
    const scene = layOut(plotted, width, height, (label) => axes.measureText(label).width);
    this.scene = scene;
    drawAxes(axes, scene);
    const lines = this.context('lines', width, height, ratio);
    const painted = paintedLines(scene);
    if (painted) this.raster(lines, scene, painted, ratio);
    else {
      clipTo(lines, scene);
      drawLines(lines, scene);
    }
    // What is at the pointer is something else now.
    if (this.hover) this.setHover(this.hover.left, this.hover.top);
    else this.drawMarks();
    this.element.dataset.lines = String(scene.lines.filter(({ curve }) => curve.x.length > 0).length);
    this.drawnAt = performance.now();
    this.cost = this.drawnAt - started;
    this.events.onDrawn(scene, isEmpty(scene));
  }

  /** Canvases keep their size: another one would empty them, at some cost. */
  private context(layer: keyof Plot['layers'], width: number, height: number, ratio: number): CanvasRenderingContext2D {
    const canvas = this.layers[layer];
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext('2d')!;
    context.reset();
    context.scale(ratio, ratio);
    return context;
  }

  private raster(on: CanvasRenderingContext2D, { xScale, yScale }: Scene, painted: RasterLine[], ratio: number): void {
    const [left, top] = [Math.round(xScale.start * ratio), Math.round(yScale.start * ratio)];
    const [width, height] = [Math.max(1, Math.round(xScale.size * ratio)), Math.max(1, Math.round(yScale.size * ratio))];
    const image = on.createImageData(width, height);
    const inside = (scale: Scale, size: number): Scale => ({ ...scale, start: 0, size });
    rasterLines(image.data, width, height, painted, inside(xScale, width), inside(yScale, height), 1.2 * ratio);
    on.putImageData(image, left, top);
  }

  private drawMarks(): void {
    const { scene } = this;
    if (!scene) return;
    const ratio = devicePixelRatio || 1;
    const marks = this.context('marks', scene.width, scene.height, ratio);
    const chosen = this.highlighted === undefined ? undefined : scene.lines.find(({ id }) => id === this.highlighted);
    this.layers.lines.style.opacity = chosen && scene.lines.length > 1 ? '0.25' : '';
    const line = chosen ?? (scene.lines.length > 1 ? this.hover?.near[0]?.line : undefined);
    marks.save();
    clipTo(marks, scene);
    if (line) drawLine(marks, scene, line, 2);
    marks.restore();
    drawMarks(marks, scene);
    for (const near of this.hover?.near ?? []) {
      marks.fillStyle = near.line.color;
      dot(marks, near.left, near.top, 3);
    }
  }

  private setHover(left: number, top: number): void {
    const { scene } = this;
    if (!scene) return;
    const x = toValue(scene.xScale, left);
    const near = nearestPoints(scene, x, top);
    this.hover = { x, left, top, near };
    this.pointAt(x);
    this.drawMarks();
    this.events.onHover(this.hover);
  }

  private readonly move = (event: PointerEvent): void => {
    const [left, top] = this.placeOf(event);
    const { pressed, scene } = this;
    if (!scene) return;
    if (!pressed) {
      const inside = left >= scene.xScale.start - 4 && left <= scene.xScale.start + scene.xScale.size + 8;
      if (inside) this.setHover(Math.min(scene.xScale.start + scene.xScale.size, Math.max(scene.xScale.start, left)), top);
      else this.leave();
      return;
    }
    if (!pressed.hasMoved && Math.abs(left - pressed.x) < movement && Math.abs(top - pressed.y) < movement) return;
    if (!pressed.hasMoved) this.forgetHover();
    pressed.hasMoved = true;
    if (pressed.isPan) {
      const { xScale, yScale } = pressed.scene;
      const down = pressed.y - top;
      this.live = {
        x: moved(xScale, (pressed.x - left) / xScale.size),
        // The vertical range follows the data, unless it was chosen.
        y: this.plotted?.yRange && [toValue(yScale, yScale.start + yScale.size + down), toValue(yScale, yScale.start + down)],
      };
      return this.redraw();
    }
    const { from, to, above, below, isTall, isWide } = this.boxOf(pressed, left, top);
    Object.assign(this.box.style, {
      display: 'block',
      left: `${isWide ? from : scene.xScale.start}px`,
      width: `${isWide ? to - from : scene.xScale.size}px`,
      top: `${isTall ? above : scene.yScale.start}px`,
      height: `${isTall ? below - above : scene.yScale.size}px`,
    });
  };

  private boxOf(pressed: { x: number; y: number }, left: number, top: number) {
    const { xScale, yScale } = this.scene!;
    const within = ({ start, size }: Scale, at: number) => Math.min(start + size, Math.max(start, at));
    const [from, to] = [within(xScale, Math.min(pressed.x, left)), within(xScale, Math.max(pressed.x, left))];
    const [above, below] = [within(yScale, Math.min(pressed.y, top)), within(yScale, Math.max(pressed.y, top))];
    return { from, to, above, below, isTall: below - above >= tallBox, isWide: to - from >= 5 };
  }

  private readonly press = (event: PointerEvent): void => {
    if (event.button > 1 || !this.scene) return;
    const [x, y] = this.placeOf(event);
    this.pressed = { x, y, isPan: event.shiftKey || event.button === 1, hasMoved: false, scene: this.scene };
    this.element.setPointerCapture(event.pointerId);
    // The middle button would scroll.
    if (event.button === 1) event.preventDefault();
  };

  private readonly release = (event: PointerEvent): void => {
    const { pressed, scene, live } = this;
    if (!pressed || !scene) return;
    this.cancel();
    if (!pressed.hasMoved) return this.events.onClick();
    if (pressed.isPan) return live && this.commit(live.x, live.y);
    const [left, top] = this.placeOf(event);
    const { from, to, above, below, isTall, isWide } = this.boxOf(pressed, left, top);
    if (!isWide && !isTall) return;
    this.commit(
      isWide ? [toValue(scene.xScale, from), toValue(scene.xScale, to)] : undefined,
      isTall ? [toValue(scene.yScale, below), toValue(scene.yScale, above)] : undefined,
    );
  };

  private readonly cancel = (): void => {
    this.pressed = undefined;
    this.box.style.display = 'none';
  };

  private readonly leave = (): void => {
    if (!this.pressed) this.forgetHover();
  };

  private forgetHover(): void {
    if (!this.hover) return;
    this.hover = undefined;
    this.pointAt(undefined);
    this.drawMarks();
    this.events.onHover(undefined);
  }

  private readonly reset = (): void => {
    this.live = undefined;
    this.events.onReset();
  };

  /** The page scrolls by the wheel: with Ctrl (or a pinch) it zooms, sideways (or with Shift) it moves. */
  private readonly wheel = (event: WheelEvent): void => {
    const { scene } = this;
    const sideways = event.deltaX || (event.shiftKey ? event.deltaY : 0);
    if (!scene || (!event.ctrlKey && !event.metaKey && Math.abs(sideways) <= Math.abs(event.deltaY) / 2)) return;
    event.preventDefault();
    // What is near the pointer is not looked for while all of it moves.
    this.forgetHover();
    const x =
      event.ctrlKey || event.metaKey
        ? zoomed(scene.xScale, toValue(scene.xScale, this.placeOf(event)[0]), 1.0015 ** event.deltaY)
        : moved(scene.xScale, sideways / scene.xScale.size);
    this.live = { x, y: this.live?.y };
    // The next turn of the wheel goes on from here, also when it comes before the next frame.
    this.scene = { ...scene, xScale: { ...scene.xScale, min: x[0], max: x[1] } };
    this.redraw();
    clearTimeout(this.wheelTimer);
    this.wheelTimer = window.setTimeout(() => {
      this.wheelTimer = 0;
      if (this.live) this.commit(this.live.x, this.live.y);
    }, wheelRestMs);
  };

  private commit(x: Range | undefined, y: Range | undefined): void {
    this.events.onRange(x, y);
  }

  private placeOf(event: MouseEvent): [number, number] {
    const { left, top } = this.element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }
}

function clipTo(on: CanvasRenderingContext2D, { xScale, yScale }: Scene): void {
  on.beginPath();
  on.rect(xScale.start - 2, yScale.start - 2, xScale.size + 4, yScale.size + 4);
  on.clip();
}

/** The lines to be painted as pixels, when there are so many points that a canvas would be slow. */
function paintedLines({ lines, band, isSmoothed, xScale }: Scene): RasterLine[] | undefined {
  if (band) return undefined;
  let points = 0;
  const painted = lines.map(({ curve, color }): RasterLine => {
    const [from, to] = visible(curve.x, [xScale.min, xScale.max]);
    points += Math.max(0, to - from);
    return { x: curve.x, y: curve.y, from, to, rgb: rgbOf(color) };
  });
  return points * (isSmoothed ? 2 : 1) > manyPoints || lines.length > manyLines ? painted : undefined;
}

/** Of each line the point at the cursor; those next to the pointer. */
function nearestPoints(scene: Scene, x: number, top: number): Near[] {
  if (scene.band) return [];
  const found: { near: Near; away: number }[] = [];
  for (const line of scene.lines) {
    const { x: xs, y } = line.curve;
    let at = nearest(xs, x);
    // A gap has no place: the last point before it speaks.
    while (at > 0 && !Number.isFinite(y[at]!)) at--;
    if (at < 0 || !Number.isFinite(y[at]!) || (scene.isLog && y[at]! <= 0)) continue;
    if (x > xs.at(-1)! && lastAtOrBefore(xs, scene.xScale.min) === xs.length - 1) continue;
    const near = { line, at, left: toPixel(scene.xScale, xs[at]!), top: toPixel(scene.yScale, y[at]!) };
    found.push({ near, away: Math.abs(near.top - top) + Math.abs(near.left - toPixel(scene.xScale, x)) });
  }
  return found
    .sort((a, b) => a.away - b.away)
    .slice(0, nearLines)
    .map(({ near }) => near);
}
