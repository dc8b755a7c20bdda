import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { defaultEmbedderFile } from '../../scripts/defaultModelFile.ts';
import { startPlane, type TestPlane } from './plane.ts';

/** With the default model for embeddings itself, which is got once and kept in the cache. */
describe('vectors of texts', () => {
  let plane: TestPlane;
  before(async function () {
    // The first run on a machine gets the model and what runs it: some 220 MB.
    this.timeout(600_000);
    await defaultEmbedderFile();
    plane = await startPlane();
    const { status } = await ask({ input: 'ready?' });
    assert.equal(status, 200);
  });
  after(() => plane.remove());

  async function ask(body: object) {
    const response = await fetch(`${plane.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'all-minilm-l6-v2', ...body }),
    });
    return { status: response.status, answer: (await response.json()) as { data: { embedding: number[] }[]; usage: object } };
  }

  it('are made', async () => {
    const { answer } = await ask({
      input: ['A cat sits on the sofa.', 'A kitten rests on the couch.', 'The stock market fell sharply today.'],
    });
    const [a, b, c] = answer.data.map(({ embedding }) => embedding);
    const cos = (x: number[], y: number[]) => x.reduce((s, v, i) => s + v * y[i]!, 0);
    assert.equal(a!.length, 384);
    console.log(cos(a!, a!), cos(a!, b!), cos(a!, c!), answer.usage);
  });
});
