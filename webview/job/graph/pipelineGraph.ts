import { Edges, endId, type Graph, type GraphNode } from '../../../src/protocol/graph.ts';
import { isPipeline, isTerminal, type Job, jobProperty, type PipelineNode } from '../../../src/protocol/job.ts';

/** What a pipeline is made of: a job's own, or a component's that has no job yet. */
export interface PipelineShape {
  /** The job of it, when there is one. */
  job?: string;
  /** It has ended: what has not started by now never will. */
  isOver?: boolean;
  jobs: Readonly<Record<string, PipelineNode>>;
  inputs: readonly string[];
  outputs: readonly string[];
}

const reference = /\$\{\{\s*parent\.(inputs|jobs|outputs)\.([\w.-]+?)\s*\}\}/g;

/**
 * The graph of a pipeline: its inputs, steps and outputs, arrows from output to input. `insides` gives the shape of each expanded nested pipeline by node id; ids are
 * the steps' names joined by `/`.
 */
export function pipelineGraph(root: PipelineShape, jobs: ReadonlyMap<string, Job>, insides: ReadonlyMap<string, PipelineShape>): Graph {
  const nodes: GraphNode[] = [];
  const found = new Edges();
  add(root, '');
  const edges = found.all;
  // Pipeline inputs that no step reads would only float about.
  const ends = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
  return { nodes: nodes.filter((node) => (node.kind !== 'input' && node.kind !== 'output') || ends.has(node.id)), edges };

  function add(shape: PipelineShape, path: string): void {
    const parent = path === '' ? {} : { parent: path };
    const at = (name: string) => (path === '' ? name : `${path}/${name}`);
    const isKnown = (name: string) => Object.hasOwn(shape.jobs, name);
    // Inside a frame the ends are left out: the arrows to the frame say it already.
    const hasEnds = path === '';
    if (hasEnds) for (const name of shape.inputs) nodes.push({ id: endId(path, 'inputs', name), kind: 'input', label: name });

    for (const [name, node] of Object.entries(shape.jobs)) {
      const id = at(name);
      const job =
        shape.job === undefined
          ? undefined
          : [...jobs.values()].find((each) => each.properties.parentJobName === shape.job && each.properties.nodeName === name);
      const inside = insides.get(id);
      const isNested = node.type === 'pipeline' || (job !== undefined && isPipeline(job));
      nodes.push({
        id,
        kind: isNested ? 'pipeline' : 'step',
        label: name,
        ...parent,
        ...(job ? statusOf(job) : shape.isOver || root.isOver ? { status: 'NotStarted' as const } : {}),
        ...(isNested ? { isExpandable: true, isExpanded: inside !== undefined } : {}),
      });
      if (inside) add(inside, id);

      for (const [input, value] of Object.entries(node.inputs ?? {})) {
        for (const [, kind, target] of (value.value ?? value.uri ?? '').matchAll(reference)) {
          if (kind === 'inputs' && hasEnds && shape.inputs.includes(target!)) found.add(endId(path, 'inputs', target!), id, target!, input);
          else if (kind === 'jobs') {
            const [step, , ...output] = target!.split('.');
            if (isKnown(step!)) found.add(at(step!), id, output.join('.'), input);
          }
        }
      }
      for (const [output, value] of Object.entries(node.outputs ?? {})) {
        for (const [, kind, target] of (value.value ?? value.uri ?? '').matchAll(reference)) {
          if (kind === 'outputs' && hasEnds) {
            const end = endId(path, 'outputs', target!);
            if (!nodes.some((each) => each.id === end)) nodes.push({ id: end, kind: 'output', label: target! });
            found.add(id, end, output, target!);
          }
        }
      }
    }
  }
}

function statusOf(job: Job): Partial<GraphNode> {
  const { status, startedAt, endedAt, properties } = job.properties;
  return {
    ...(status ? { status } : {}),
    ...(startedAt ? { startedAt } : {}),
    ...(endedAt ? { endedAt } : {}),
    isReused: properties?.[jobProperty.isReused] === 'true',
  };
}

/** The shape of a pipeline job. */
export function shapeOf(job: Job): PipelineShape {
  const { inputs, outputs } = job.properties;
  return {
    job: job.name,
    isOver: isTerminal(job.properties.status ?? 'Unknown'),
    jobs: isPipeline(job) ? job.properties.jobs : {},
    inputs: Object.keys(inputs ?? {}),
    outputs: Object.keys(outputs ?? {}),
  };
}
