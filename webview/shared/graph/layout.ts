import { Graph as DagreGraph, layout as dagreLayout } from '@dagrejs/dagre';
import type { Graph, GraphEdge, GraphNode } from '../../../src/protocol/graph.ts';

/** Where a box is, in pixels; `x` and `y` are its upper left corner, inside its parent's box. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** `down` follows the flow from top to bottom, `right` from left to right. */
export type Direction = 'down' | 'right';

export const stepSize = { width: 208, height: 52 };
export const endSize = { width: 152, height: 32 };
const frame = { top: 40, side: 16 };

/** Places every node; a frame is as large as what is inside, which is placed by itself first. */
export function layout({ nodes, edges }: Graph, direction: Direction = 'down'): ReadonlyMap<string, Box> {
  const boxes = new Map<string, Box>();
  const children = new Map<string | undefined, GraphNode[]>();
  for (const node of nodes) children.set(node.parent, [...(children.get(node.parent) ?? []), node]);
  const parentOf = new Map(nodes.map((node) => [node.id, node.parent]));
  place(undefined);
  return boxes;

  function place(parent: string | undefined): { width: number; height: number } {
    const graph = new DagreGraph();
    graph.setGraph({ rankdir: direction === 'down' ? 'TB' : 'LR', nodesep: 28, ranksep: 48, marginx: 0, marginy: 0 });
    graph.setDefaultEdgeLabel(() => ({}));
    for (const node of children.get(parent) ?? []) {
      const inside = node.isExpanded && children.has(node.id) ? place(node.id) : undefined;
      const size = inside
        ? { width: Math.max(stepSize.width, inside.width + 2 * frame.side), height: inside.height + frame.top + frame.side }
        : node.kind === 'input' || node.kind === 'output'
          ? endSize
          : stepSize;
      graph.setNode(node.id, { ...size });
    }
    for (const { source, target } of withinFrame(edges, parent)) graph.setEdge(source, target);
    dagreLayout(graph);
    let [width, height] = [0, 0];
    for (const id of graph.nodes()) {
      const placed = graph.node(id) as { x: number; y: number; width: number; height: number };
      const offset = parent === undefined ? { x: 0, y: 0 } : { x: frame.side, y: frame.top };
      boxes.set(id, {
        x: placed.x - placed.width / 2 + offset.x,
        y: placed.y - placed.height / 2 + offset.y,
        width: placed.width,
        height: placed.height,
      });
      width = Math.max(width, placed.x + placed.width / 2);
      height = Math.max(height, placed.y + placed.height / 2);
    }
    return { width, height };
  }

  /** The edges between the boxes of one frame; an edge that goes deeper counts for the box that it enters. */
  function withinFrame(all: readonly GraphEdge[], parent: string | undefined): { source: string; target: string }[] {
    const lift = (id: string): string | undefined => {
      for (let at: string | undefined = id; at !== undefined; at = parentOf.get(at)) if (parentOf.get(at) === parent) return at;
      return undefined;
    };
    return all.flatMap((edge) => {
      const [source, target] = [lift(edge.source), lift(edge.target)];
      return source !== undefined && target !== undefined && source !== target && parentOf.has(source) && parentOf.has(target)
        ? [{ source, target }]
        : [];
    });
  }
}
