import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { defaultEmbedderFile } from '../../scripts/defaultModelFile.ts';
import { openAiClient } from '../../scripts/npmClients.ts';
import { pythonClient } from '../../scripts/pythonClients.ts';
import { root, runProcess } from '../contract/updraft.ts';
import { type StoryPlane, storyPlanes } from './storyPlanes.ts';

const folder = path.resolve(root, '../shared/corpora/tiny-lm');
const model = 'tiny-colours-f32';
/** What each of the stories tells. */
const seen = {
  chat: 'blue',
  streamed: 'blue',
  completion: 'black',
  embedding: 128,
  several: [
    [0, 'blue', 'blue'],
    [1, 'blue', 'blue'],
  ],
  others: 2,
  tokens: [...'black'],
  missing: 'model_not_found',
  refused: 'BadRequestError',
};

/** The clients as they come from npm and PyPI, pointed at the plane by `OPENAI_BASE_URL` and `OPENAI_API_KEY`, as `updraft env` has them. */
for (const place of storyPlanes())
  describe(`OpenAI's own clients talk to a model of the machine of ${place.name}`, () => {
    let plane: StoryPlane;
    let env: NodeJS.ProcessEnv;
    before(async () => {
      plane = await place.start({ environment: { UPDRAFT_MODEL_FOLDERS: folder } });
      env = { ...process.env, ...plane.variables, OPENAI_BASE_URL: `${plane.url}/v1`, OPENAI_API_KEY: plane.token };
    });
    after(() => plane?.remove());

    const vectors = { widths: [384, 64], near: '0.77', far: '0.08', same: true, tokens: 27, refused: 'BadRequestError' };

    it('of npm: vectors of texts, of an ONNX model', async function () {
      // The first run on a machine gets the model.
      this.timeout(600_000);
      await defaultEmbedderFile();
      const script = path.join(await openAiClient(), 'embed.mjs');
      copyFileSync(path.join(root, 'test/clients/openai/embed.mjs'), script);
      const { code, stdout, stderr } = await runProcess(process.execPath, [script, 'all-minilm-l6-v2'], { env });
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), vectors);
    });

    it('of PyPI: vectors of texts, of an ONNX model', async function () {
      this.timeout(600_000);
      await defaultEmbedderFile();
      const python = await pythonClient('openai', ['openai>=3,<4']);
      const { code, stdout, stderr } = await runProcess(python, [path.join(root, 'test/clients/openai/embed.py'), 'all-minilm-l6-v2'], {
        env,
      });
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), vectors);
    });

    it('of npm: models, chat, completion, embeddings, errors', async function () {
      // The first run on a machine installs it.
      this.timeout(300_000);
      const script = path.join(await openAiClient(), 'story.mjs');
      copyFileSync(path.join(root, 'test/clients/openai/story.mjs'), script);
      const { code, stdout, stderr } = await runProcess(process.execPath, [script, model], { env });
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), { ...seen, listed: true, usage: [47, 5, 52], unauthorized: 'AuthenticationError' });
    });

    it('of PyPI: the same', async function () {
      // The first run on a machine installs it.
      this.timeout(300_000);
      const python = await pythonClient('openai', ['openai>=3,<4']);
      const { code, stdout, stderr } = await runProcess(python, [path.join(root, 'test/clients/openai/story.py'), model], { env });
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), seen);
    });
  });
