/** A point in pixels. */
export interface Point {
  x: number;
  y: number;
}

/** The way of an arrow, in absolute pixels: through `points`, of which each second piece goes along the flow and the others from one line to another. */
export interface Route {
  points: readonly Point[];
  /** The middle of its label. */
  label?: Point;
}

/** Boxes of one rank take up all between `top` and `bottom`, along the flow; `at` is their middle. */
export interface Band {
  at: number;
  top: number;
  bottom: number;
}

/**
 * The corners of an arrow between two boxes, in a graph whose arrows run downwards. The layout puts boxes in ranks, and keeps one place in each rank between the
 * two boxes free for the arrow: `through`. Within a rank the arrow runs straight down, so that it can't touch a box. It turns aside only between ranks.
 */
export function routePoints(from: Point, to: Point, through: readonly Point[], bands: readonly Band[]): Point[] {
  const isUp = from.y > to.y;
  const bandAt = (y: number) => bands.find((band) => Math.abs(band.at - y) < 1);
  const holding = (y: number) => bands.find((band) => y >= band.top - 1 && y <= band.bottom + 1);
  const leave = (band: Band | undefined, y: number) => (band ? (isUp ? band.top : band.bottom) : y);
  const enter = (band: Band | undefined, y: number) => (band ? (isUp ? band.bottom : band.top) : y);
  const points: Point[] = [from, { x: from.x, y: leave(holding(from.y), from.y) }];
  for (const { x, y } of through) {
    const band = bandAt(y);
    points.push({ x, y: enter(band, y) }, { x, y: leave(band, y) });
  }
  points.push({ x: to.x, y: enter(holding(to.y), to.y) }, to);
  return points;
}

/** An SVG path along a route: straight along the flow, in bends that stay between the lines from one of them to the next. */
export function routePath({ points }: Route, direction: 'down' | 'right'): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M ${first.x} ${first.y}`;
  let before = first;
  for (const [index, point] of rest.entries()) {
    const isSame = Math.abs(point.x - before.x) < 0.01 && Math.abs(point.y - before.y) < 0.01;
    const isAlong = direction === 'down' ? Math.abs(point.x - before.x) < 0.01 : Math.abs(point.y - before.y) < 0.01;
    if (isSame && index < rest.length - 1) continue;
    if (isSame) break;
    if (isAlong) path += ` L ${point.x} ${point.y}`;
    else {
      const [x, y] = [(before.x + point.x) / 2, (before.y + point.y) / 2];
      path +=
        direction === 'down'
          ? ` C ${before.x} ${y} ${point.x} ${y} ${point.x} ${point.y}`
          : ` C ${x} ${before.y} ${x} ${point.y} ${point.x} ${point.y}`;
    }
    before = point;
  }
  return path;
}
