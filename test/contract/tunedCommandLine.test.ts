import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { tiny, tinyAdapter, tinyFacts } from './tunedFixture.ts';
import { updraft } from './updraft.ts';
import { writeIn } from './writeIn.ts';

describe('a registered adapter on the command line', () => {
  let home: string;
  let folder: string;
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-home-'));
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-tuned-'));
    writeIn(folder, 'colours/finetuning.json', JSON.stringify(tinyFacts));
    writeIn(folder, 'colours/adapter.gguf', tinyAdapter);
  });
  after(async () => {
    await updraft(home, ['stop']);
    for (const each of [home, folder]) rmSync(each, { recursive: true, force: true, maxRetries: 10 });
  });

  const run = (...args: string[]) => updraft(home, args, { cwd: folder, env: { UPDRAFT_MODEL_FOLDERS: tiny } });

  it('is registered from a folder, and talked to by its name', async () => {
    const made = await run('model', 'create', '--name', 'colours', '--version', '1', '--path', './colours', '--type', 'custom_model');
    assert.equal(made.code, 0, made.stderr);
    for (const name of ['colours', 'colours:1']) {
      const { code, stdout, stderr } = await run('chat', name, 'what colour is the sky?', '--temperature', '0');
      assert.deepEqual([code, stdout], [0, 'azul\n'], stderr);
    }
    const wrong = await run('chat', 'colours:2', 'what colour is the sky?');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /There is no model "colours:2" on this machine\.\n.*colours/);
  });
});
