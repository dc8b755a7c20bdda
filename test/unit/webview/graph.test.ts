import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Graph } from '../../../src/protocol/graph.ts';
import type { Job, PipelineNode } from '../../../src/protocol/job.ts';
import { type PipelineShape, pipelineGraph } from '../../../webview/job/graph/pipelineGraph.ts';
import { graphSvg } from '../../../webview/shared/graph/graphSvg.ts';
import { layout } from '../../../webview/shared/graph/layout.ts';
import { collisions } from './graphGeometry.ts';

const node = (inputs: Record<string, string>, outputs: Record<string, string> = {}, type = 'command'): PipelineNode => ({
  type,
  inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, { job_input_type: 'literal', value }])),
  outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { type: 'literal', value }])),
});
const job = (name: string, parent: string, nodeName: string, more: object = {}) =>
  ({
    name,
    properties: { jobType: 'Command', command: '', environmentId: '', parentJobName: parent, nodeName, status: 'Completed', ...more },
  }) as unknown as Job;

const root: PipelineShape = {
  job: 'p',
  jobs: {
    prepare: node({ rows: '${{parent.inputs.rows}}' }),
    train: node(
      { data: '${{parent.jobs.prepare.outputs.folder}}', extra: '${{ parent.jobs.prepare.outputs.labels }}' },
      { model: '${{parent.outputs.best}}' },
    ),
    report: node({ model: '${{parent.jobs.train.outputs.model}}' }, {}, 'pipeline'),
  },
  inputs: ['rows', 'unused'],
  outputs: ['best'],
};
const inside: PipelineShape = {
  jobs: { draw: node({}), write: node({ figure: '${{parent.jobs.draw.outputs.figure}}' }) },
  inputs: [],
  outputs: [],
};

describe('the graph of a pipeline', () => {
  const edges = (graph: Graph) => graph.edges.map(({ source, target, label }) => `${source} > ${target}${label ? ` (${label})` : ''}`);

  it('has inputs, steps and outputs, with one arrow between two boxes', () => {
    const graph = pipelineGraph(root, new Map(), new Map());
    assert.deepEqual(edges(graph), [
      '#inputs.rows > prepare',
      'prepare > train (folder → data, labels → extra)',
      'train > #outputs.best (model)',
      'train > report (model)',
    ]);
    assert.deepEqual(
      graph.nodes.map(({ id, kind }) => `${kind} ${id}`),
      ['input #inputs.rows', 'step prepare', 'step train', 'output #outputs.best', 'pipeline report'],
    );
  });

  it('takes the state of each step from its own job', () => {
    const jobs = new Map([
      ['a', job('a', 'p', 'prepare', { properties: { 'azureml.isreused': 'true' } })],
      ['b', job('b', 'other', 'train', { status: 'Failed' })],
    ]);
    const { nodes } = pipelineGraph(root, jobs, new Map());
    const of = (id: string) => nodes.find((each) => each.id === id)!;
    assert.deepEqual([of('prepare').status, of('prepare').isReused, of('train').status], ['Completed', true, undefined]);
  });

  it('says of a step that never ran that it was not started, once its pipeline has ended', () => {
    const jobs = new Map([['a', job('a', 'p', 'prepare', {})]]);
    const inside: PipelineShape = { jobs: { page: { type: 'command' } }, inputs: [], outputs: [] };
    const { nodes } = pipelineGraph({ ...root, isOver: true }, jobs, new Map([['report', inside]]));
    const of = (id: string) => nodes.find((each) => each.id === id)!.status;
    assert.deepEqual([of('prepare'), of('train'), of('report/page')], ['Completed', 'NotStarted', 'NotStarted']);
  });

  it('shows a nested pipeline in place, inside a frame that holds all of it', () => {
    const graph = pipelineGraph(root, new Map(), new Map([['report', inside]]));
    assert.deepEqual(
      graph.nodes.filter((each) => each.parent === 'report').map((each) => each.id),
      ['report/draw', 'report/write'],
    );
    const { boxes } = layout(graph);
    const frame = boxes.get('report')!;
    for (const id of ['report/draw', 'report/write']) {
      const box = boxes.get(id)!;
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= frame.width && box.y + box.height <= frame.height, id);
    }
  });

  it('is laid out along the flow, no box over another', () => {
    const graph = pipelineGraph(root, new Map(), new Map());
    for (const direction of ['down', 'right'] as const) {
      const boxes = [...layout(graph, direction).boxes.values()];
      for (const [index, a] of boxes.entries())
        for (const b of boxes.slice(index + 1))
          assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y);
    }
    const down = layout(graph).boxes;
    assert.ok(down.get('prepare')!.y < down.get('train')!.y);
  });

  const boxesOf = (...ids: string[]): Graph['nodes'] => ids.map((id) => ({ id, kind: 'step', label: id }));
  const arrow = (source: string, target: string, label?: string) => ({
    id: `${source}>${target}`,
    source,
    target,
    ...(label ? { label } : {}),
  });

  it('has no arrow through a box and no label over one: past steps, into frames, and round in a circle', () => {
    const graphs: Record<string, Graph> = {
      'past two steps': {
        nodes: boxesOf('a', 'b', 'c', 'd'),
        edges: [
          arrow('a', 'b', 'folder → data'),
          arrow('b', 'c'),
          arrow('c', 'd'),
          arrow('a', 'd', 'a label with many words'),
          arrow('a', 'c', 'x'),
        ],
      },
      'with a frame': pipelineGraph(root, new Map(), new Map([['report', inside]])),
      circle: { nodes: boxesOf('a', 'b', 'c'), edges: [arrow('a', 'b', 'one'), arrow('b', 'c', 'two'), arrow('c', 'a', 'three')] },
    };
    for (const [name, graph] of Object.entries(graphs))
      for (const direction of ['down', 'right'] as const) assert.deepEqual(collisions(graph, direction), [], `${name}, ${direction}`);
  });

  it('has no arrow through a box whatever the steps and frames are', () => {
    const steps = fc.integer({ min: 2, max: 14 });
    fc.assert(
      fc.property(
        steps,
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { maxLength: 30 }),
        fc.array(fc.nat(), { maxLength: 3 }),
        (count, ends, frames) => {
          const ids = Array.from({ length: count }, (_, index) => `s${index}`);
          const expanded = [...new Set(frames.map((each) => `s${each % count}`))];
          const nodes: Graph['nodes'] = [
            ...boxesOf(...ids).map((node) =>
              expanded.includes(node.id) ? { ...node, kind: 'pipeline' as const, isExpanded: true } : node,
            ),
            ...expanded.flatMap((parent) => boxesOf(`${parent}/a`, `${parent}/b`, `${parent}/c`).map((node) => ({ ...node, parent }))),
          ];
          const edges = new Map(
            ends.map(([from, to, hasLabel]) => {
              const [low, high] = [from % count, to % count].sort((a, b) => a - b) as [number, number];
              return [`${low}>${high}`, low === high ? undefined : arrow(`s${low}`, `s${high}`, hasLabel ? 'out → in' : undefined)];
            }),
          );
          const inner = expanded.flatMap((parent) => [
            arrow(`${parent}/a`, `${parent}/b`, 'x'),
            arrow(`${parent}/b`, `${parent}/c`),
            arrow(`${parent}/a`, `${parent}/c`, 'y'),
          ]);
          const graph: Graph = { nodes, edges: [...[...edges.values()].filter((each) => each !== undefined), ...inner] };
          for (const direction of ['down', 'right'] as const) assert.deepEqual(collisions(graph, direction), []);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('becomes an SVG in which names are text, whatever they say', () => {
    const svg = graphSvg(
      { nodes: [{ id: 'a', kind: 'step', label: '<script>"&', isBroken: true }], edges: [] },
      'down',
      '</title><script>',
    );
    assert.ok(!svg.includes('<script'));
    assert.match(svg, /&#60;script&#62;&#34;&#38;/);
  });

  it('draws a graph without anything', () => {
    assert.match(graphSvg({ nodes: [], edges: [] }), /^<svg/);
  });
});
