import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { silentLogger } from '../../../src/base/logger.ts';
import { onlineDeploymentOf } from '../../../src/protocol/onlineDeployment.ts';
import { CollectedFiles } from '../../../src/serving/capture/collectedFiles.ts';
import { DataCapture } from '../../../src/serving/capture/dataCapture.ts';
import { inputRows, outputRows } from '../../../src/serving/capture/rows.ts';
import { ManualTimers } from '../client/manualTimers.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const deployment = (dataCollector: unknown) =>
  onlineDeploymentOf({ workspace: 'w', name: 'scores', version: 'blue', properties: { properties: { dataCollector } } });
const on = { dataCollectionMode: 'Enabled' };
const noon = Date.parse('2026-03-04T05:06:07Z');

describe('what is collected of a deployment', () => {
  const written = new Map<string, string>();
  function start(chance = () => 0.5, write = async (_deployment: string, file: string, text: string) => void written.set(file, text)) {
    written.clear();
    const timers = new ManualTimers();
    const said: string[] = [];
    const logger = { ...silentLogger, warn: (text: string) => said.push(text), error: (text: string) => said.push(text) };
    const files = new CollectedFiles({ write, logger, timers });
    return { timers, said, files, capture: new DataCapture(files, { chance, now: () => noon }) };
  }
  const lines = (collection: string) =>
    [...written]
      .flatMap(([file, text]) => (file.includes(`/${collection}/`) ? text.trim().split('\n') : []))
      .map((line) => JSON.parse(line));

  it('has the layout of Azure, after a minute, and the answer is as it was', async () => {
    const { capture, timers } = start();
    const all = deployment({
      collections: {
        request: on,
        response: on,
        model_inputs: on,
        Model_Outputs: { dataCollectionMode: 'enabled' },
        other: { dataCollectionMode: 'disabled' },
      },
      requestLogging: { captureHeaders: ['x-tenant', 'Authorization'] },
    });
    const headers = new Headers({ 'x-request-id': 'r1', 'x-tenant': 'lab', authorization: 'Bearer secret' });
    const body = bytes('{"input_data": {"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]]}}');
    const answer = capture.collect(all, { headers, body }, new Response('[0.5, 1]', { status: 200, headers: { 'x-mine': 'yes' } }));
    assert.deepEqual([answer.status, answer.headers.get('x-mine'), await answer.text()], [200, 'yes', '[0.5, 1]']);
    await timers.advance(59_000);
    assert.equal(written.size, 0);
    await timers.advance(1000);
    assert.equal(written.size, 4);
    for (const file of written.keys())
      assert.match(
        file,
        /^modelDataCollector\/scores\/blue\/(?:request|response|model_inputs|model_outputs)\/2026\/03\/04\/05\/050607000-\d+-\d+\.jsonl$/,
      );
    const [inputs] = lines('model_inputs');
    assert.deepEqual(inputs.data, [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
    assert.deepEqual(
      [inputs.type, inputs.time, inputs.correlationid, inputs.collectdatatype],
      ['azureml.inference.model_inputs', '2026-03-04T05:06:07.000Z', 'r1', 'pandas.core.frame.DataFrame'],
    );
    assert.match(inputs.source, /\/workspaces\/w\/onlineEndpoints\/scores\/deployments\/blue$/);
    assert.deepEqual(lines('model_outputs')[0].data, [{ prediction: 0.5 }, { prediction: 1 }]);
    assert.equal(lines('model_outputs')[0].correlationid, 'r1');
    assert.deepEqual(lines('response')[0].data, [0.5, 1]);
    const [request] = lines('request');
    assert.deepEqual(request.headers, { 'x-tenant': 'lab' });
    assert.ok(![...written.values()].join('').includes('secret'));
  });

  it('is the part that is asked for, both sides of a call together, and nothing without a wish', async () => {
    let thrown = 0;
    const { capture, files } = start(() => thrown);
    const half = deployment({ collections: { model_inputs: { ...on, samplingRate: 0.5 }, response: { ...on, samplingRate: 0.5 } } });
    for (thrown of [0.1, 0.4, 0.5, 0.9])
      await capture.collect(half, { headers: new Headers(), body: bytes('{"inputs": [1]}') }, new Response('[1]')).text();
    for (const none of [undefined, {}, { collections: { request: { dataCollectionMode: 'Disabled' } } }]) {
      const answer = new Response('[1]');
      assert.equal(capture.collect(deployment(none), { headers: new Headers(), body: bytes('1') }, answer), answer);
    }
    await files.flush();
    assert.equal(lines('model_inputs').length, 2);
    assert.equal(lines('response').length, 2);
  });

  it('leaves out what is too large or no rows, and what a model never saw', async () => {
    const { capture, files } = start();
    const all = deployment({ collections: { request: on, response: on, model_inputs: on, model_outputs: on } });
    const send = async (body: string, answer: Response) =>
      (await capture.collect(all, { headers: new Headers(), body: bytes(body) }, answer).text()).length;
    assert.equal(await send('{"inputs": [1]}', new Response('x'.repeat(2_000_000))), 2_000_000);
    assert.equal(await send('refused', new Response('{"error": 1}', { status: 424 })), 12);
    assert.equal(await send('no rows', new Response('"text"')), 6);
    await files.flush();
    assert.deepEqual(
      lines('request').map(({ data, datacontenttype }) => [data, datacontenttype]),
      [
        [{ inputs: [1] }, 'application/json'],
        ['refused', 'text/plain'],
        ['no rows', 'text/plain'],
      ],
    );
    assert.equal(lines('response').length, 2);
    assert.equal(lines('model_inputs').length, 1);
    assert.equal(lines('model_outputs').length, 0);
  });

  it('never has more than so much in memory, and says what was lost', async () => {
    const { promise: blocked, resolve: release } = Promise.withResolvers<void>();
    const { capture, files, said } = start(undefined, async (_deployment, file, text) => {
      await blocked;
      written.set(file, text);
    });
    const all = deployment({ collections: { request: on } });
    const body = new Uint8Array(999_000).fill(97);
    for (let at = 0; at < 100; at++) await capture.collect(all, { headers: new Headers(), body }, new Response('1')).text();
    release();
    await files.flush();
    assert.ok(lines('request').length >= 30 && lines('request').length <= 33, String(lines('request').length));
    assert.match(said.join(), /\d+ requests of deployments were not collected: more than 32 MB/);
    // There is room again.
    await capture.collect(all, { headers: new Headers(), body: bytes('1') }, new Response('1')).text();
    const before = lines('request').length;
    await files.flush();
    assert.equal(lines('request').length, before + 1);
  });

  it('harms nobody when it can not be written', async () => {
    const { capture, files, said } = start(undefined, async () => {
      throw new Error('disk full');
    });
    const answer = capture.collect(
      deployment({ collections: { request: on } }),
      { headers: new Headers(), body: bytes('1') },
      new Response('1'),
    );
    assert.equal(await answer.text(), '1');
    await files.flush();
    assert.match(said.join(), /1 request of w\/scores\/blue were not collected/);
  });

  it('reads the shapes that MLflow models take and answer', () => {
    assert.deepEqual(inputRows({ input_data: [[1, 2]] }), [{ 0: 1, 1: 2 }]);
    assert.deepEqual(inputRows({ input_data: [1, 2] }), [{ 0: 1, 1: 2 }]);
    assert.deepEqual(inputRows({ dataframe_records: [{ a: 1 }] }), [{ a: 1 }]);
    assert.deepEqual(inputRows({ inputs: { a: [1, 2], b: ['x', 'y'] } }), [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
    for (const none of [undefined, null, 5, 'text', [], { messages: [] }]) assert.equal(inputRows(none), undefined);
    assert.deepEqual(outputRows({ predictions: [{ p: 1 }, [2, 3]] }), [{ p: 1 }, { 0: 2, 1: 3 }]);
    assert.deepEqual(outputRows(['cat']), [{ prediction: 'cat' }]);
    for (const none of [undefined, null, 'text', 5]) assert.equal(outputRows(none), undefined);
  });
});
