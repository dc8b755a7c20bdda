import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen, type Invoked, invoke, keysOf } from './onlineDeployments.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { writeIn } from './writeIn.ts';

describe('an online endpoint', () => {
  let plane: TestPlane;
  let folder: string;
  const write = (name: string, text: string) => writeIn(folder, name, text);
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-endpoints-'));
    plane = await startPlane();
    write('weights.json', '{"factor": 3}');
    await createResource(plane.client, 'onlineEndpoint', { file: write('endpoint.yml', 'name: scores\nauth_mode: key\n') });
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  async function deploy(name: string, script: string, more = '', model = true): Promise<void> {
    write(`${name}/score.py`, script);
    const text = [
      `name: ${name}`,
      'endpoint_name: scores',
      ...(model ? [`model: {path: weights.json, name: weights, version: "1"}`] : []),
      `code_configuration: {code: ./${name}, scoring_script: score.py}`,
      'environment: {image: python}',
      'instance_type: Standard_DS3_v2',
      more,
    ];
    await createResource(plane.client, 'onlineDeployment', { file: write(`${name}.yml`, text.join('\n')) });
  }
  const settled = (name: string) => deploymentWhen(plane.client, 'scores', name);

  it('answers by its scoring script, with its model, to who has its key', async () => {
    await deploy(
      'blue',
      [
        'import json, os',
        'def init():',
        '    global factor',
        "    factor = json.load(open(os.path.join(os.environ['AZUREML_MODEL_DIR'], 'weights.json')))['factor']",
        "    print('ready to score')",
        'def run(raw_data):',
        "    return [factor * each for each in json.loads(raw_data)['data']]",
      ].join('\n'),
    );
    const made = await settled('blue');
    assert.equal(made.properties.provisioningState, 'Succeeded', JSON.stringify(made.properties));
    const keys = await keysOf(plane.client, 'scores');
    for (const key of [keys.primaryKey, keys.secondaryKey]) {
      const answer = await invoke(plane, 'scores', { data: [1, 2] }, { key, deployment: 'blue' });
      assert.deepEqual([answer.status, answer.text], [200, '[3, 6]']);
      assert.equal(answer.headers.get('azureml-model-deployment'), 'blue');
    }
    assert.equal((await invoke(plane, 'scores', {}, { key: 'wrong' })).status, 401);
    const none = await invoke(plane, 'scores', {}, { key: keys.primaryKey });
    assert.equal(none.status, 404);
    assert.match(none.error!.message, /no deployment that gets traffic/);
    assert.equal((await call({}, 'green')).status, 404);
    await plane.client.actOnResource(['onlineEndpoints', 'scores'], 'regenerateKeys', { keyType: 'Primary' });
    assert.equal((await invoke(plane, 'scores', {}, { key: keys.primaryKey, deployment: 'blue' })).status, 401);
    assert.match(await logsOf('blue'), /^ready to score$/m);
    // Its server answers the plane alone.
    const tasks = path.join(plane.folder, 'serving/tasks');
    const port = readFileSync(path.join(tasks, readdirSync(tasks)[0]!, 'port'), 'utf8');
    assert.equal((await fetch(`http://127.0.0.1:${port}/score`, { method: 'POST', body: '{}' })).status, 401);
  });

  it('tells what went wrong with a script, and harms no other request', async () => {
    await deploy(
      'moody',
      [
        'import json, time',
        'def init(): pass',
        'def run(raw_data):',
        '    what = json.loads(raw_data)',
        "    if what == 'raise': raise ValueError('no good')",
        "    if what == 'hang':",
        '        while True: pass',
        "    if what == 'sleep': time.sleep(60)",
        "    if what == 'exit': raise SystemExit(3)",
        "    if what == 'odd': return {1, 2}",
        '    return what',
      ].join('\n'),
      'request_settings: {request_timeout_ms: 700, max_queue_wait_ms: 20000}',
      false,
    );
    assert.equal((await settled('moody')).properties.provisioningState, 'Succeeded');
    const raised = await call('raise', 'moody');
    assert.deepEqual([raised.status, raised.error?.code], [424, 'ModelError']);
    assert.match(raised.error!.message, /The scoring script of moody failed: ValueError: no good/);
    assert.equal(raised.headers.get('ms-azureml-model-error-statuscode'), '500');
    assert.equal(raised.headers.get('ms-azureml-model-error-reason'), 'ValueError: no good');
    assert.match(await logsOf('moody'), /^ValueError: no good$/m);
    assert.match((await call('odd', 'moody')).error!.message, /run\(\) must answer what JSON can hold: Object of type set/);
    assert.match((await call('exit', 'moody')).error!.message, /called exit\(3\)/);
    assert.match((await invokeRaw('{', 'moody')).error!.message, /JSONDecodeError/);
    // One that does not come to an end is stopped, or its server is started again where that can't be.
    for (const what of ['hang', 'sleep']) {
      const [hung, next] = await Promise.all([call(what, 'moody'), call('well', 'moody')]);
      assert.deepEqual([hung.status, hung.error?.code], [408, 'RequestTimeout']);
      assert.deepEqual([next.status, next.text], [200, '"well"'], what);
    }
  });

  it('fails with the reason when its script does, or when there is nothing to serve', async () => {
    await deploy('broken', 'def init():\n    import not_there_at_all\ndef run(data): pass\n', '', false);
    const { properties } = await settled('broken');
    assert.equal(properties.provisioningState, 'Failed');
    assert.match((properties.error as Error).message, /before it was ready: ModuleNotFoundError: No module named 'not_there_at_all'/);
    assert.match(await logsOf('broken'), /ModuleNotFoundError/);
    const called = await call({}, 'broken');
    assert.equal(called.status, 503);
    assert.match(called.error!.message, /its state is Failed/);
    // Mended, it serves.
    await deploy('broken', 'def init(): pass\ndef run(data): return "mended"\n', '', false);
    assert.equal((await settled('broken')).properties.provisioningState, 'Succeeded');
    assert.equal((await call({}, 'broken')).text, '"mended"');

    await deploy('half', 'def init(): pass\n', '', false);
    assert.match(((await settled('half')).properties.error as Error).message, /has no function run\(\)/);
    await plane.client.putResource(['onlineEndpoints', 'scores', 'deployments', 'nothing'], {
      location: 'local',
      properties: { endpointComputeType: 'Managed' },
    });
    assert.match(((await settled('nothing')).properties.error as Error).message, /neither a scoring script nor a model/);
    await plane.client.putResource(['onlineEndpoints', 'scores', 'deployments', 'custom'], {
      location: 'local',
      properties: { endpointComputeType: 'Managed', model: assetId(defaultWorkspace, 'models', 'weights', '1') },
    });
    assert.match(((await settled('custom')).properties.error as Error).message, /needs a scoring script to be served here/);
  });

  it('splits its traffic exactly, and copies some of it to a mirror that changes nothing', async () => {
    const script = (name: string) =>
      `def init(): pass\ndef run(data):\n    ${name === 'shadow' ? 'print("copied"); raise ValueError("nobody cares")' : `return '${name}'`}\n`;
    for (const name of ['left', 'right', 'shadow'])
      await deploy(name, script(name), 'request_settings: {max_concurrent_requests_per_instance: 8}', false);
    for (const name of ['left', 'right', 'shadow']) assert.equal((await settled(name)).properties.provisioningState, 'Succeeded');
    await plane.client.patchResource(['onlineEndpoints', 'scores'], {
      properties: { traffic: { left: 80, right: 20 }, mirrorTraffic: { shadow: 10 } },
    });
    const answers: string[] = [];
    for (let each = 0; each < 50; each++) answers.push((await call({})).text);
    assert.equal(answers.filter((each) => each === '"left"').length, 40);
    assert.equal(answers.filter((each) => each === '"right"').length, 10);
    await until(async () => (await logsOf('shadow')).split('\n').filter((line) => line === 'copied').length === 5);
    await assert.rejects(plane.client.deleteResource(['onlineEndpoints', 'scores', 'deployments', 'left']), /gets 80 % of the traffic/);
    await plane.client.patchResource(['onlineEndpoints', 'scores'], { properties: { traffic: {}, mirrorTraffic: {} } });
  });

  it('works on as many requests as its instances may, and turns away what is too much', async () => {
    const script = 'import json, os, time\ndef init(): pass\ndef run(data):\n    time.sleep(json.loads(data))\n    return os.getpid()\n';
    await deploy('pair', script, 'instance_count: 2\nrequest_settings: {max_queue_wait_ms: 200}', false);
    assert.equal((await settled('pair')).properties.provisioningState, 'Succeeded');
    const two = await Promise.all([call(0.5, 'pair'), call(0.5, 'pair')]);
    assert.equal(new Set(two.map(({ text }) => text)).size, 2);
    const many = await Promise.all(Array.from({ length: 8 }, () => call(1, 'pair')));
    assert.equal(many.filter(({ status }) => status === 200).length, 2);
    assert.equal(many.filter(({ status, error }) => status === 429 && error!.code === 'TooManyPendingRequests').length, 6);
    await plane.client.patchResource(['onlineEndpoints', 'scores', 'deployments', 'pair'], {
      sku: { name: 'Default', capacity: 1 },
      properties: {},
    });
    await deploymentWhen(plane.client, 'scores', 'pair', ({ properties }) => properties.provisioningState === 'Succeeded');
    const one = [await call(0, 'pair'), await call(0, 'pair'), await call(0, 'pair')];
    assert.equal(new Set(one.map(({ text }) => text)).size, 1);
  });

  it('goes on by itself when processes of servers are killed, in the middle of a thousand requests', async () => {
    const script = 'import os\ndef init(): pass\ndef run(data): return os.getpid()\n';
    await deploy('killed', script, 'instance_count: 2\nrequest_settings: {max_queue_wait_ms: 20000, request_timeout_ms: 20000}', false);
    await settled('killed');
    const pids = new Set<number>();
    const statuses: number[] = [];
    const { primaryKey } = await keysOf(plane.client, 'scores');
    const one = async () => {
      const { status, text } = await invoke(plane, 'scores', 0, { key: primaryKey, deployment: 'killed' });
      statuses.push(status);
      if (status === 200) pids.add(Number(text));
      if (statuses.length === 200 || statuses.length === 600) for (const each of pids) killQuietly(each);
    };
    for (let each = 0; each < 1000; each += 2) await Promise.all([one(), one()]);
    // Those that were being worked on when their server was killed.
    const lost = statuses.filter((each) => each !== 200);
    assert.ok(lost.length <= 4 && lost.every((each) => each === 502), String(lost));
    assert.ok(pids.size >= 5, `${pids.size} processes`);
  });

  it('takes raw HTTP for a script that asks for it', async () => {
    const script = [
      'from azureml_inference_server_http.api.aml_request import AMLRequest, rawhttp',
      'from azureml_inference_server_http.api.aml_response import AMLResponse',
      'def init(): pass',
      '@rawhttp',
      'def run(request: AMLRequest):',
      "    if request.method == 'GET': return AMLResponse({'asked': request.args}, 200, json_str=True)",
      "    if request.args.get('bad'): return AMLResponse('no such thing', 404)",
      "    return AMLResponse(request.get_data()[::-1], 201, {'Content-Type': 'application/octet-stream', 'X-Own': 'yes'})",
    ].join('\n');
    await deploy('raw', script, '', false);
    assert.equal((await settled('raw')).properties.provisioningState, 'Succeeded');
    const { primaryKey } = await keysOf(plane.client, 'scores');
    const raw = (method: string, query: string, body?: Uint8Array<ArrayBuffer>) =>
      fetch(`${plane.url}/endpoints/scores/score${query}`, {
        method,
        ...(body ? { body } : {}),
        headers: { authorization: `Bearer ${primaryKey}`, 'azureml-model-deployment': 'raw' },
      });
    const got = await raw('GET', '?a=b');
    assert.deepEqual([got.status, await got.json()], [200, { asked: { a: 'b' } }]);
    const posted = await raw('POST', '', new Uint8Array([1, 2, 255]));
    assert.deepEqual(
      [posted.status, posted.headers.get('x-own'), [...new Uint8Array(await posted.arrayBuffer())]],
      [201, 'yes', [255, 2, 1]],
    );
    const bad = await raw('POST', '?bad=1', new Uint8Array([1]));
    assert.deepEqual([bad.status, bad.headers.get('ms-azureml-model-error-statuscode'), await bad.text()], [424, '404', 'no such thing']);
  });

  it('refuses what is too large without reading it, and stops what nobody waits for', async () => {
    const { primaryKey } = await keysOf(plane.client, 'scores');
    const asked = request(`${plane.url}/endpoints/scores/score`, {
      method: 'POST',
      headers: { authorization: `Bearer ${primaryKey}`, 'azureml-model-deployment': 'blue', 'content-length': 1_000_000_000 },
    });
    asked.on('error', () => {});
    asked.flushHeaders();
    const [response] = await once(asked, 'response');
    assert.equal(response.statusCode, 413);
    asked.destroy();

    const script =
      'import json\ndef init(): pass\ndef run(data):\n    if json.loads(data) == "well": return "well"\n    print("began")\n    while True: pass\n';
    await deploy('patient', script, 'request_settings: {request_timeout_ms: 100000, max_queue_wait_ms: 60000}', false);
    await settled('patient');
    const hangUp = new AbortController();
    const hung = call('hang', 'patient', hangUp.signal).catch(() => 'gone');
    await until(async () => (await logsOf('patient')).includes('began'));
    hangUp.abort();
    assert.equal(await hung, 'gone');
    assert.equal((await call('well', 'patient')).text, '"well"');
    assert.match(await logsOf('patient'), /A request was stopped, since nobody waits for it any more/);
  });

  it('loses no request while a new version takes over, and keeps the old one when the new one fails', async () => {
    const version = (number: number) => `import time\ndef init(): pass\ndef run(data):\n    time.sleep(0.02)\n    return ${number}\n`;
    await deploy('rolling', version(1), '', false);
    await settled('rolling');
    const seen: string[] = [];
    let isOver = false;
    const calls = (async () => {
      while (!isOver) {
        const { status, text } = await call(0, 'rolling');
        assert.equal(status, 200, text);
        seen.push(text);
      }
    })();
    await deploy('rolling', version(2), '', false);
    assert.equal((await settled('rolling')).properties.provisioningState, 'Succeeded');
    isOver = true;
    await calls;
    assert.equal((await call(0, 'rolling')).text, '2');
    assert.deepEqual([...new Set(seen)].slice(0, 1), ['1']);
    await deploy('rolling', 'oh no', '', false);
    assert.equal((await settled('rolling')).properties.provisioningState, 'Failed');
    assert.equal((await call(0, 'rolling')).text, '2');
  });

  it('opens with the token of Azure’s clients where it asks for one of Entra', async () => {
    await plane.client.putResource(['onlineEndpoints', 'entra'], { location: 'local', properties: { authMode: 'AADToken' } });
    const { identitySecret } = await plane.client.http.json<{ identitySecret: string }>('GET', '/updraft/azure');
    const given = await fetch(`${plane.url}/msi/token?resource=https://ml.azure.localhost`, {
      headers: { 'x-identity-header': identitySecret },
    });
    const { access_token: token } = (await given.json()) as { access_token: string };
    // Let in, and told that there is nothing to call.
    assert.equal((await invoke(plane, 'entra', {}, { key: token })).status, 404);
    assert.equal((await invoke(plane, 'entra', {}, { key: (await keysOf(plane.client, 'entra')).primaryKey })).status, 401);
    assert.equal((await invoke(plane, 'scores', {}, { key: token })).status, 401);
    await plane.client.deleteResource(['onlineEndpoints', 'entra']);
  });

  it('ends its processes and frees its folder when it is deleted', async () => {
    const serving = path.join(plane.folder, 'serving');
    assert.ok(readdirSync(path.join(serving, 'tasks')).length > 0);
    await plane.client.deleteResource(['onlineEndpoints', 'scores']);
    await until(async () => (await plane.client.listResources(['onlineEndpoints'])).value.length === 0);
    assert.deepEqual(readdirSync(path.join(serving, 'tasks')), []);
    assert.deepEqual(readdirSync(path.join(serving, 'deployments')), []);
  });

  async function call(body: unknown, deployment?: string, signal?: AbortSignal): Promise<Invoked> {
    const { primaryKey } = await keysOf(plane.client, 'scores');
    return invoke(plane, 'scores', JSON.stringify(body), {
      key: primaryKey,
      ...(deployment ? { deployment } : {}),
      ...(signal ? { signal } : {}),
    });
  }
  const invokeRaw = async (body: string, deployment: string) =>
    invoke(plane, 'scores', body, { key: (await keysOf(plane.client, 'scores')).primaryKey, deployment });
  const logsOf = async (name: string): Promise<string> =>
    (await plane.client.actOnResource<{ content: string }>(['onlineEndpoints', 'scores', 'deployments', name], 'getLogs', { tail: 200 }))
      .content;
});

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** Asks again and again, since what a log or a list says is no change of its own. */
async function until(test: () => Promise<boolean>): Promise<void> {
  while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 20));
}
