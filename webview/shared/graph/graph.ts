import type { JobStatus } from '../../../src/protocol/job.ts';

/**
 * A box of a graph. `step` and `pipeline` are work, `input` and `output` the ends of the whole. `parent` is the id of the pipeline box that it lies in; that box is then drawn
 * as a frame around what is inside.
 */
export interface GraphNode {
  id: string;
  kind: 'step' | 'pipeline' | 'input' | 'output';
  label: string;
  parent?: string;
  /** Absent for what has not started, and where nothing runs at all. */
  status?: JobStatus;
  /** ISO-8601; with no end the time ticks. */
  startedAt?: string;
  endedAt?: string;
  /** A line under the label when there is no time to show. */
  detail?: string;
  isReused?: boolean;
  /** Named but not defined, or defined wrongly: drawn as an error. */
  isBroken?: boolean;
  /** A pipeline whose inside can be shown, and whether it is. */
  isExpandable?: boolean;
  isExpanded?: boolean;
}

/** An arrow from one node's output to another's input. `label` names both where they differ (`model → data`). */
export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  label?: string;
  isBroken?: boolean;
}

export interface Graph {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
}
