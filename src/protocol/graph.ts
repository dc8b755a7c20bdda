import type { Static } from 'typebox';
import * as Type from 'typebox';
import { JobStatus } from './job.ts';

/**
 * A box of a pipeline's graph. `step` and `pipeline` are work, `input` and `output` the ends of the whole. `parent` is the id of the pipeline box that it lies in;
 * that box is then drawn as a frame around what is inside.
 */
export const GraphNode = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['step', 'pipeline', 'input', 'output']),
  label: Type.String(),
  parent: Type.Optional(Type.String()),
  /** Absent for what has not started, and where nothing runs at all. */
  status: Type.Optional(JobStatus),
  /** ISO-8601; with no end the time ticks. */
  startedAt: Type.Optional(Type.String()),
  endedAt: Type.Optional(Type.String()),
  /** A line under the label when there is no status to show. */
  detail: Type.Optional(Type.String()),
  /** The codicon of a node without a status. */
  icon: Type.Optional(Type.String()),
  isReused: Type.Optional(Type.Boolean()),
  /** Named but not defined, or defined wrongly: drawn as an error, `detail` says what is wrong. */
  isBroken: Type.Optional(Type.Boolean()),
  /** A pipeline whose inside can be shown, and whether it is. */
  isExpandable: Type.Optional(Type.Boolean()),
  isExpanded: Type.Optional(Type.Boolean()),
});
export type GraphNode = Static<typeof GraphNode>;

/** An arrow from one node's output to another's input. `label` names both where they differ (`model → data`). */
export const GraphEdge = Type.Object({
  id: Type.String(),
  source: Type.String(),
  target: Type.String(),
  label: Type.Optional(Type.String()),
  isBroken: Type.Optional(Type.Boolean()),
});
export type GraphEdge = Static<typeof GraphEdge>;

export const Graph = Type.Object({ nodes: Type.Array(GraphNode), edges: Type.Array(GraphEdge) });
export type Graph = Static<typeof Graph>;

/** The id of an input or output of the whole, whose graph lies in the node `path` (`''`: the outermost). */
export const endId = (path: string, kind: 'inputs' | 'outputs', name: string): string => `${path}#${kind}.${name}`;

/** The arrows of a graph as they are found. Several values between the same two boxes are one arrow with several names. */
export class Edges {
  private readonly byEnds = new Map<string, GraphEdge>();

  /** `from` and `to` are the names of the output and the input that it connects. */
  add(source: string, target: string, from: string, to: string, isBroken = false): void {
    // An end says its own name itself.
    const names = [source.includes('#') ? '' : from, target.includes('#') ? '' : to];
    const label = from === to ? (names.includes('') ? '' : from) : names.filter(Boolean).join(' → ');
    const id = `${source}>${target}`;
    const same = this.byEnds.get(id);
    if (!same) this.byEnds.set(id, { id, source, target, ...(label ? { label } : {}), ...(isBroken ? { isBroken } : {}) });
    else {
      if (label) same.label = same.label ? `${same.label}, ${label}` : label;
      if (isBroken) same.isBroken = true;
    }
  }

  get all(): GraphEdge[] {
    return [...this.byEnds.values()];
  }
}

/** The graph of a file, as the language server makes it. `uri` is the file's, as the client gave it. */
export const DocumentGraph = Type.Object({
  uri: Type.String(),
  /**
   * `current`: the file as it is now. `stale`: as it could be read last, because of `problem`. `other`: the file has no pipeline. `missing`: there is no such file.
   */
  state: Type.Enum(['current', 'stale', 'other', 'missing']),
  graph: Graph,
  /** What the file is, in words: `a command job`; absent for a file that is none of Azure ML's. */
  about: Type.Optional(Type.String()),
  /** What can't be read, and at which line from 1. */
  problem: Type.Optional(Type.Object({ message: Type.String(), line: Type.Integer() })),
});
export type DocumentGraph = Static<typeof DocumentGraph>;

/** Notification of the server: the graph of a followed file is another now. */
export const graphChanged = 'updraft/graph';

/** Notification to the server: from now on tell the graph of this file, with these nested pipelines opened in place. Sent again for others. */
export const followGraph = 'updraft/graph/follow';
export const FollowGraph = Type.Object({ uri: Type.String(), expanded: Type.Array(Type.String()) });
export type FollowGraph = Static<typeof FollowGraph>;
export const unfollowGraph = 'updraft/graph/unfollow';
export const UnfollowGraph = Type.Object({ uri: Type.String() });

const Position = Type.Object({ line: Type.Integer(), character: Type.Integer() });

/** Request to the server: where a node of a followed graph is written, in its own file or in a component's. Null when it is written nowhere. */
export const graphPlace = 'updraft/graph/place';
export const GraphPlaceRequest = Type.Object({ uri: Type.String(), node: Type.String() });
export const GraphPlace = Type.Union([
  Type.Null(),
  Type.Object({ uri: Type.String(), range: Type.Object({ start: Position, end: Position }) }),
]);
export type GraphPlace = Static<typeof GraphPlace>;

/** Request to the server: the node of a followed graph that a position in some file belongs to. Null for none. */
export const graphNodeAt = 'updraft/graph/nodeAt';
export const GraphNodeRequest = Type.Object({ uri: Type.String(), file: Type.String(), position: Position });
export const GraphNodeAnswer = Type.Union([Type.Null(), Type.String()]);
