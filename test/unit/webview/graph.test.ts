import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Graph } from '../../../src/protocol/graph.ts';
import type { Job, PipelineNode } from '../../../src/protocol/job.ts';
import { type PipelineShape, pipelineGraph } from '../../../webview/job/graph/pipelineGraph.ts';
import { graphSvg } from '../../../webview/shared/graph/graphSvg.ts';
import { layout } from '../../../webview/shared/graph/layout.ts';

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
    const boxes = layout(graph);
    const frame = boxes.get('report')!;
    for (const id of ['report/draw', 'report/write']) {
      const box = boxes.get(id)!;
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= frame.width && box.y + box.height <= frame.height, id);
    }
  });

  it('is laid out along the flow, no box over another', () => {
    const graph = pipelineGraph(root, new Map(), new Map());
    for (const direction of ['down', 'right'] as const) {
      const boxes = [...layout(graph, direction).values()];
      for (const [index, a] of boxes.entries())
        for (const b of boxes.slice(index + 1))
          assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y);
    }
    const down = layout(graph);
    assert.ok(down.get('prepare')!.y < down.get('train')!.y);
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
