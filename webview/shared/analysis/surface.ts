/** A place on a chart, both from 0 to 1. */
export interface Place {
  x: number;
  y: number;
}

/** The outermost places in their order around all of them; fewer than three where all lie on one line. */
export function hullOf(places: readonly Place[]): Place[] {
  const sorted = [...places].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (from: Place[]) => {
    const chain: Place[] = [];
    for (const place of from) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, place) <= 1e-12) chain.pop();
      chain.push(place);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

/** Above 0 where the way from `a` over `b` to `c` turns left. */
const turn = (a: Place, b: Place, c: Place) => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);

export const isInside = (hull: readonly Place[], place: Place): boolean =>
  hull.length > 2 && hull.every((corner, index) => turn(corner, hull[(index + 1) % hull.length]!, place) >= -1e-9);

/** Places near a cell that count for it. */
const neighbours = 8;

/**
 * A square grid of `size` x `size` cells over the chart, row by row from y = 0: in each the mean of its nearest places, the near ones counting more. NaN outside of the
 * hull of the places, where nothing is known.
 */
export function surfaceOf(places: readonly (Place & { value: number })[], size: number): Float64Array {
  const hull = hullOf(places);
  const cells = new Float64Array(size * size).fill(Number.NaN);
  if (hull.length < 3) return cells;
  const squares = new Float64Array(places.length);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const here = { x: (column + 0.5) / size, y: (row + 0.5) / size };
      if (!isInside(hull, here)) continue;
      const nearest: number[] = [];
      for (const [index, { x, y }] of places.entries()) {
        squares[index] = (x - here.x) ** 2 + (y - here.y) ** 2;
        if (nearest.length === neighbours && squares[index]! >= squares[nearest.at(-1)!]!) continue;
        let at = Math.min(nearest.length, neighbours - 1);
        while (at > 0 && squares[nearest[at - 1]!]! > squares[index]!) {
          nearest[at] = nearest[at - 1]!;
          at--;
        }
        nearest[at] = index;
      }
      let [sum, weights] = [0, 0];
      for (const index of nearest) {
        const weight = 1 / (squares[index]! + 1e-6);
        sum += weight * places[index]!.value;
        weights += weight;
      }
      cells[row * size + column] = sum / weights;
    }
  }
  return cells;
}
