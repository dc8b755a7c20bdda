import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { documentGraph } from '../../../src/language/graph/documentGraph.ts';
import { FollowedGraphs } from '../../../src/language/graph/followedGraphs.ts';
import { nodeAt, placeOfNode } from '../../../src/language/graph/places.ts';
import type { DocumentGraph, Graph } from '../../../src/protocol/graph.ts';
import { files, project } from './project.ts';

const pipeline = `$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
inputs:
  raw:
    type: uri_folder
    path: ./data
  unused: 3
outputs:
  best: {type: custom_model}
jobs:
  fit:
    type: command
    component: ./train.yml
    inputs:
      data: \${{parent.inputs.raw}}
    outputs:
      model: \${{parent.outputs.best}}
  rate:
    type: pipeline
    component: ./rating.yml
    inputs:
      model: \${{parent.jobs.fit.outputs.model}}
  note:
    command: echo \${{inputs.model}}
    environment: azureml:env:1
    inputs:
      model:
        type: custom_model
        path: \${{parent.jobs.fit.outputs.model}}
`;
const rating = `$schema: https://azuremlschemas.azureedge.net/latest/pipelineComponent.schema.json
name: rating
type: pipeline
inputs:
  model: {type: custom_model}
jobs:
  score:
    type: command
    component: ./parts/score.yml
    inputs:
      model: \${{parent.inputs.model}}
      table: {type: uri_file, path: ./data/a.csv}
  report:
    command: cat \${{inputs.scores}}
    environment: azureml:env:1
    inputs:
      scores: \${{parent.jobs.score.outputs.scores}}
`;
const more = { ...files, 'rating.yml': rating };

const drawn = (marked: string, expanded: string[] = [], main = 'main.yml') => {
  const { context, index, document, offset } = project(marked, more, { main });
  const made = documentGraph(context.ours, index, index.check(document.file), new Set(expanded))!;
  return { made, graph: made?.graph, index, document, offset };
};
const edges = ({ edges }: Graph) =>
  edges.map(({ source, target, label, isBroken }) => `${source} > ${target}${label ? ` (${label})` : ''}${isBroken ? ' broken' : ''}`);
const nodes = ({ nodes }: Graph) =>
  nodes.map(({ id, kind, detail, isBroken }) => `${kind} ${id}${detail ? `: ${detail}` : ''}${isBroken ? ' broken' : ''}`);

describe('the graph of a file', () => {
  it('has inputs, steps, outputs and what flows between them', () => {
    const { graph } = drawn(pipeline);
    assert.deepEqual(nodes(graph), [
      'input #inputs.raw',
      'output #outputs.best',
      'step fit: train.yml',
      'pipeline rate: rating.yml',
      'step note: echo ${{inputs.model}}',
    ]);
    assert.deepEqual(edges(graph), ['#inputs.raw > fit (data)', 'fit > #outputs.best (model)', 'fit > rate (model)', 'fit > note (model)']);
  });

  it('opens a nested pipeline in place, from its own file', () => {
    const { graph } = drawn(pipeline, ['rate']);
    assert.deepEqual(
      graph.nodes.filter(({ parent }) => parent === 'rate').map(({ id }) => id),
      ['rate/score', 'rate/report'],
    );
    assert.ok(edges(graph).includes('rate/score > rate/report (scores)'));
  });

  it('draws as broken what the checks call an error, and what is named but not there', () => {
    const text = pipeline
      .replace('parent.inputs.raw', 'parent.inputs.rwa')
      .replace('model: ${{parent.jobs.fit.outputs.model}}', 'model: ${{parent.jobs.fti.outputs.model}}')
      .replace('path: ${{parent.jobs.fit.outputs.model}}', 'path: ${{parent.jobs.fit.outputs.modle}}');
    const { graph } = drawn(text);
    assert.deepEqual(edges(graph), [
      '#inputs.rwa > fit (data) broken',
      'fit > #outputs.best (model)',
      'fti > rate (model) broken',
      'fit > note (modle → model) broken',
    ]);
    const of = (id: string) => graph.nodes.find((each) => each.id === id)!;
    assert.deepEqual([of('fti').isBroken, of('fti').detail], [true, 'Not defined']);
    assert.match(of('note').detail!, /no output "modle"/);
    assert.match(of('fit').detail!, /no input "rwa"/);
  });

  it('names the reason on a step whose component needs more', () => {
    const { graph } = drawn(pipeline.replace('    inputs:\n      data: ${{parent.inputs.raw}}\n', ''));
    assert.match(graph.nodes.find(({ id }) => id === 'fit')!.detail!, /does not give the input "data"/);
  });

  it('is the component of a job that runs one', () => {
    const { graph } = drawn(
      'type: pipeline\nexperiment_name: x\ncomponent: ./rating.yml\ninputs:\n  model: {path: ./data, type: custom_model}\n',
    );
    assert.deepEqual(edges(graph), ['#inputs.model > score', 'score > report (scores)']);
  });

  it('is none for what has no steps', () => {
    assert.equal(drawn(files['train.yml'], [], 'train.yml').made, undefined);
  });

  it('leads from a node to its text and from the text to its node, through component files too', () => {
    const { made, index } = drawn(pipeline, ['rate']);
    const place = placeOfNode(made, index, 'rate/report')!;
    assert.equal(place.file, '/w/rating.yml');
    assert.equal(rating.split('\n')[place.range.start.line], '  report:');
    assert.equal(placeOfNode(made, index, '#inputs.raw')?.range.start.line, 3);
    assert.equal(placeOfNode(made, index, 'nowhere'), undefined);
    for (const [marked, node] of [
      [pipeline.replace('component: ./tr', 'component: ./t|r'), 'fit'],
      [pipeline.replace('parent.jobs.fit', 'parent.jobs.f|it'), 'rate'],
      [pipeline.replace('type: uri_folder', 'ty|pe: uri_folder'), '#inputs.raw'],
      [pipeline.replace('type: pipeline', 'ty|pe: pipeline'), undefined],
      [`${pipeline}    |`, 'note'],
    ] as const) {
      const { made, document, offset } = drawn(marked);
      assert.equal(nodeAt(made, document, offset), node);
    }
    const inside = index.open('/w/rating.yml')!.document;
    assert.equal(nodeAt(made, inside, rating.indexOf('cat')), 'rate/report');
    const component = index.open('/w/train.yml')!.document;
    assert.equal(nodeAt(made, component, 0), 'fit');
  });

  it('is told when it changes and only then, and stays as it was while the text can not be read', () => {
    const { index, document } = project(pipeline, more);
    const told: DocumentGraph[] = [];
    const graphs = new FollowedGraphs(
      index,
      (_uri, file) => index.check(file),
      (graph) => told.push(graph),
    );
    graphs.follow('uri', document.file, []);
    assert.equal(told.at(-1)?.state, 'current');
    const edit = (from: string, to: string) => {
      document.edit(document.text.indexOf(from), document.text.indexOf(from) + from.length, to);
      index.edited(document.file);
      graphs.update();
    };
    edit('unused: 3', 'unused: 4');
    assert.equal(told.length, 1);
    edit('  note:\n', '  note\n');
    assert.equal(told.length, 2);
    assert.equal(told[1]?.state, 'stale');
    assert.deepEqual(told[1]?.graph, told[0]?.graph);
    assert.equal(told[1]?.problem?.line, document.lineAt(document.text.indexOf('  note\n')) + 1);
    assert.equal(graphs.place('uri', 'fit')?.file, document.file);
    edit('  note\n', '  remark:\n');
    assert.deepEqual([told[2]?.state, told[2]?.graph.nodes.at(-1)?.id], ['current', 'remark']);
    graphs.follow('uri', document.file, ['rate']);
    assert.ok(told[3]?.graph.nodes.some(({ id }) => id === 'rate/score'));
    graphs.follow('uri', '/w/gone.yml', []);
    assert.equal(told.at(-1)?.state, 'missing');
    graphs.follow('uri', '/w/train.yml', []);
    assert.deepEqual([told.at(-1)?.state, told.at(-1)?.about], ['other', 'a command component']);
    const count = told.length;
    graphs.unfollow('uri');
    edit('remark', 'note');
    assert.equal(told.length, count);
  });

  it('of ten thousand lines reads again only the step that changed', () => {
    const step = (index: number) =>
      `  step_${index}:\n    command: echo \${{inputs.x}}\n    environment: azureml:env:1\n    inputs:\n      x: ${index ? `\${{parent.jobs.step_${index - 1}.outputs.y}}` : 1}\n    outputs:\n      y: {type: uri_folder}\n`;
    const text = `type: pipeline\njobs:\n${Array.from({ length: 1400 }, (_, index) => step(index)).join('')}`;
    const { context, index, document } = project(text);
    const draw = () => documentGraph(context.ours, index, index.check(document.file), new Set())!.graph;
    assert.equal(draw().edges.length, 1399);
    const kept = document.steps.map((block) => block.kept?.get('references'));
    const at = text.indexOf('step_700:');
    document.edit(at, at + 8, 'other_00');
    index.edited(document.file);
    assert.equal(draw().nodes.filter(({ isBroken }) => isBroken).length, 2);
    const again = document.steps.map((block) => block.kept?.get('references'));
    // The block before is cut again with it.
    assert.ok(again.filter((each, at) => each !== kept[at]).length <= 2);
  });
});
