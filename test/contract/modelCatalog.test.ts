import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { updraft } from './updraft.ts';

const tiny = path.resolve(import.meta.dirname, '../../../shared/corpora/tiny-lm');

describe('updraft model catalog', () => {
  let home: string;
  // A home folder without models of the person who runs the tests.
  const run = (...args: string[]) =>
    updraft(home, ['model', 'catalog', ...args], {
      env: {
        HOME: home,
        USERPROFILE: home,
        UPDRAFT_CACHE: path.join(home, 'cache'),
        HF_HOME: undefined,
        HF_HUB_CACHE: undefined,
        XDG_CACHE_HOME: undefined,
        OLLAMA_MODELS: undefined,
      },
    });

  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-catalog-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('lists the models of a folder with what they are, and says of each that does not run why', async () => {
    const { code, stdout } = await run('--folder', tiny);
    assert.equal(code, 0);
    assert.match(stdout, /^tiny-colours-f32\.gguf +684,416 +F32 +256 +2\.7 MB +cc0-1\.0 .* runs, context 256$/m);
    assert.match(stdout, /^tiny-colours-lora-es\.gguf: It is an adapter/m);
    assert.match(stdout, /^hf\/model\.safetensors: Its weights are safetensors/m);
  });

  it('answers with data', async () => {
    writeFileSync(path.join(home, 'broken.gguf'), 'GGUF');
    const { stdout } = await run('--folder', home, '--folder', tiny, '--output', 'json');
    const models = JSON.parse(stdout) as { name: string; parameters?: number; problem?: string; fit: { runs: unknown } }[];
    const named = (name: string) => models.find((each) => each.name === name)!;
    assert.deepEqual([named('tiny-colours-f32.gguf').parameters, named('tiny-colours-f32.gguf').fit.runs], [684_416, true]);
    assert.match(named('broken.gguf').problem!, /ends in the middle of its header/);
  });

  it('says where it looked when there is nothing, and refuses a folder that is not there', async () => {
    assert.match((await run()).stdout, /no model on this machine where it is looked for: Updraft's own store, the Hugging Face cache/);
    const { code, stderr } = await run('--folder', path.join(home, 'nowhere'));
    assert.notEqual(code, 0);
    assert.match(stderr, /--folder: there is no folder .*nowhere/);
  });
});
