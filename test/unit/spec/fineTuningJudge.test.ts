import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { hyperparameterProblem } from '../../../src/protocol/fineTuning.ts';
import { fineTuningPipeline } from '../../../src/spec/fineTuningPipeline.ts';
import { loadSpec } from '../../../src/spec/load.ts';

const yaml = (hyperparameters: object) => `
type: finetuning
task: chatCompletion
model_provider: custom
model: {type: custom_model, path: ./base.gguf}
training_data: ./data
hyperparameters: ${JSON.stringify(hyperparameters)}
`;

describe('the judge of a fine-tuning job', () => {
  it('is a name and an address, and nothing that a shell would read otherwise', () => {
    for (const right of ['llama3', 'ollama/llama3:8b', 'orders@champion', 'SmolLM2-135M-Instruct.Q4_1.gguf', 'a+b', ''])
      assert.equal(hyperparameterProblem('judge_model', right), undefined, right);
    for (const wrong of ["a'b", 'a b', '-x', '$(id)', 'a;b', 'a\nb', '`id`', '${{inputs.base}}'])
      assert.match(String(hyperparameterProblem('judge_model', wrong)), /must be the name of a language model/, wrong);
    for (const right of ['http://127.0.0.1:8080/v1', 'https://api.example.com/v1/', 'http://[::1]:8080', 'http://host', ''])
      assert.equal(hyperparameterProblem('judge_url', right), undefined, right);
    for (const wrong of [
      '127.0.0.1:8080',
      'file:///etc/passwd',
      'http://user:word@host/v1',
      'http://host/v1?key=1',
      "http://host/'",
      'http://',
    ])
      assert.match(String(hyperparameterProblem('judge_url', wrong)), /must be the address of OpenAI's API/, wrong);
  });

  it('has no address and no number of examples without a name', () => {
    const problems = (hyperparameters: object) =>
      loadSpec(
        '/data/finetune.yml',
        { readText: (file) => (file.endsWith('.yml') ? yaml(hyperparameters) : 'content'), kind: () => 'file' },
        { mustBeOurs: true, mustRunHere: true },
      )
        .diagnostics.filter(({ severity }) => severity === 'error')
        .map(({ message }) => message);
    assert.deepEqual(problems({ judge_model: 'a', judge_url: 'http://host/v1', judge_examples: '5' }), []);
    assert.deepEqual(problems({ judge_model: '', judge_url: '' }), []);
    assert.deepEqual(problems({ judge_url: 'http://host/v1' }), [
      '"judge_url" has no effect without "judge_model", which names the judge.',
    ]);
    assert.match(problems({ judge_examples: '5' }).join(), /"judge_examples" has no effect/);
  });

  it('is an input of the steps that ask it', () => {
    const { inputs, jobs } = parse(
      fineTuningPipeline(parse(yaml({ judge_model: 'a', judge_url: '', judge_examples: '5' })), (path) => path),
    ) as { inputs: Record<string, unknown>; jobs: Record<string, { inputs: Record<string, string> }> };
    assert.equal(inputs.judge_model, 'a');
    assert.ok(!('judge_url' in inputs));
    const judged = (step: string) => Object.keys(jobs[step]!.inputs).filter((name) => name.startsWith('judge'));
    assert.deepEqual(judged('prepare'), ['judge_model']);
    assert.deepEqual(judged('evaluate'), ['judge_model', 'judge_examples']);
    assert.deepEqual(['import', 'train', 'convert', 'verify'].flatMap(judged), []);
  });
});
