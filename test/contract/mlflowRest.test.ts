import assert from 'node:assert/strict';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { after, before, describe, it } from 'mocha';
import { startPlane, type TestPlane } from './plane.ts';

/** MLflow's REST API as it is on the wire, where its Python client would not let a test go. */
describe("MLflow's REST API", () => {
  let plane: TestPlane;
  let run: string;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    run = (await post('runs/create', { experiment_id: '0' })).body.run.info.run_id;
  });
  after(() => plane.remove());

  const send = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${plane.url}${path}`, {
      ...init,
      method,
      headers: { authorization: `Bearer ${plane.token}`, ...(init.headers as Record<string, string>) },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
  const post = (path: string, body: unknown, root = '/api/2.0/mlflow') =>
    send('POST', `${root}/${path}`, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const refused = (answer: { status: number; body?: any }, code = 'INVALID_PARAMETER_VALUE', status = 400) => {
    assert.deepEqual([answer.status, answer.body?.error_code], [status, code], JSON.stringify(answer.body));
    assert.equal(typeof answer.body.message, 'string');
  };

  it('takes the times of runs as numbers or text, and says what is no time in milliseconds', async () => {
    for (const time of [8_640_000_000_000_000, '1700000000001', 0, -1]) {
      const { body } = await post('runs/create', { experiment_id: '0', start_time: time });
      const id = body.run.info.run_id;
      const { body: ended } = await post('runs/update', { run_id: id, status: 'FINISHED', end_time: time });
      assert.deepEqual([body.run.info.start_time, ended.run_info.end_time], [Number(time), Number(time)]);
      assert.equal((await plane.client.getJob(id)).properties.status, 'Completed');
    }
    for (const time of [8_640_000_000_000_001, '9007199254740993', 1_764_000_000_000_000_000]) {
      const started = await post('runs/create', { experiment_id: '0', start_time: time });
      const ended = await post('runs/update', { run_id: run, end_time: time });
      for (const answer of [started, ended]) {
        refused(answer);
        assert.match(answer.body.message, /^Invalid value .* for parameter '(start|end)_time' supplied: Times are milliseconds since 1970/);
      }
    }
    assert.ok((await plane.client.listJobs({ listViewType: 'All' })).value.length > 0);
  });

  it('is mounted for clients, for pages and below a workspace of Azure', async () => {
    const workspace =
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.MachineLearningServices/workspaces/local';
    for (const root of ['/api/2.0', '/api/3.0', '/ajax-api/2.0', `/mlflow/v1.0${workspace}/api/2.0`, `/mlflow/v2.0${workspace}/api/2.0`]) {
      const { body } = await send('GET', `${root}/mlflow/runs/get?run_id=${run}`);
      assert.equal(body?.run.info.run_id, run, root);
    }
    assert.equal(
      (await send('GET', '/api/2.0/mlflow/experiments/search?max_results=5&view_type=ALL')).body.experiments[0].experiment_id,
      '0',
    );
    assert.match((await send('GET', '/version')).text, /^3\.\d+\.\d+$/);
    assert.equal((await send('GET', '/api/3.0/mlflow/server-info')).body.workspaces_enabled, false);
  });

  it('names what it does not support', async () => {
    const answer = await post('gateway/guardrails/create', {}, '/api/3.0/mlflow');
    refused(answer, 'NOT_IMPLEMENTED', 501);
    assert.match(answer.body.message, /AI gateway/);
    refused(await post('chat/completions', {}, '/gateway/mlflow/v1'), 'NOT_IMPLEMENTED', 501);
    refused(await post('review-queues/create', {}), 'NOT_IMPLEMENTED', 501);
    refused(await post('runs/no-such-thing', {}), 'RESOURCE_DOES_NOT_EXIST', 404);
  });

  it('refuses what is wrong in the words of MLflow, and keeps nothing of it', async () => {
    const batch = (more: object) => post('runs/log-batch', { run_id: run, ...more });
    refused(await send('POST', '/api/2.0/mlflow/runs/log-batch', { body: '{"run_id"', headers: { 'content-type': 'application/json' } }));
    refused(await send('POST', '/api/2.0/mlflow/runs/log-batch', { body: '{}', headers: { 'content-type': 'text/plain' } }));
    refused(await send('POST', '/api/2.0/mlflow/runs/log-batch', { body: '[1]', headers: { 'content-type': 'application/json' } }));
    refused(await post('runs/create', { experiment_id: 0, start_time: 'noon' }));
    refused(await batch({ metrics: 'foo' }));
    refused(await batch({ metrics: [1] }));
    refused(await batch({ metrics: Array.from({ length: 1001 }, (_, step) => ({ key: 'm', value: 1, timestamp: 1, step })) }));
    refused(await batch({ params: Array.from({ length: 101 }, (_, index) => ({ key: `p${index}`, value: '1' })) }));
    refused(await batch({ metrics: [{ key: 'k'.repeat(5001), value: 1, timestamp: 1 }] }));
    refused(await batch({ params: [{ key: 'p', value: 'v'.repeat(6001) }] }));
    refused(await batch({ metrics: [{ key: 'm', value: 'much', timestamp: 1 }] }));
    refused(await batch({ metrics: [{ key: 'm', value: 1, timestamp: -1 }] }));
    refused(await batch({ metrics: [{ key: 'm', value: 1, timestamp: 1, step: 1.5 }] }));
    refused(await batch({ metrics: [{ key: '../up', value: 1, timestamp: 1 }], params: [{ key: 'kept', value: 'no' }] }));
    refused(await post('runs/update', { run_id: run, status: 'DONE' }));
    refused(await post('runs/search', { experiment_ids: ['0'], max_results: 50_001 }));
    const { body } = await send('GET', `/api/2.0/mlflow/runs/get?run_id=${run}`);
    assert.deepEqual([body.run.data.metrics ?? [], body.run.data.params ?? []], [[], []]);
  });

  it("keeps the gateway's secrets, models, endpoints and bindings, and no value of a secret", async () => {
    const v3 = '/api/3.0/mlflow';
    const gateway = (route: string, body: object) => post(`gateway/${route}`, body, v3);
    const read = async (route: string) => (await send('GET', `${v3}/gateway/${route}`)).body;
    const drop = (route: string) => send('DELETE', `${v3}/gateway/${route}`);
    const secretOf = async (name: string, provider: string) =>
      (await gateway('secrets/create', { secret_name: name, provider, secret_value: { api_key: 'sk-never-kept-1234', short: '1234567' } }))
        .body.secret;
    const secret = await secretOf('key', 'openai');
    assert.deepEqual(secret.masked_values, { api_key: 'sk-...1234', short: '***' });
    refused(await gateway('secrets/create', { secret_name: 'key', secret_value: {} }), 'RESOURCE_ALREADY_EXISTS');
    refused(await gateway('secrets/create', { secret_name: 'other' }));
    const rotated = await gateway('secrets/update', { secret_id: secret.secret_id, secret_value: { api_key: 'new-value-5678' } });
    assert.deepEqual(rotated.body.secret.masked_values, { api_key: 'new...5678' });
    assert.ok(rotated.body.secret.last_updated_at > secret.created_at);

    const modelOf = async (name: string) =>
      (
        await gateway('model-definitions/create', {
          name,
          secret_id: secret.secret_id,
          provider: 'openai',
          model_name: 'gpt',
        })
      ).body.model_definition;
    const [model, second] = [await modelOf('first'), await modelOf('second')];
    assert.equal(model.secret_name, 'key');
    const linked = (id: string, linkage_type: unknown = 'PRIMARY') => ({ model_definition_id: id, linkage_type });
    refused(await gateway('endpoints/create', { name: 'e', model_configs: [linked(model.model_definition_id, 'SIDEWAYS')] }));
    refused(await gateway('endpoints/create', { name: 'e', model_configs: [linked('d-none')] }), 'RESOURCE_DOES_NOT_EXIST', 404);
    refused(await gateway('endpoints/create', { name: 'a b', model_configs: [linked(model.model_definition_id)] }));
    refused(await gateway('endpoints/create', { name: 'e', model_configs: [] }));
    const { endpoint } = (await gateway('endpoints/create', { name: 'e', model_configs: [linked(model.model_definition_id)] })).body;
    assert.equal(
      (await send('GET', `/api/2.0/mlflow/experiments/get?experiment_id=${endpoint.experiment_id}`)).body.experiment.name,
      'gateway/e',
    );
    const id = endpoint.endpoint_id;
    await gateway('endpoints/models/attach', { endpoint_id: id, model_config: linked(second.model_definition_id, 2) });
    refused(
      await gateway('endpoints/models/attach', { endpoint_id: id, model_config: linked(second.model_definition_id, 2) }),
      'RESOURCE_ALREADY_EXISTS',
    );
    await gateway('endpoints/set-tag', { endpoint_id: id, key: 'team', value: 'a' });
    const got = (await read('endpoints/get?name=e')).endpoint;
    assert.deepEqual(
      got.model_mappings.map((each: any) => [each.model_definition.name, each.linkage_type, each.weight]),
      [
        ['first', 'PRIMARY', 1],
        ['second', 'FALLBACK', 1],
      ],
    );
    assert.deepEqual(got.tags, [{ key: 'team', value: 'a' }]);
    refused(await drop(`model-definitions/delete?model_definition_id=${model.model_definition_id}`));
    await gateway('endpoints/bindings/create', { endpoint_id: id, resource_type: 'scorer', resource_id: 's1' });
    refused(await gateway('endpoints/bindings/create', { endpoint_id: id, resource_type: 'robot', resource_id: 's1' }));
    assert.equal((await read('endpoints/bindings/list?resource_id=s1')).bindings[0].endpoint_id, id);
    await drop(`secrets/delete?secret_id=${secret.secret_id}`);
    assert.equal((await read(`endpoints/get?endpoint_id=${id}`)).endpoint.model_mappings[0].model_definition.secret_id, undefined);
    await drop(`endpoints/delete?endpoint_id=${id}`);
    assert.deepEqual((await read('endpoints/bindings/list')).bindings, []);
    assert.deepEqual((await read('endpoints/list')).endpoints, []);
    for (const each of [model, second]) await drop(`model-definitions/delete?model_definition_id=${each.model_definition_id}`);
    assert.deepEqual((await read('model-definitions/list')).model_definitions, []);
    assert.deepEqual((await read('secrets/list')).secrets, []);
  });

  it('reads the fields of a GET from its body when there is no query', async () => {
    const ask = (body: string) =>
      new Promise<{ status: number; body: any }>((resolve, reject) => {
        const headers = { authorization: `Bearer ${plane.token}`, 'content-length': Buffer.byteLength(body) };
        request(`${plane.url}/api/2.0/mlflow/runs/get`, { headers }, (response) => {
          let text = '';
          response
            .on('data', (chunk) => (text += chunk))
            .on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
        })
          .on('error', reject)
          .end(body);
      });
    assert.equal((await ask(JSON.stringify({ run_id: run }))).body.run.info.run_id, run);
    refused(await ask('{"run_id"'));
    refused(await ask('{}'));
  });

  it('names a number of the wrong type as it was written', async () => {
    const text = '{"name": "x", "artifact_location": 9.0}';
    const { body } = await send('POST', '/api/2.0/mlflow/experiments/create', {
      body: text,
      headers: { 'content-type': 'application/json' },
    });
    assert.match(body.message, /^Invalid value 9\.0 for parameter 'artifact_location' supplied: {2}Hint: Value was of type 'float'/);
  });

  it('refuses a page token of another query', async () => {
    for (const name of ['a', 'b', 'c']) await post('registered-models/create', { name: `paged-${name}` });
    const search = (query: string) => send('GET', `/api/2.0/mlflow/registered-models/search?${query}`);
    const { body } = await search("max_results=2&filter=name+LIKE+'paged%25'");
    const token = encodeURIComponent(body.next_page_token);
    assert.deepEqual(
      (await search(`max_results=9&filter=name+LIKE+'paged%25'&page_token=${token}`)).body.registered_models.map((each: any) => each.name),
      ['paged-c'],
    );
    refused(await search(`max_results=2&page_token=${token}`));
    refused(await search('max_results=2&page_token=bm9uc2Vuc2U'));
    refused(await search('filter=name+>+1+OR'));
  });

  it('keeps artifacts inside, whatever their path says', async () => {
    const proxy = `/api/2.0/mlflow-artifacts/artifacts`;
    for (const path of ['0/%252e%252e/y', 'a%5c..%5cb', 'a%00b', '0/a/..%2f..%2fb', '%2fetc%2fpasswd']) {
      refused(await send('PUT', `${proxy}/${path}`, { body: 'x' }));
      refused(await send('GET', `${proxy}/${path}`));
    }
    for (const path of ['../up', '/etc', 'a/../../b', 'a\\..\\b'])
      refused(await send('GET', `/api/2.0/mlflow/artifacts/list?run_id=${run}&path=${encodeURIComponent(path)}`));
    refused(await send('GET', `${proxy}/0/${run}/artifacts/none.txt`), 'RESOURCE_DOES_NOT_EXIST', 404);
  });

  it('serves artifacts with ranges, lists and deletes them', async () => {
    const at = `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts`;
    assert.equal((await send('PUT', `${at}/deep/a;b%20%C3%BC.txt`, { body: '0123456789' })).status, 200);
    const part = await send('GET', `${at}/deep/a;b%20%C3%BC.txt`, { headers: { range: 'bytes=2-4' } });
    assert.deepEqual([part.status, part.text, part.headers.get('content-range')], [206, '234', 'bytes 2-4/10']);
    assert.equal(part.headers.get('x-content-type-options'), 'nosniff');
    const listed = await send('GET', `/api/2.0/mlflow/artifacts/list?run_id=${run}&path=deep`);
    assert.deepEqual(listed.body.files, [{ path: 'deep/a;b ü.txt', is_dir: false, file_size: 10 }]);
    refused(await send('GET', `${at}/deep`));
    assert.equal((await send('DELETE', `${at}/deep`)).status, 200);
    assert.deepEqual((await send('GET', `/api/2.0/mlflow/artifacts/list?run_id=${run}`)).body.files, []);
  });

  it('takes an artifact in parts: the path of the request is the folder, and the client names its file', async () => {
    const mpu = (verb: string, body: object) =>
      post(`${verb}/0/${run}/artifacts/large`, { path: '/home/ann/parts.bin', ...body }, '/api/2.0/mlflow-artifacts/mpu');
    const { upload_id, credentials } = (await mpu('create', { num_parts: 2 })).body;
    const parts = [];
    for (const [index, { url, part_number, headers }] of [...credentials.entries()]) {
      const answer = await fetch(url, { method: 'PUT', body: String(index).repeat(5), headers });
      assert.equal(answer.status, 200, await answer.text());
      parts.push({ part_number, etag: answer.headers.get('etag') });
    }
    refused(await mpu('complete', { upload_id, parts: [{ part_number: 1, etag: 'other' }] }));
    assert.equal((await mpu('complete', { path: 'C:\\data\\parts.bin', upload_id, parts: parts.toReversed() })).status, 200);
    assert.equal((await send('GET', `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/large/parts.bin`)).text, '0000011111');
    for (const path of ['', '..', '/tmp/..']) refused(await mpu('create', { path, num_parts: 1 }));
    const other = (await mpu('create', { num_parts: 1 })).body;
    await fetch(other.credentials[0].url, { method: 'PUT', body: 'x', headers: other.credentials[0].headers });
    assert.equal((await mpu('abort', { upload_id: other.upload_id })).status, 200);
    refused(await mpu('complete', { upload_id: other.upload_id, parts: [{ part_number: 1 }] }), 'RESOURCE_DOES_NOT_EXIST', 404);
  });

  it('answers HEAD as GET, keeps names of Linux, and says that it presigns nothing', async () => {
    const at = (name: string) => `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/${name}`;
    for (const name of ['a%5Cb.txt', 'a%252Fb.txt']) {
      assert.equal((await send('PUT', at(name), { body: 'x' })).status, 200, name);
      assert.equal((await send('GET', at(name))).text, 'x');
      const head = await send('HEAD', at(name));
      assert.deepEqual([head.status, head.headers.get('content-length'), head.text], [200, '1', '']);
    }
    assert.equal((await send('HEAD', `/api/2.0/mlflow/runs/get?run_id=${run}`)).status, 200);
    assert.equal((await send('HEAD', '/api/2.0/mlflow/runs/get?run_id=none')).status, 404);
    refused(await send('GET', `/api/2.0/mlflow-artifacts/presigned/0/${run}/artifacts/a.txt`), 'NOT_IMPLEMENTED', 501);
  });

  it('keeps no file and folder of one name', async () => {
    const put = (name: string) => send('PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/${name}`, { body: 'x' });
    assert.equal((await put('one')).status, 200);
    assert.equal((await put('two/deep/file')).status, 200);
    for (const name of ['one/below', 'one/far/below', 'two', 'two/deep']) {
      const answer = await put(name);
      refused(answer, 'RESOURCE_ALREADY_EXISTS');
      assert.match(answer.body.message, /already exists/);
    }
    assert.equal((await put('one')).status, 200);
    assert.equal((await put('two/deep/other')).status, 200);
  });

  it('reads UTF-8 alone, with or without a mark in front, and no bottomless bodies', async () => {
    const json = { 'content-type': 'application/json' };
    const tag = (body: BodyInit) => send('POST', '/api/2.0/mlflow/runs/set-tag', { body, headers: json });
    const text = JSON.stringify({ run_id: run, key: 'size', value: 'größe' });
    const latin = await tag(Buffer.from(text, 'latin1'));
    refused(latin);
    assert.match(latin.body.message, /UTF-8/);
    const quick = Buffer.from(JSON.stringify({ run_id: run, key: 'größe', value: 1, timestamp: 1 }), 'latin1');
    refused(await send('POST', '/api/2.0/mlflow/runs/log-metric', { body: quick, headers: json }));
    assert.equal((await tag(Buffer.from(`\ufeff${text}`))).status, 200);
    const { tags } = (await send('GET', `/api/2.0/mlflow/runs/get?run_id=${run}`)).body.run.data;
    assert.equal(tags.find((each: { key: string }) => each.key === 'size').value, 'größe');
    const deep = `{"max_results":1,"x":${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}}`;
    refused(await send('POST', '/api/2.0/mlflow/experiments/search', { body: deep, headers: json }));
  });

  it('has a run keep its name when the tag of it goes or is emptied', async () => {
    const made = (await post('runs/create', { experiment_id: '0', run_name: 'named' })).body.run.info.run_id;
    const seen = async () => {
      const { info, data } = (await send('GET', `/api/2.0/mlflow/runs/get?run_id=${made}`)).body.run;
      return [info.run_name, data.tags.find((each: { key: string }) => each.key === 'mlflow.runName')?.value];
    };
    assert.equal((await post('runs/set-tag', { run_id: made, key: 'mlflow.runName', value: '' })).status, 200);
    assert.deepEqual(await seen(), ['named', 'named']);
    assert.equal((await post('runs/delete-tag', { run_id: made, key: 'mlflow.runName' })).status, 200);
    assert.deepEqual(await seen(), ['named', undefined]);
  });

  it('takes steps and times of 64 bits, and counts characters', async () => {
    const metric = (more: object) => post('runs/log-metric', { run_id: run, key: 'large', value: 1, timestamp: 5, ...more });
    assert.equal((await metric({ step: '9223372036854775807', timestamp: '1764172800123456789' })).status, 200);
    assert.equal((await metric({ step: -(2 ** 60) })).status, 200);
    refused(await metric({ step: '19223372036854775807' }));
    const { metrics } = (await send('GET', `/api/2.0/mlflow/metrics/get-history?run_id=${run}&metric_key=large`)).body;
    assert.deepEqual(
      metrics.map(({ step }: { step: number }) => Math.sign(step)),
      [-1, 1],
    );
    assert.ok(BigInt(metrics[1].step) <= 2n ** 63n - 1n && BigInt(metrics[1].step) > 2n ** 63n - 3000n);
    assert.equal(metrics[1].timestamp, Number('1764172800123456789'));
    const tag = (value: string) => post('runs/set-tag', { run_id: run, key: 'long', value });
    assert.equal((await tag('😀'.repeat(8000))).status, 200);
    refused(await tag('😀'.repeat(8001)));
  });

  it('finds keys of any letters, in any quotes', async () => {
    assert.equal((await post('runs/log-parameter', { run_id: run, key: 'größe', value: '1' })).status, 200);
    assert.equal((await post('runs/log-metric', { run_id: run, key: 'avg score', value: 1, timestamp: 1 })).status, 200);
    for (const filter of [
      "params.größe = '1'",
      "params.`größe` = '1'",
      "metrics.'avg score' = 1",
      'metrics."avg score" = 1',
      'metrics.`avg score` = 1',
    ]) {
      const { body } = await post('runs/search', { experiment_ids: ['0'], filter });
      assert.deepEqual(
        body.runs?.map((each: any) => each.info.run_id),
        [run],
        `${filter}: ${body.message}`,
      );
    }
    for (const order of ["metrics.'avg score' DESC", 'params.größe'])
      assert.equal((await post('runs/search', { experiment_ids: ['0'], order_by: [order] })).status, 200, order);
  });

  it('takes an address of 16 kB', async () => {
    assert.equal((await send('GET', `/api/2.0/mlflow/runs/get?run_id=${run}&x=${'y'.repeat(60_000)}`)).status, 200);
  });

  it('says that an experiment changed when it was renamed or deleted, not when it was used', async () => {
    const { experiment_id } = (await post('experiments/create', { name: 'calm' })).body;
    const changed = async () => (await send('GET', `/api/2.0/mlflow/experiments/get?experiment_id=${experiment_id}`)).body.experiment;
    const { creation_time } = await changed();
    while (Date.now() <= creation_time);
    await post('runs/create', { experiment_id });
    await post('experiments/set-experiment-tag', { experiment_id, key: 'a', value: 'b' });
    assert.equal((await changed()).last_update_time, creation_time);
    await post('experiments/update', { experiment_id, new_name: 'calmer' });
    assert.ok((await changed()).last_update_time > creation_time);
    const { experiments } = await plane.client.searchExperiments();
    assert.equal(experiments![0]!.name, 'calmer');
  });

  it("takes OpenTelemetry's spans as JSON, packed or not", async () => {
    const span = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      name: 'root',
      startTimeUnixNano: '1700000000000000001',
      endTimeUnixNano: '1700000001000000001',
    };
    const attributes = [{ key: 'mlflow.spanInputs', value: { stringValue: 'why?' } }];
    const spans = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, attributes, status: { code: 1 } }] }] }] });
    const headers = { 'content-type': 'application/json', 'x-mlflow-experiment-id': '0' };
    const otlp = (body: BodyInit, more: Record<string, string> = {}) =>
      send('POST', '/v1/traces', { body, headers: { ...headers, ...more } });
    assert.equal((await otlp(gzipSync(spans), { 'content-encoding': 'gzip' })).status, 200);
    const { body } = await send('GET', '/api/3.0/mlflow/traces/get?trace_id=tr-0af7651916cd43dd8448eb211c80319c');
    assert.deepEqual(
      [body.trace.trace_info.state, body.trace.trace_info.request_preview, body.trace.trace_info.execution_duration],
      ['OK', 'why?', '1s'],
    );
    assert.equal(body.trace.spans[0].start_time_unix_nano, '1700000000000000001');
    refused(await otlp(gzipSync(Buffer.alloc(65 * 1024 * 1024)), { 'content-encoding': 'gzip' }));
    refused(await otlp('no gzip', { 'content-encoding': 'gzip' }));
    refused(await otlp('{"resourceSpans": 5}'));
    refused(await otlp(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), { 'content-type': 'application/x-protobuf' }));
    refused(await otlp(spans, { 'content-type': 'text/plain' }));
    refused(await otlp(spans, { 'x-mlflow-experiment-id': '4711' }), 'RESOURCE_DOES_NOT_EXIST', 404);
  });

  it('gives a model that Azure registered to its clients', async () => {
    await plane.client.putAsset('models', 'from-azure', '3', {
      modelUri: 'azureml://datastores/workspaceblobstore/paths/models/m',
      modelType: 'custom_model',
    });
    const { body } = await send('GET', '/api/2.0/mlflow/model-versions/get-download-uri?name=from-azure&version=3');
    assert.equal(body.artifact_uri, 'mlflow-artifacts:/datastores/workspaceblobstore/paths/models/m');
    await plane.client.writeBlob('azureml-blobstore', 'models/m/weights.bin', 'heavy');
    const got = await send('GET', '/api/2.0/mlflow-artifacts/artifacts/datastores/workspaceblobstore/paths/models/m/weights.bin');
    assert.equal(got.text, 'heavy');
  });
});
