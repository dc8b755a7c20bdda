import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { architectures } from '../../src/finetuning/convert/architectures.ts';
import { root, runProcess } from './updraft.ts';

const program = path.join(root, 'dist/finetuning/pipeline/code/steps.mjs');
const models = path.join(root, 'test/fixtures/torch-logits/architectures');
/** What the GGUF files of a family say of their architecture, where it is another name. */
const families = [...architectures.keys()].map((name) => (name === 'llama' ? 'mistral' : name));

describe('an adapter of each family of models', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-families-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const step = (...words: string[]) => runProcess(process.execPath, [program, ...words], { cwd: folder });

  for (const family of families)
    it(`predicts as torch does: ${family}`, async () => {
      const model = path.join(models, family);
      const [base, adapter, gguf, merged] = ['base.gguf', 'adapter']
        .map((each) => path.join(model, each))
        .concat(`${family}.gguf`, `${family}-merged.gguf`);
      const made = await Promise.all([
        step('convert', '--base', base!, '--adapter', adapter!, '--out', gguf!),
        step('merge', '--base', base!, '--adapter', adapter!, '--out', merged!, '--type', 'f16'),
      ]);
      for (const { code, stderr } of made) assert.equal(code, 0, stderr);
      const [served, whole, without] = await Promise.all([
        step('verify', '--base', base!, '--adapter', gguf!, '--reference', model),
        step('verify', '--base', merged!, '--reference', model),
        step('verify', '--base', base!, '--reference', model),
      ]);
      assert.equal(served.code, 0, served.stderr);
      assert.equal(whole.code, 0, whole.stderr);
      // The adapter is what makes it so.
      assert.match(without.stderr, /KL divergence from torch 0\.[4-9]/);
    });
});
