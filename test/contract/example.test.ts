import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { root, updraft } from './updraft.ts';
import { writeIn } from './writeIn.ts';

describe('the example', () => {
  let home: string;
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-example-'));
  });
  after(async () => {
    await updraft(home, ['stop']);
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });

  it('trains its classifier in an environment that is made for it, and registers the model', async () => {
    const file = path.join(root, 'examples/digits/pipeline.yml');
    const { code, stdout, stderr } = await updraft(home, ['job', 'submit', '--file', file, '--stream']);
    assert.equal(code, 0, stdout + stderr);
    const { stdout: model } = await updraft(home, ['model', 'show', '--name', 'digits', '--version', '1', '--output', 'json']);
    assert.equal(JSON.parse(model).type, 'mlflow_model', model);
  });

  it('serves the model, which then reads 200 digits as it does where it was trained', async () => {
    const cwd = path.join(root, 'examples/digits');
    const ok = async (args: string[]) => {
      const { code, stdout, stderr } = await updraft(home, args, { cwd });
      assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
      return stdout;
    };
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-digits-'));
    try {
      // What the model itself says, told by a job in the environment of its training.
      writeIn(
        folder,
        'code/read.py',
        [
          'import json, sys, mlflow',
          'from sklearn.datasets import load_digits',
          'images = (load_digits().data / 16)[:200]',
          'model = mlflow.sklearn.load_model(sys.argv[1])',
          "json.dump({'input_data': images.tolist()}, open('outputs/request.json', 'w'))",
          "json.dump(model.predict(images).tolist(), open('outputs/read.json', 'w'))",
          "json.dump(load_digits().target[:200].tolist(), open('outputs/true.json', 'w'))",
        ].join('\n'),
      );
      const job = writeIn(
        folder,
        'read.yml',
        `command: python read.py \${{inputs.model}}\ncode: ./code\ninputs: {model: {type: mlflow_model, path: "azureml:digits:1"}}\nenvironment: {image: python, conda_file: ${path.join(cwd, 'environment/conda.yml')}}\n`,
      );
      await ok(['job', 'submit', '--file', job, '--name', 'read', '--stream']);
      await ok(['job', 'download', '--name', 'read', '--download-path', folder, '--all']);
      const [request] = globSync('**/request.json', { cwd: folder });
      const saved = (name: string) => JSON.parse(readFileSync(path.join(folder, path.dirname(request!), name), 'utf8')) as number[];

      await ok(['online-endpoint', 'create', '--file', 'endpoint.yml']);
      await ok(['online-deployment', 'create', '--file', 'deployment.yml', '--all-traffic']);
      const said = JSON.parse(
        await ok(['online-endpoint', 'invoke', '--name', 'digits', '--request-file', path.join(folder, request!)]),
      ) as number[];
      assert.deepEqual(said, saved('read.json'));
      const right = saved('true.json').filter((digit, index) => digit === said[index]).length;
      assert.ok(right >= 190, `${right} of 200`);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  });
});
