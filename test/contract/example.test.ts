import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { root, updraft } from './updraft.ts';

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
    assert.equal(JSON.parse(model).type, 'custom_model', model);
  });
});
