import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { FileSource } from '../../../src/spec/diagnostic.ts';
import { overrideProblem } from '../../../src/submit/overrideProblem.ts';

const sources: Record<string, string> = {
  '/w/job.yml': `type: command
command: python train.py --epochs \${{inputs.epochs}} --warm \${{inputs.warm}} --note \${{inputs.note}} --data \${{inputs.data}}
environment: azureml:env:1
inputs:
  epochs: 10
  warm: true
  note: short
  data: {type: uri_folder, path: ./data}
`,
  '/w/pipeline.yml': `type: pipeline
inputs:
  rate: 0.1
  rounds: 3
jobs:
  train:
    type: command
    component: ./train.yml
    inputs: {rate: '\${{parent.inputs.rate}}', rounds: '\${{parent.inputs.rounds}}'}
`,
  '/w/train.yml': `type: command
name: train
command: python train.py \${{inputs.rate}} \${{inputs.rounds}}
environment: azureml:env:1
inputs:
  rate: {type: number, min: 0, max: 1}
  rounds: {type: integer}
`,
};
const files: FileSource = {
  readText: (file) => sources[file],
  kind: (file) => (file in sources ? 'file' : file === '/w/data' || file === '/w' ? 'folder' : undefined),
};
const problem = (file: string, override: string, made: string[] = []) => overrideProblem(file, files, made, override);

describe('what is wrong with a changed value', () => {
  it('is another type than the one in the file', () => {
    assert.match(problem('/w/job.yml', 'inputs.epochs=abc') ?? '', /"epochs" is a number in the file \(10\); "abc" is none/);
    assert.match(problem('/w/job.yml', 'inputs.epochs=') ?? '', /number/);
    assert.match(problem('/w/job.yml', 'inputs.warm=maybe') ?? '', /"warm" is true or false/);
    for (const fine of ['inputs.epochs=20', 'inputs.epochs=1e3', 'inputs.warm=false', 'inputs.note=42', 'inputs.note=abc'])
      assert.equal(problem('/w/job.yml', fine), undefined, fine);
  });

  it('is what the editor says of it, and of nothing else', () => {
    assert.match(problem('/w/pipeline.yml', 'inputs.rounds=2.5') ?? '', /no integer, which the step "train" wants for "rounds"/);
    assert.match(problem('/w/pipeline.yml', 'jobs.train.inputs.rounds=2.5') ?? '', /wants integer/);
    assert.equal(problem('/w/pipeline.yml', 'inputs.rounds=7'), undefined);
    assert.match(problem('/w/job.yml', 'inputs.data.path=./nowhere') ?? '', /nowhere/);
    assert.match(problem('/w/job.yml', 'name=no spaces') ?? '', /name/i);
    // What was wrong before is said by the submission.
    assert.equal(problem('/w/job.yml', 'inputs.note=x', ['inputs.data.path=./nowhere']), undefined);
  });

  it('is said of a file that can not be read in plain words', () => {
    assert.match(problem('/w/job.yml', 'command.x=1') ?? '', /plain value/);
  });
});
