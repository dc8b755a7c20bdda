import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Verification } from '../../src/finetuning/verify/verifyAdapter.ts';
import { queriesAndKeys, tiny, tinyAdapter, tinyBase } from '../unit/finetuning/tinyAdapter.ts';
import { startPlane } from './plane.ts';
import { root, runProcess, updraft } from './updraft.ts';

const logits = (name: string) => path.join(root, 'test/fixtures/torch-logits', name);

describe('the steps of a fine-tuning job', () => {
  let folder: string;
  let program: string;
  const at = (...names: string[]) => path.join(folder, ...names);
  const step = (...words: string[]) => runProcess(process.execPath, [program, ...words], { cwd: folder });
  const made = async (...words: string[]) => {
    const { code, stdout, stderr } = await step(...words);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-finetuning-'));
    // It needs no other file.
    program = at('steps.mjs');
    copyFileSync(path.join(root, 'dist/finetuning/pipeline/code/steps.mjs'), program);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('say before a training whether its adapter can be converted', async () => {
    const config = path.join(tinyAdapter, 'adapter_config.json');
    assert.match(await made('check', '--base', tinyBase, '--config', config), /can be converted/);
    const dora = { ...(JSON.parse(readFileSync(config, 'utf8')) as object), use_dora: true, modules_to_save: ['lm_head'] };
    writeFileSync(at('dora.json'), JSON.stringify(dora));
    const { code, stderr } = await step('check', '--base', tinyBase, '--config', 'dora.json');
    assert.equal(code, 1);
    assert.match(stderr, /^error: Such an adapter can't be converted: use_dora is set.*; modules_to_save is set/);
  });

  it('make an adapter that predicts as torch does, and find out one that does not', async () => {
    queriesAndKeys(at('qk'));
    const out = await made('convert', '--base', tinyBase, '--adapter', 'qk', '--out', 'qk.gguf');
    assert.match(out, /Wrote the adapter qk\.gguf: 26 kB, 6 matrices of the base model are changed/);
    const words = ['--base', tinyBase, '--reference', logits('queries-and-keys'), '--report', 'report.json'];
    assert.match(await made('verify', ...words, '--adapter', 'qk.gguf'), /Verified: KL divergence from torch .* over 12 tokens/);
    const report = () => JSON.parse(readFileSync(at('report.json'), 'utf8')) as Verification;
    assert.ok(report().meanKl < 0.0001 && report().sameToken === 1, JSON.stringify(report()));

    // With the text of its prompts, which the engine must read as the same tokens.
    cpSync(logits('queries-and-keys'), at('with-text'), { recursive: true });
    const reference = JSON.parse(readFileSync(at('with-text/reference.json'), 'utf8')) as { prompts: { text?: string }[] };
    reference.prompts[0]!.text = 'what colour is the moon?';
    writeFileSync(at('with-text/reference.json'), JSON.stringify(reference));
    const misread = await step('verify', '--base', tinyBase, '--reference', 'with-text', '--adapter', 'qk.gguf');
    assert.equal(misread.code, 1);
    assert.match(misread.stderr, /^error: This model reads a prompt as other tokens than the training did/);

    const without = await step('verify', ...words);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /Not the model that was trained: .* up to 0\.001 is allowed/);
    assert.ok(report().meanKl > 1 && !report().isEqual);

    // The rows of queries and keys as PEFT has them: of another architecture they are right so.
    const base = readFileSync(tinyBase);
    const other = Buffer.from(base.toString('latin1').replaceAll('llama', 'qwen2'), 'latin1');
    writeFileSync(at('other.gguf'), other);
    await made('convert', '--base', 'other.gguf', '--adapter', 'qk', '--out', 'wrong.gguf');
    writeFileSync(at('wrong.gguf'), readFileSync(at('wrong.gguf'), 'latin1').replace('qwen2', 'llama'), 'latin1');
    const unordered = await step('verify', ...words, '--adapter', 'wrong.gguf');
    assert.equal(unordered.code, 1, unordered.stdout);
    assert.ok(report().meanKl > 1);
  });

  it('make a merged model that predicts as torch does', async () => {
    for (const type of ['f16', 'q8_0']) {
      await made('merge', '--base', tinyBase, '--adapter', tinyAdapter, '--out', 'merged.gguf', '--type', type);
      assert.match(await made('verify', '--base', 'merged.gguf', '--reference', logits('all-matrices')), /Verified/);
    }
    const { code, stderr } = await step('merge', '--base', tinyBase, '--adapter', tinyAdapter, '--out', 'four.gguf', '--type', 'q4_1');
    assert.equal(code, 1);
    assert.match(stderr, /An adapter is not merged into q4_1: .*\nMerge into q8_0 or f16/);
  });

  it('make an adapter with which the plane answers as torch did', async () => {
    await made('convert', '--base', tinyBase, '--adapter', tinyAdapter, '--out', 'own.gguf');
    const expected = JSON.parse(readFileSync(path.join(tiny, 'expected.json'), 'utf8')) as { prompts: string[]; tuned: string[] };
    const plane = await startPlane({}, undefined, { ...(process.env as Record<string, string>), UPDRAFT_MODEL_FOLDERS: tiny });
    try {
      const answers: string[] = [];
      for (const prompt of expected.prompts) {
        const response = await fetch(`${plane.url}/v1/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: `${path.basename(tinyBase)}+${at('own.gguf')}`, prompt, temperature: 0, max_tokens: 40 }),
        });
        const { choices } = (await response.json()) as { choices: { text: string }[] };
        answers.push(choices[0]!.text.trim());
      }
      assert.deepEqual(answers, expected.tuned);
    } finally {
      await plane.remove();
    }
  });

  it('say what is wrong in words', async () => {
    const reference = ['--base', tinyBase, '--reference'];
    writeFileSync(at('reference.json'), '{"prompts":[{"tokens":[1,2],"from":2}]}');
    copyFileSync(path.join(logits('all-matrices'), 'reference.safetensors'), at('reference.safetensors'));
    for (const [words, wanted, why] of [
      [[], 2, /A command is missing\.[\s\S]*node steps\.mjs COMMAND/],
      [['train'], 2, /There is no command "train"/],
      [['convert', '--base', tinyBase], 2, /--adapter is missing/],
      [['merge', '--bases', tinyBase], 2, /--bases/],
      [['convert', '--base', 'no.gguf', '--adapter', tinyAdapter, '--out', 'x.gguf'], 1, /There is no base model no\.gguf/],
      [['convert', '--base', tinyBase, '--adapter', tinyAdapter, '--out', 'x.gguf', '--type', 'f8'], 1, /f16 or f32, not f8/],
      [['verify', ...reference, 'nowhere'], 1, /there is no reference\.json/],
      [['verify', ...reference, '.'], 1, /"from" of prompt 0 must be between 1 and 1/],
      [['verify', ...reference, '.', '--max-kl', 'small'], 1, /--max-kl must be a number/],
      [['verify', ...reference, logits('all-matrices'), '--adapter', 'no.gguf'], 1, /There is no adapter no\.gguf/],
      [['verify', ...reference, logits('all-matrices'), '--adapter', tinyBase], 1, /The adapter can't be used with this model/],
    ] as const) {
      const { code, stdout, stderr } = await step(...words);
      assert.equal(code, wanted, stdout + stderr);
      assert.match(stderr, why);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
  });

  it('are commands of updraft too', async () => {
    const words = ['--base', tinyBase, '--adapter', tinyAdapter];
    const converted = await updraft(folder, ['model', 'convert-adapter', ...words, '--out', at('cli.gguf'), '--output', 'json']);
    assert.equal(converted.code, 0, converted.stderr);
    const { file, size_bytes: bytes } = JSON.parse(converted.stdout) as { file: string; size_bytes: number };
    assert.deepEqual([file, bytes], [at('cli.gguf'), 120_192]);
    const merged = await updraft(folder, ['model', 'merge-adapter', ...words, '--out', at('cli-merged.gguf')]);
    assert.match(merged.stdout, /Wrote the model .*cli-merged\.gguf: 1\.1 MB/, merged.stderr);
    const refused = await updraft(folder, ['model', 'merge-adapter', ...words, '--out', at('four.gguf'), '--type', 'q4_k']);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /not merged into q4_k/);
  });
});
