import assert from 'node:assert/strict';
import { existsSync, watch } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createResource } from '../../src/submit/createResource.ts';
import { deploymentWhen, invoke, keysOf } from './onlineDeployments.ts';
import { type PlaneServer, type Servers, startServers } from './servers/servers.ts';
import { writeIn } from './writeIn.ts';

describe('the endpoints of a plane with two servers', function () {
  this.timeout(120_000);
  let plane: Servers;
  /** The one with the duties, which serves the deployments, and the other one. */
  let [serving, other]: PlaneServer[] = [];
  let key: string;
  before(async function () {
    // The first run on a machine makes the server of S3.
    this.timeout(600_000);
    let servers: PlaneServer[];
    ({ plane, servers } = await startServers(['one', 'two'], { options: ['--run-jobs'] }));
    await Promise.race(servers.map(({ said }) => said('duties: taken')));
    const at = servers.findIndex((server) => server.log().includes('duties: taken'));
    [serving, other] = [servers[at], servers[1 - at]];
    const file = (name: string, text: string) => writeIn(plane.folder, `work/${name}`, text);
    await createResource(plane.client, 'onlineEndpoint', { file: file('endpoint.yml', 'name: scores\nauth_mode: key\n') });
    for (const name of ['blue', 'green']) {
      const script = [
        'import json, os, time',
        "def init(): print('ready')",
        'def run(raw_data):',
        '    asked = json.loads(raw_data)',
        "    while asked == 'wait' and not os.path.exists(os.environ['GATE']):",
        "        open(os.environ['GATE'] + '.begun', 'w').close()",
        '        time.sleep(0.05)',
        `    return ['${name}', asked]`,
      ];
      file(`${name}/score.py`, script.join('\n'));
      const text = [
        `name: ${name}`,
        'endpoint_name: scores',
        `code_configuration: {code: ./${name}, scoring_script: score.py}`,
        'environment: {image: python}',
        'instance_type: Standard_DS3_v2',
        `environment_variables: {GATE: ${path.join(plane.folder, 'gate')}}`,
        'request_settings: {request_timeout_ms: 60000}',
      ];
      await createResource(plane.client, 'onlineDeployment', { file: file(`${name}.yml`, text.join('\n')) });
      const { properties } = await deploymentWhen(plane.client, 'scores', name);
      assert.equal(properties.provisioningState, 'Succeeded', JSON.stringify(properties));
    }
    await plane.client.patchResource(['onlineEndpoints', 'scores'], { properties: { traffic: { blue: 75, green: 25 } } });
    key = (await keysOf(plane.client, 'scores')).primaryKey;
  });
  after(() => plane?.remove());

  it('are answered by each of them, and traffic is split over both', async () => {
    const answers: string[] = [];
    for (let i = 0; i < 8; i++) {
      const { status, text } = await invoke(i % 2 ? serving! : other!, 'scores', i, { key });
      assert.equal(status, 200, text);
      const [name, asked] = JSON.parse(text);
      assert.equal(asked, i);
      answers.push(name);
    }
    assert.equal(answers.filter((name) => name === 'blue').length, 6);
    const named = await invoke(other!, 'scores', {}, { key, deployment: 'green' });
    assert.deepEqual([named.text, named.headers.get('azureml-model-deployment')], ['["green", {}]', 'green']);
    assert.equal((await invoke(other!, 'scores', {}, { key: 'wrong' })).status, 401);
    assert.equal((await invoke(other!, 'scores', {}, { key, deployment: 'red' })).status, 404);
  });

  it('say on each what their servers said, and keep what people have sent from the page', async () => {
    const log = await other!.client.actOnResource<{ content: string }>(['onlineEndpoints', 'scores', 'deployments', 'blue'], 'getLogs', {
      tail: 100,
    });
    assert.match(log.content, /^ready$/m);
    const sent = await fetch(`${other!.url}/updraft/endpoints/scores/requests?deployment=green`, {
      method: 'POST',
      body: '"from the page"',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
    });
    assert.deepEqual([sent.status, await sent.text()], [200, '["green", "from the page"]']);
  });

  it('have one line of the audit log for what was passed on, with where it came from', async () => {
    const lines = await plane.client.http.json<{ value: { path: string; forwardedFor?: string }[] }>('GET', '/updraft/audit');
    const sent = lines.value.filter((line) => line.path === '/updraft/endpoints/scores/requests');
    assert.deepEqual(
      sent.map(({ forwardedFor }) => forwardedFor),
      ['127.0.0.1'],
    );
  });

  it('refuse what is too large on each, without reading it', async () => {
    const { status, error } = await invoke(other!, 'scores', 'x'.repeat(101 * 1024 * 1024), { key });
    assert.deepEqual([status, error?.code], [413, 'RequestTooLarge']);
    assert.equal((await invoke(other!, 'scores', 1, { key })).status, 200);
  });

  it('say that the server went away while it answered, and are answered by the next one', async () => {
    const asked = invoke(other!, 'scores', '"wait"', { key, deployment: 'blue' });
    await appears(path.join(plane.folder, 'gate.begun'));
    await serving!.kill();
    const { status, error } = await asked;
    assert.deepEqual([status, error?.code], [502, 'BadGateway']);
    assert.match(error!.message, /went away before it answered. Whether the deployment has seen the request is not known/);
    // While nobody has the duties, and while the deployment begins anew, a request waits.
    const next = await invoke(other!, 'scores', '"again"', { key, deployment: 'green' });
    assert.deepEqual([next.status, next.text], [200, '["green", "again"]']);
    assert.match(other!.log(), /duties: taken/);
  });
});

function appears(file: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(path.dirname(file), look);
    look();
  });
}
