import {
  BaseEdge,
  Controls,
  EdgeLabelRenderer,
  type EdgeProps,
  type Edge as FlowEdge,
  type Node as FlowNode,
  getViewportForBounds,
  Handle,
  MarkerType,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import { createContext, memo, useCallback, useContext, useEffect, useMemo, useRef } from 'react';
import { aside } from '../../../src/base/aside.ts';
import type { Graph, GraphEdge, GraphNode } from '../../../src/protocol/graph.ts';
import { Duration } from '../ui/Duration.tsx';
import { Icon } from '../ui/Icon.tsx';
import { StatusIcon } from '../ui/status.tsx';
import { lookOf } from '../ui/statusLook.ts';
import { type Box, type Direction, layout } from './layout.ts';
import { type Route, routePath } from './route.ts';

/** A graph to look at and to choose from. It keeps nothing: what is selected and what is expanded is said by whoever shows it. */
export interface PipelineGraphProps {
  graph: Graph;
  /** What the graph shows, for screen readers. */
  label: string;
  /** Id of the node that is highlighted and brought into view. */
  selected?: string | undefined;
  /** A node was clicked or chosen by Enter or Space; undefined when the empty ground was. */
  onSelect?(id: string | undefined): void;
  /** The inside of a pipeline node is to be shown or hidden. */
  onToggle?(id: string): void;
  direction?: Direction;
}

type StepNode = FlowNode<{ node: GraphNode }, 'step' | 'end' | 'frame'>;
type StepEdge = FlowEdge<{ edge: GraphEdge; route: Route }, 'named'>;

const Toggle = createContext<((id: string) => void) | undefined>(undefined);
const Flow = createContext<Direction>('down');
const nodeTypes = { step: memo(Step), end: memo(End), frame: memo(Frame) };
const edgeTypes = { named: memo(Named) };

const minZoom = 0.1;
const fit = { maxZoom: 1, padding: 0.08 };

export function PipelineGraph(props: PipelineGraphProps) {
  return (
    <ReactFlowProvider>
      <View {...props} />
    </ReactFlowProvider>
  );
}

function View({ graph, label, selected, onSelect, onToggle, direction = 'down' }: PipelineGraphProps) {
  const flow = useReactFlow();
  const root = useRef<HTMLDivElement>(null);
  /** Whoever has moved the view or zoomed keeps what is seen. */
  const isMoved = useRef(false);
  const isByKey = useRef(false);
  // Status and time change often, places only with the boxes and arrows themselves.
  const shape = JSON.stringify([
    graph.nodes.map(({ id, kind, parent, isExpanded }) => [id, kind, parent, isExpanded]),
    graph.edges.map(({ id, source, target, label }) => [id, source, target, label]),
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape is all of the graph that the layout looks at
  const { boxes, routes } = useMemo(() => layout(graph, direction), [shape, direction]);

  const nodes = useMemo(
    () =>
      ordered(graph.nodes).map((node): StepNode => {
        const { x, y, width, height } = boxes.get(node.id)!;
        const type = node.kind === 'input' || node.kind === 'output' ? 'end' : node.isExpanded ? 'frame' : 'step';
        return {
          id: node.id,
          type,
          position: { x, y },
          width,
          height,
          handles: handlesOf(direction, width, height),
          data: { node },
          selected: node.id === selected,
          ariaLabel: describe(node),
          ...(node.parent === undefined ? {} : { parentId: node.parent }),
        };
      }),
    [graph.nodes, boxes, selected, direction],
  );
  const edges = useMemo(
    () =>
      graph.edges.flatMap((edge): StepEdge[] => {
        const route = routes.get(edge.id);
        if (!route) return [];
        const arrow: StepEdge = {
          id: edge.id,
          source: edge.source,
          target: edge.target,
          type: 'named',
          data: { edge, route },
          focusable: false,
          selectable: false,
          zIndex: 1,
          className: [
            edge.isBroken ? 'broken' : '',
            selected !== undefined && [edge.source, edge.target].includes(selected) ? 'near' : '',
          ].join(' '),
          markerEnd: {
            type: MarkerType.ArrowClosed,
            width: 14,
            height: 14,
            color: edge.isBroken ? 'var(--vscode-errorForeground)' : 'var(--updraft-edge)',
          },
        };
        return [arrow];
      }),
    [graph.edges, routes, selected],
  );

  const noteMoved = () => {
    isMoved.current = true;
  };

  const showAll = useCallback(() => {
    if (isMoved.current || !root.current) return;
    const { clientWidth, clientHeight } = root.current;
    // Not `fitView`: it waits until nodes are given again.
    const all = getViewportForBounds(extentOf(boxes, routes), clientWidth, clientHeight, minZoom, fit.maxZoom, fit.padding);
    aside('view of the graph', flow.setViewport(all), console);
  }, [boxes, routes, flow]);
  useEffect(() => {
    showAll();
    const observer = new ResizeObserver(showAll);
    observer.observe(root.current!);
    return () => observer.disconnect();
  }, [showAll]);
  useEffect(() => {
    const node = selected === undefined ? undefined : flow.getInternalNode(selected);
    const size = node && boxes.get(node.id);
    // A view that nobody has moved shows all of the graph, as long as it is large enough to be read.
    if (!size || !root.current || (!isMoved.current && flow.getZoom() > 2 * minZoom)) return;
    const { x, y, zoom } = flow.getViewport();
    const { x: left, y: top } = node.internals.positionAbsolute;
    const { clientWidth, clientHeight } = root.current;
    const isInView =
      left * zoom + x >= 0 &&
      top * zoom + y >= 0 &&
      (left + size.width) * zoom + x <= clientWidth &&
      (top + size.height) * zoom + y <= clientHeight;
    if (!isInView) aside('view of the graph', flow.setCenter(left + size.width / 2, top + size.height / 2, { zoom }), console);
  }, [selected, boxes, flow]);

  return (
    <Toggle.Provider value={onToggle}>
      <Flow.Provider value={direction}>
        <div
          className="graph"
          ref={root}
          onKeyDownCapture={() => {
            isByKey.current = true;
          }}
          onPointerDownCapture={() => {
            isByKey.current = false;
          }}
        >
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            edgeTypes={edgeTypes}
            aria-label={label}
            fitView
            fitViewOptions={fit}
            minZoom={minZoom}
            maxZoom={2}
            nodesDraggable={false}
            nodesConnectable={false}
            edgesFocusable={false}
            deleteKeyCode={null}
            onNodeClick={(_event, node) => onSelect?.(node.id)}
            onPaneClick={() => onSelect?.(undefined)}
            onNodesChange={(changes) => {
              // The keyboard selects through the library; clicks come by the event above.
              for (const change of changes)
                if (isByKey.current && change.type === 'select' && change.selected && change.id !== selected) onSelect?.(change.id);
            }}
            onMove={(event) => event && noteMoved()}
            onKeyDown={(event) => event.key === 'Escape' && onSelect?.(undefined)}
          >
            <Controls
              showInteractive={false}
              fitViewOptions={fit}
              onZoomIn={noteMoved}
              onZoomOut={noteMoved}
              onFitView={() => {
                isMoved.current = false;
              }}
            />
          </ReactFlow>
        </div>
      </Flow.Provider>
    </Toggle.Provider>
  );
}

/**
 * Where arrows end, in the middle of two sides. Said rather than measured: nodes that come again before they were measured would stay without arrows, and each of them would
 * lose its arrows for a moment.
 */
function handlesOf(direction: Direction, width: number, height: number): NonNullable<StepNode['handles']> {
  const size = { width: 1, height: 1 };
  return direction === 'down'
    ? [
        { type: 'target', position: Position.Top, x: width / 2, y: 0, ...size },
        { type: 'source', position: Position.Bottom, x: width / 2, y: height, ...size },
      ]
    : [
        { type: 'target', position: Position.Left, x: 0, y: height / 2, ...size },
        { type: 'source', position: Position.Right, x: width, y: height / 2, ...size },
      ];
}

/** What boxes and arrows take up; those inside of frames lie within them. */
function extentOf(boxes: ReadonlyMap<string, Box>, routes: ReadonlyMap<string, Route>): Box {
  let [width, height] = [1, 1];
  for (const box of boxes.values()) {
    width = Math.max(width, box.x + box.width);
    height = Math.max(height, box.y + box.height);
  }
  for (const { points } of routes.values())
    for (const { x, y } of points) {
      width = Math.max(width, x);
      height = Math.max(height, y);
    }
  return { x: 0, y: 0, width, height };
}

/** Frames before what is inside them, as the library asks. */
function ordered(nodes: readonly GraphNode[]): GraphNode[] {
  const depth = (node: GraphNode): number => {
    const parent = nodes.find((each) => each.id === node.parent);
    return parent ? depth(parent) + 1 : 0;
  };
  return nodes
    .map((node) => ({ node, depth: depth(node) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ node }) => node);
}

function describe(node: GraphNode): string {
  if (node.kind === 'input' || node.kind === 'output')
    return `${node.kind} ${node.label}${node.isBroken ? `, broken: ${node.detail}` : ''}`;
  const state = node.isBroken
    ? `broken: ${node.detail ?? 'not defined'}`
    : node.status || node.detail === undefined
      ? lookOf(node.status).label
      : node.detail;
  return [`${node.kind} ${node.label}`, state, node.isReused ? 'reused' : ''].filter(Boolean).join(', ');
}

function Handles() {
  const direction = useContext(Flow);
  return (
    <>
      <Handle type="target" position={direction === 'down' ? Position.Top : Position.Left} isConnectable={false} />
      <Handle type="source" position={direction === 'down' ? Position.Bottom : Position.Right} isConnectable={false} />
    </>
  );
}

function Step({ data: { node } }: NodeProps<StepNode>) {
  const look = lookOf(node.status);
  const waits = (!node.status || node.status === 'NotStarted') && !node.icon;
  return (
    <div
      className={`graph-step tone-border-${node.isBroken ? 'failed' : look.tone}${waits ? ' waits' : ''}${node.isBroken ? ' is-broken' : ''}`}
      title={node.detail ? `${node.label}: ${node.detail}` : node.label}
    >
      <Handles />
      <span className="graph-icon">{node.isBroken ? <Icon name="error" className="tone-failed" /> : <NodeIcon node={node} />}</span>
      <span className="graph-text">
        <span className="graph-label">{node.label}</span>
        <Detail node={node} />
      </span>
      {node.isExpandable && <ToggleButton node={node} />}
    </div>
  );
}

function NodeIcon({ node }: { node: GraphNode }) {
  return node.icon && !node.status ? <Icon name={node.icon} className="dim" /> : <StatusIcon status={node.status} />;
}

function Detail({ node }: { node: GraphNode }) {
  const look = lookOf(node.status);
  return (
    <span className="graph-detail">
      {node.isBroken || !node.status ? (
        <span className="graph-said">{node.detail ?? look.label}</span>
      ) : (
        <>
          {look.label}
          {node.startedAt && !node.isReused && (
            <>
              {' · '}
              <Duration from={node.startedAt} to={node.endedAt} />
            </>
          )}
        </>
      )}
      {node.isReused && (
        <span className="badge" title="The result of an earlier run with the same code, inputs and environment was used.">
          reused
        </span>
      )}
    </span>
  );
}

function ToggleButton({ node }: { node: GraphNode }) {
  const toggle = useContext(Toggle);
  if (!toggle) return null;
  const label = node.isExpanded ? `Hide the steps of ${node.label}` : `Show the steps of ${node.label}`;
  return (
    <button
      type="button"
      className="graph-toggle nodrag"
      title={label}
      aria-label={label}
      aria-expanded={node.isExpanded ?? false}
      onClick={(event) => {
        event.stopPropagation();
        toggle(node.id);
      }}
    >
      <Icon name={node.isExpanded ? 'collapse-all' : 'expand-all'} />
    </button>
  );
}

function Frame({ data: { node } }: NodeProps<StepNode>) {
  return (
    <div
      className={`graph-frame tone-border-${node.isBroken ? 'failed' : lookOf(node.status).tone}${node.isBroken ? ' is-broken' : ''}`}
      title={node.detail ? `${node.label}: ${node.detail}` : node.label}
    >
      <Handles />
      <div className="graph-frame-title">
        {node.isBroken ? <Icon name="error" className="tone-failed" /> : <NodeIcon node={node} />}
        <span className="graph-label">{node.label}</span>
        <ToggleButton node={node} />
      </div>
    </div>
  );
}

function End({ data: { node } }: NodeProps<StepNode>) {
  return (
    <div className={`graph-end${node.isBroken ? ' is-broken' : ''}`} title={node.detail ? `${node.label}: ${node.detail}` : node.label}>
      <Handles />
      <Icon name={node.kind === 'input' ? 'sign-in' : 'sign-out'} />
      <span className="graph-label">{node.label}</span>
    </div>
  );
}

function Named({ markerEnd, data }: EdgeProps<StepEdge>) {
  const direction = useContext(Flow);
  if (!data) return null;
  const { x, y } = data.route.label ?? { x: 0, y: 0 };
  return (
    <>
      <BaseEdge path={routePath(data.route, direction)} {...(markerEnd ? { markerEnd } : {})} />
      {data.edge.label && data.route.label && (
        <EdgeLabelRenderer>
          <div className="graph-edge-label" style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
            {data.edge.label}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}
