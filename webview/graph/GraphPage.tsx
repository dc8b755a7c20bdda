import { lazy, Suspense } from 'react';
import type { DocumentGraph } from '../../src/protocol/graph.ts';
import { graphSvg } from '../shared/graph/graphSvg.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { BarePage, Empty, Loading } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import type { GraphHost } from './graphHost.ts';
import { useGraphHost } from './useGraphHost.ts';

/** Most of the page's code: it is read while the editor reads the file. */
const PipelineGraph = lazy(async () => ({ default: (await import('../shared/graph/PipelineGraph.tsx')).PipelineGraph }));

/** The graph of a file beside its text: a click leads to the text, and the node that the cursor is in is highlighted. */
export function GraphPage({ host }: { host: GraphHost }) {
  const { name, graph: told, selected, select, state, setState } = useGraphHost(host);
  if (!told)
    return (
      <BarePage title={`Graph of ${name}`}>
        <Loading what="the graph" />
      </BarePage>
    );
  const { graph } = told;
  if (told.state === 'other' || told.state === 'missing' || (graph.nodes.length === 0 && !told.problem))
    return (
      <BarePage title={`Graph of ${name}`}>
        <NoGraph name={name} told={told} />
      </BarePage>
    );

  function choose(id: string | undefined) {
    select(id);
    if (id !== undefined) host.post({ type: 'reveal', node: id });
  }
  function toggle(id: string) {
    const expanded = state.expanded.includes(id) ? state.expanded.filter((each) => each !== id) : [...state.expanded, id];
    setState({ ...state, expanded });
    host.post({ type: 'expand', nodes: expanded });
  }
  const isDown = state.direction === 'down';
  return (
    <main className="graph-page">
      <h1 className="visually-hidden">Graph of {name}</h1>
      {told.problem && (
        <p className="graph-note" role="status">
          <Icon name="warning" className="tone-warning" />
          <span>
            <strong>Line {told.problem.line} can't be read:</strong> {told.problem.message}.{' '}
            <span className="dim">The graph shows what could be read before.</span>
          </span>
        </p>
      )}
      <div className="graph-pane">
        <Suspense fallback={<Loading what="the graph" />}>
          <PipelineGraph
            graph={graph}
            label={`Graph of ${name}`}
            selected={graph.nodes.some(({ id }) => id === selected) ? selected : undefined}
            onSelect={choose}
            onToggle={toggle}
            direction={state.direction}
          />
        </Suspense>
        <div className="graph-actions" role="toolbar" aria-label="Graph">
          <ToolButton
            icon={isDown ? 'arrow-right' : 'arrow-down'}
            label={isDown ? 'Lay out from left to right' : 'Lay out from top to bottom'}
            onClick={() => setState({ ...state, direction: isDown ? 'right' : 'down' })}
          />
          <ToolButton
            icon="save"
            label="Save the graph as SVG"
            onClick={() => host.post({ type: 'save', svg: graphSvg(graph, state.direction, name) })}
          />
        </div>
      </div>
    </main>
  );
}

/** Why there is nothing to draw. */
function NoGraph({ name, told: { state, about } }: { name: string; told: DocumentGraph }) {
  if (state === 'missing') return <Empty title={`${name} is not there.`}>It was renamed, moved or deleted.</Empty>;
  if (state === 'other')
    return (
      <Empty title={`${name} has no pipeline.`}>
        {about ? `It is ${about}.` : 'It is not recognised as Azure ML YAML.'} A graph shows the steps of a pipeline job or a pipeline
        component.
      </Empty>
    );
  return (
    <Empty title="This pipeline has no steps yet.">
      Add one below <code>jobs:</code> and it appears here.
    </Empty>
  );
}
