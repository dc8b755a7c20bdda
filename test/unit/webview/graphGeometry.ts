import type { Graph } from '../../../src/protocol/graph.ts';
import { type Box, type Direction, labelSize, layout } from '../../../webview/shared/graph/layout.ts';
import { routePath } from '../../../webview/shared/graph/route.ts';

/** Where arrows run through boxes that they do not belong to, and labels lie over boxes, in words. */
export function collisions(graph: Graph, direction: Direction): string[] {
  const { boxes, routes } = layout(graph, direction);
  const parentOf = new Map(graph.nodes.map((node) => [node.id, node.parent]));
  const above = (id: string | undefined): string[] => (id === undefined ? [] : [id, ...above(parentOf.get(id))]);
  const absolute = new Map<string, Box>();
  for (const [id, box] of boxes) {
    const frames = above(parentOf.get(id)).map((each) => boxes.get(each)!);
    absolute.set(id, { ...box, x: frames.reduce((sum, { x }) => sum + x, box.x), y: frames.reduce((sum, { y }) => sum + y, box.y) });
  }
  const found = new Set<string>();
  for (const { id, source, target, label } of graph.edges) {
    const route = routes.get(id);
    if (!route) {
      found.add(`${id} has no way`);
      continue;
    }
    // A frame is around what is in it.
    const around = new Set(above(source).filter((each) => above(target).includes(each)));
    const others = [...absolute].filter(([each]) => !around.has(each));
    for (const { x, y } of pointsOf(routePath(route, direction)))
      for (const [each, box] of others)
        if (x > box.x + 1 && x < box.x + box.width - 1 && y > box.y + 1 && y < box.y + box.height - 1)
          found.add(`${id} runs through ${each}`);
    if (!label || !route.label) continue;
    const { width, height } = labelSize(label);
    const [left, top] = [route.label.x - width / 2, route.label.y - height / 2];
    for (const [each, box] of others)
      if (left < box.x + box.width && left + width > box.x && top < box.y + box.height && top + height > box.y)
        found.add(`the label of ${id} is over ${each}`);
  }
  return [...found];
}

/** Many points of a path of lines and cubic curves. */
function pointsOf(path: string): { x: number; y: number }[] {
  const numbers = path.match(/[MLC]|-?[\d.]+(?:e-?\d+)?/g)!;
  const points: { x: number; y: number }[] = [];
  let [at, x, y] = [0, 0, 0];
  while (at < numbers.length) {
    const kind = numbers[at++]!;
    const [ax, ay, bx, by, cx, cy] = numbers.slice(at, at + (kind === 'C' ? 6 : 2)).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    at += kind === 'C' ? 6 : 2;
    const curve =
      kind === 'C'
        ? [ax, ay, bx, by, cx, cy]
        : [x + (ax - x) / 3, y + (ay - y) / 3, x + ((ax - x) * 2) / 3, y + ((ay - y) * 2) / 3, ax, ay];
    if (kind === 'M') [x, y] = [ax, ay];
    else {
      for (let step = 0; step <= 40; step++) {
        const t = step / 40;
        const on = (from: number, one: number, two: number, to: number) =>
          (1 - t) ** 3 * from + 3 * (1 - t) ** 2 * t * one + 3 * (1 - t) * t ** 2 * two + t ** 3 * to;
        points.push({ x: on(x, curve[0]!, curve[2]!, curve[4]!), y: on(y, curve[1]!, curve[3]!, curve[5]!) });
      }
      [x, y] = [curve[4]!, curve[5]!];
    }
  }
  return points;
}
