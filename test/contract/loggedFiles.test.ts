import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { artifactContainer } from '../../src/protocol/asset.ts';
import { artifactFolder } from '../../src/protocol/jobPlaces.ts';
import { startPlane, type TestPlane } from './plane.ts';

const uuid = '0f2d6a34-1111-4222-8333-444455556666';
const versionOf = (content: string) => createHash('sha256').update(content).digest('hex').slice(0, 16);
const picture = (key: string, step: number, at = 1) => `images/${key}+step+${step}+timestamp+${at}+${uuid}`;

describe('what runs logged beside metrics', () => {
  let plane: TestPlane;
  const runs: string[] = [];
  const put = (run: string, ...paths: string[]) =>
    Promise.all(paths.map((path) => plane.client.writeBlob(artifactContainer, `${artifactFolder(run)}/${path}`, path)));
  before(async () => {
    plane = await startPlane();
    for (let i = 0; i < 3; i++) {
      const { run } = await plane.client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
        experiment_id: '0',
      });
      runs.push(run.info.run_id);
    }
    for (const run of runs.slice(0, 2))
      await put(
        run,
        ...[1, 2, 10].flatMap((step) => [`${picture('dogs', step)}.png`, `${picture('dogs', step)}+compressed.webp`]),
        'table.json',
        'model/MLmodel',
        'model/requirements.txt',
        'model/input_example.json',
      );
    await put(runs[1]!, 'notes/a.txt', 'weights.bin');
  });
  after(() => plane.remove());

  it('is told by key, with how many runs have it; files of models are left out', async () => {
    const { keys, isCut } = await plane.client.loggedKeys([...runs, 'no such run']);
    assert.equal(isCut, undefined);
    assert.deepEqual(keys, [
      { kind: 'image', key: 'dogs', runs: 2 },
      { kind: 'text', key: 'notes/a.txt', runs: 1 },
      { kind: 'data', key: 'table.json', runs: 2 },
    ]);
    assert.deepEqual((await plane.client.loggedKeys([runs[2]!])).keys, []);
  });

  it('is told file by file of one key, by step as a number, with the smaller picture, of so many runs', async () => {
    const ask = (limit: number) => plane.client.loggedFiles({ runs: [runs[2]!, runs[1]!, runs[0]!], kind: 'image', key: 'dogs', limit });
    const { runs: found } = await ask(10);
    assert.deepEqual(
      found.map(({ run }) => run),
      [runs[1], runs[0]],
    );
    assert.deepEqual(
      found[0]!.files.map(({ step }) => step),
      [1, 2, 10],
    );
    const path = `${picture('dogs', 10)}.png`;
    assert.deepEqual(found[0]!.files.at(-1), {
      ...{ path, step: 10, size: path.length, version: versionOf(path) },
      preview: `${picture('dogs', 10)}+compressed.webp`,
    });
    assert.equal((await ask(1)).runs.length, 1);
    const table = await plane.client.loggedFiles({ runs, kind: 'data', key: 'table.json', limit: 9 });
    assert.deepEqual(table.runs[0], { run: runs[0], files: [{ path: 'table.json', size: 10, version: versionOf('table.json') }] });
  });

  it('of one step is the newest', async () => {
    await put(runs[2]!, `${picture('cats', 4, 20)}.png`, `${picture('cats', 4, 100)}.png`);
    const { runs: found } = await plane.client.loggedFiles({ runs, kind: 'image', key: 'cats', limit: 9 });
    assert.deepEqual(
      found[0]!.files.map(({ path }) => path),
      [`${picture('cats', 4, 100)}.png`],
    );
  });

  it('has the key that comes behind very many steps of another', async () => {
    const many = Array.from({ length: 1200 }, (_, step) => `curves/epoch_${step}.json`);
    for (let at = 0; at < many.length; at += 100) await put(runs[2]!, ...many.slice(at, at + 100));
    await put(runs[2]!, 'zebra.png');
    const { keys } = await plane.client.loggedKeys([runs[2]!]);
    assert.deepEqual(
      keys.map(({ key }) => key),
      ['cats', 'curves/epoch_*.json', 'zebra.png'],
    );
    const { runs: found } = await plane.client.loggedFiles({ runs, kind: 'data', key: 'curves/epoch_*.json', limit: 9 });
    assert.equal(found[0]!.files.length, 1200);
    assert.equal(found[0]!.files.at(-1)!.step, 1199);
  });
});
