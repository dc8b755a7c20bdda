import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { assemblePipeline } from '../../../src/language/assemble.ts';
import { loadSpec } from '../../../src/spec/load.ts';
import { files, project } from './project.ts';

const compare = `$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
name: compare
type: command
inputs:
  scores: {type: uri_folder}
  model: {type: mlflow_model}
  data: {type: uri_folder}
  limit: {type: integer}
command: x \${{inputs.scores}} \${{inputs.model}} \${{inputs.data}} \${{inputs.limit}} \${{outputs.verdict}}
outputs:
  verdict: {type: uri_file}
environment: azureml:env:1
`;

describe('a pipeline of components that were picked', () => {
  const { index } = project('type: pipeline\njobs:\n  a: {component: ./train.yml}\n', { ...files, 'compare.yml': compare });
  const assemble = (...names: string[]) => {
    const text = assemblePipeline(
      index,
      '/w/pipelines/new.yml',
      names.map((name) => `/w/${name}`),
    );
    const { spec, diagnostics } = loadSpec('/w/pipelines/new.yml', index.files, { text });
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity === 'error'),
      [],
      text,
    );
    return spec!.value;
  };

  it('binds each input to the output that fits best, and makes inputs of the pipeline of the rest', () => {
    const { jobs, inputs, outputs } = assemble('train.yml', 'parts/score.yml', 'compare.yml');
    assert.deepEqual(jobs.train.inputs, { data: '${{parent.inputs.data}}' });
    assert.deepEqual(jobs.score, {
      type: 'command',
      component: '../parts/score.yml',
      inputs: { model: '${{parent.jobs.train.outputs.model}}', table: '${{parent.inputs.table}}' },
    });
    assert.deepEqual(jobs.compare.inputs, {
      scores: '${{parent.jobs.score.outputs.scores}}',
      // A model of another format: by its name.
      model: '${{parent.jobs.train.outputs.model}}',
      data: '${{parent.jobs.score.outputs.scores}}',
      limit: '${{parent.inputs.limit}}',
    });
    assert.deepEqual(inputs, { data: { type: 'uri_folder', path: './data' }, table: { type: 'uri_file', path: './data' }, limit: 1 });
    assert.deepEqual(outputs, { verdict: { type: 'uri_file' } });
    assert.deepEqual(jobs.compare.outputs, { verdict: '${{parent.outputs.verdict}}' });
  });

  it('may have a component twice', () => {
    assert.deepEqual(Object.keys(assemble('train.yml', 'train.yml').jobs), ['train', 'train_2']);
  });

  it('leaves out what is gone', () => {
    assert.deepEqual(Object.keys(assemble('train.yml', 'gone.yml').jobs), ['train']);
  });
});
