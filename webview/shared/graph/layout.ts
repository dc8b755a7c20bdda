import { Graph as DagreGraph, layout as dagreLayout } from '@dagrejs/dagre';
import type { Graph, GraphEdge, GraphNode } from '../../../src/protocol/graph.ts';
import { type Band, type Point, type Route, routePoints } from './route.ts';

/** Where a box is, in pixels; `x` and `y` are its upper left corner, inside its parent's box. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** `down` follows the flow from top to bottom, `right` from left to right. */
export type Direction = 'down' | 'right';

export interface Layout {
  /** By the id of the node. */
  boxes: ReadonlyMap<string, Box>;
  /** By the id of the edge. */
  routes: ReadonlyMap<string, Route>;
}

export const stepSize = { width: 208, height: 52 };
export const endSize = { width: 152, height: 32 };
const frame = { top: 40, side: 16 };
/** Of a label, whose text is not measured: the style sheet cuts what is longer. */
export const labelSize = (label: string) => ({ width: Math.min(180, 8 + 6 * [...label].length), height: 14 });

/** Places every node and every arrow; a frame is as large as what is inside, which is placed by itself first. */
export function layout({ nodes, edges }: Graph, direction: Direction = 'down'): Layout {
  const boxes = new Map<string, Box>();
  /** Within the frame that both ends are in. */
  const routes = new Map<string, Route & { parent: string | undefined }>();
  const children = new Map<string | undefined, GraphNode[]>();
  for (const node of nodes) children.set(node.parent, [...(children.get(node.parent) ?? []), node]);
  const parentOf = new Map(nodes.map((node) => [node.id, node.parent]));
  place(undefined);
  return { boxes, routes: new Map([...routes].map(([id, route]) => [id, moved(route, origin(route.parent))])) };

  function place(parent: string | undefined): { width: number; height: number } {
    const graph = new DagreGraph({ multigraph: true });
    graph.setGraph({ rankdir: direction === 'down' ? 'TB' : 'LR', nodesep: 28, ranksep: 48, marginx: 0, marginy: 0 });
    for (const node of children.get(parent) ?? []) {
      const inside = node.isExpanded && children.has(node.id) ? place(node.id) : undefined;
      const size = inside
        ? { width: Math.max(stepSize.width, inside.width + 2 * frame.side), height: inside.height + frame.top + frame.side }
        : node.kind === 'input' || node.kind === 'output'
          ? endSize
          : stepSize;
      graph.setNode(node.id, { ...size });
    }
    const within = withinFrame(edges, parent);
    // A label is given a place among the boxes, so that it is over none of them.
    for (const { id, source, target, label } of within)
      graph.setEdge(source, target, label ? { ...labelSize(label), labelpos: 'c' } : {}, id);
    dagreLayout(graph);
    const placed = new Map((children.get(parent) ?? []).map(({ id }): [string, Box] => [id, boxOf(graph.node(id) as Box)]));
    const bands = bandsOf([...placed.values()]);
    const found = within.map(({ id, source, target, label }) => {
      const { points, x, y } = graph.edge({ v: source, w: target, name: id }) as { points: Point[] } & Point;
      const route = routeBetween(placed.get(source)!, placed.get(target)!, points.slice(1, -1), bands);
      return { id, route: label ? { ...route, label: { x, y } } : route, size: label ? labelSize(label) : undefined };
    });
    // Arrows and labels may be beside all boxes.
    const all = [
      ...placed.values(),
      ...found.flatMap(({ route }) => route.points.map(({ x, y }) => ({ x, y, width: 0, height: 0 }))),
      ...found.flatMap(({ route: { label }, size }) => (label && size ? [boxOf({ ...label, ...size })] : [])),
    ];
    const [left, top] = [Math.min(0, ...all.map(({ x }) => x)), Math.min(0, ...all.map(({ y }) => y))];
    const offset = parent === undefined ? { x: -left, y: -top } : { x: frame.side - left, y: frame.top - top };
    for (const [id, box] of placed) boxes.set(id, { ...box, x: box.x + offset.x, y: box.y + offset.y });
    for (const { id, route } of found) routes.set(id, { ...moved(route, offset), parent });
    return {
      width: Math.max(0, ...all.map(({ x, width }) => x + width)) - left,
      height: Math.max(0, ...all.map(({ y, height }) => y + height)) - top,
    };
  }

  function routeBetween(source: Box, target: Box, through: readonly Point[], bands: readonly Band[]): Route {
    // The way is found as if the flow went down.
    const turned = <T extends Partial<Box> & Point>(at: T): T =>
      direction === 'down' ? at : { ...at, x: at.y, y: at.x, ...('width' in at ? { width: at.height, height: at.width } : {}) };
    const [from, to] = [turned(source), turned(target)];
    const isUp = from.y > to.y;
    const points = routePoints(
      { x: from.x + from.width / 2, y: isUp ? from.y : from.y + from.height },
      { x: to.x + to.width / 2, y: isUp ? to.y + to.height : to.y },
      through.map(turned),
      bands,
    );
    return { points: points.map(turned) };
  }

  /** What the boxes of each rank take up, along the flow. Those of one rank have their middles on one line. */
  function bandsOf(all: readonly Box[]): Band[] {
    const bands: Band[] = [];
    for (const { x, y, width, height } of all) {
      const [start, length] = direction === 'down' ? [y, height] : [x, width];
      const at = start + length / 2;
      const band = bands.find((each) => Math.abs(each.at - at) < 1);
      if (!band) bands.push({ at, top: start, bottom: start + length });
      else {
        band.top = Math.min(band.top, start);
        band.bottom = Math.max(band.bottom, start + length);
      }
    }
    return bands;
  }

  /** Where the inside of a frame begins, in absolute pixels. */
  function origin(parent: string | undefined): Point {
    let [x, y] = [0, 0];
    for (let at = parent; at !== undefined; at = parentOf.get(at)) {
      x += boxes.get(at)?.x ?? 0;
      y += boxes.get(at)?.y ?? 0;
    }
    return { x, y };
  }

  /** The edges between the boxes of one frame; an edge that goes deeper counts for the box that it enters. */
  function withinFrame(all: readonly GraphEdge[], parent: string | undefined): Pick<GraphEdge, 'id' | 'source' | 'target' | 'label'>[] {
    const lift = (id: string): string | undefined => {
      for (let at: string | undefined = id; at !== undefined; at = parentOf.get(at)) if (parentOf.get(at) === parent) return at;
      return undefined;
    };
    return all.flatMap((edge) => {
      const [source, target] = [lift(edge.source), lift(edge.target)];
      return source !== undefined && target !== undefined && source !== target && parentOf.has(source) && parentOf.has(target)
        ? [{ ...edge, source, target }]
        : [];
    });
  }
}

/** From a middle to a corner. */
const boxOf = ({ x, y, width, height }: Box): Box => ({ x: x - width / 2, y: y - height / 2, width, height });

const moved = ({ points, label }: Route, by: Point): Route => ({
  points: points.map(({ x, y }) => ({ x: x + by.x, y: y + by.y })),
  ...(label ? { label: { x: label.x + by.x, y: label.y + by.y } } : {}),
});
