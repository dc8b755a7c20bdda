import { useMemo } from 'react';
import { parseAssetId } from '../../../src/protocol/arm.ts';
import { type Job, type PipelineNode, titleOf } from '../../../src/protocol/job.ts';
import { graphSvg } from '../../shared/graph/graphSvg.ts';
import { PipelineGraph } from '../../shared/graph/PipelineGraph.tsx';
import { useHost } from '../../shared/host/host.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { saveInBrowser } from '../../shared/host/saveInBrowser.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { type PipelineShape, pipelineGraph, shapeOf } from './pipelineGraph.ts';
import { StepDetails } from './StepDetails.tsx';

/** The graph of a pipeline with the state of every step; a chosen step is shown in full beside it. */
export function GraphTab({ job, descendants, openTab }: { job: Job; descendants: ReadonlyMap<string, Job>; openTab(tab: string): void }) {
  const { command } = useHost();
  const [selected, select] = usePageState('node', '');
  const [expanded, setExpanded] = usePageState<string[]>('expanded', []);
  const insides = useInsides(job, descendants, expanded);
  const graph = useMemo(() => pipelineGraph(shapeOf(job), descendants, insides), [job, descendants, insides]);
  const node = graph.nodes.find((each) => each.id === selected);

  function save() {
    const svg = graphSvg(graph, 'down', titleOf(job));
    if (command) command('graph.save', { name: titleOf(job), svg });
    else saveInBrowser(new Blob([svg], { type: 'image/svg+xml' }), `${titleOf(job)}.svg`);
  }
  return (
    <div className={`graph-tab${node ? ' has-details' : ''}`}>
      <div className="graph-pane">
        <PipelineGraph
          graph={graph}
          label={`Graph of ${titleOf(job)}`}
          selected={node?.id}
          onSelect={(id) => select(id ?? '')}
          onToggle={(id) => setExpanded(expanded.includes(id) ? expanded.filter((each) => each !== id) : [...expanded, id])}
        />
        <div className="graph-actions">
          <ToolButton icon="save" label="Save the graph as SVG" onClick={save} />
        </div>
      </div>
      {node && <StepDetails pipeline={job} node={node} jobs={descendants} onClose={() => select('')} openLog={() => openTab('log')} />}
    </div>
  );
}

/** The shapes of the expanded nested pipelines: from their jobs, or from their components while they have none. */
function useInsides(root: Job, jobs: ReadonlyMap<string, Job>, expanded: readonly string[]): ReadonlyMap<string, PipelineShape> {
  const wanted = [...expanded].sort().join('\n');
  const ready = [...jobs.values()].filter((job) => job.properties.jobType === 'Pipeline').map((job) => job.name);
  const { value } = useLive(
    `insides ${root.name} ${wanted} ${ready.join(' ')}`,
    async (client) => {
      const insides = new Map<string, PipelineShape>();
      // Outer ones first: the inner are found through them.
      for (const id of wanted === '' ? [] : wanted.split('\n')) {
        const at = id.lastIndexOf('/');
        const parent = at < 0 ? shapeOf(root) : insides.get(id.slice(0, at));
        const name = id.slice(at + 1);
        const node = parent?.jobs[name];
        if (!parent || !node) continue;
        const job = [...jobs.values()].find((each) => each.properties.parentJobName === parent.job && each.properties.nodeName === name);
        if (job) insides.set(id, shapeOf(job));
        else {
          const component = parseAssetId(node.componentId ?? '');
          if (component?.kind !== 'components') continue;
          const spec = (await client.getAsset('components', component.name, component.version)).properties.componentSpec;
          insides.set(id, {
            jobs: (spec.jobs ?? {}) as Record<string, PipelineNode>,
            inputs: Object.keys((spec.inputs ?? {}) as object),
            outputs: Object.keys((spec.outputs ?? {}) as object),
          });
        }
      }
      return insides;
    },
    () => false,
  );
  return value ?? noInsides;
}

const noInsides: ReadonlyMap<string, PipelineShape> = new Map();
