import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'mocha';
import { workspacePath } from '../../src/protocol/arm.ts';
import { artifactContainer } from '../../src/protocol/asset.ts';
import { configOf } from '../../src/server/config.ts';
import { shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { startPlaneProcess } from './planeProcess.ts';
import { updraft } from './updraft.ts';

const published = 'https://updraft.example.org';
const host = 'updraft.example.org';

describe('a plane that a proxy publishes', () => {
  let plane: TestPlane;
  let proxy: Server;
  let workspace: string;
  before(async () => {
    plane = await startPlane({ withRunner: false, publicUrl: `${published}/` });
    workspace = workspacePath(plane.client.workspace);
    // Ends TLS, in a real one, and hands on the rest with the Host that was asked for.
    proxy = createServer((asked, answer) => {
      const { hostname, port } = new URL(plane.url);
      const onward = request(
        { hostname, port, method: asked.method!, path: asked.url!, headers: asked.headers, setHost: false, agent: false },
        (response) => {
          answer.writeHead(response.statusCode!, response.headers);
          response.pipe(answer);
        },
      );
      asked.pipe(onward);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const environmentId = await shellEnvironment(plane.client);
    for (const name of ['a', 'b', 'c']) await plane.client.putJob(name, { jobType: 'Command', environmentId, command: 'true' });
    await plane.client.appendLog('a', 'user_logs/std_log.txt', 0, Buffer.from('said\n'));
  });
  after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await plane.remove();
  });

  /** Asks the proxy, as a client elsewhere does, or else the plane itself. */
  const ask = (
    by: 'proxy' | 'plane',
    method: string,
    to: string,
    {
      body,
      headers = {},
      name = by === 'proxy' ? host : undefined,
    }: { body?: unknown; headers?: Record<string, string>; name?: string | undefined } = {},
  ) =>
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string; body: any }>((resolve, reject) => {
      const port = by === 'proxy' ? (proxy.address() as AddressInfo).port : new URL(plane.url).port;
      const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const asked = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path: to,
          agent: false,
          headers: {
            ...(name === undefined ? {} : { host: name }),
            authorization: `Bearer ${plane.token}`,
            'content-length': Buffer.byteLength(text),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
        },
        (response) => {
          let all = '';
          response.setEncoding('utf8').on('data', (each) => (all += each));
          response.on('end', () =>
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              text: all,
              body: /^[[{]/.test(all) ? JSON.parse(all) : undefined,
            }),
          );
        },
      ).on('error', reject);
      asked.end(text);
    });
  const pathOf = (url: string) => url.slice(new URL(url).origin.length);
  const origins = (urls: string[]) => [...new Set(urls.map((url) => new URL(url).origin))];

  it('tells browsers to come by https, also with what it refuses, but none that come by 127.0.0.1', async () => {
    const year = 'max-age=31536000';
    assert.equal((await ask('proxy', 'GET', '/version')).headers['strict-transport-security'], year);
    assert.equal((await ask('proxy', 'GET', '/nothing')).headers['strict-transport-security'], year);
    assert.equal((await ask('plane', 'GET', '/version')).headers['strict-transport-security'], undefined);
  });

  it('gives who comes by the proxy links that lead there, and who comes directly its own', async () => {
    for (const [by, origin] of [
      ['proxy', published],
      ['plane', plane.url],
    ] as const) {
      const { nextLink } = (await ask(by, 'GET', `${workspace}/jobs?$top=2`)).body;
      const { logFiles } = (await ask(by, 'GET', `/history/v1.0${workspace}/runs/a/details`)).body;
      const log = logFiles['user_logs/std_log.txt'];
      const { credentials } = (
        await ask(by, 'POST', '/api/2.0/mlflow-artifacts/mpu/create/0/a/artifacts', { body: { path: 'x', num_parts: 1 } })
      ).body;
      const operation = await ask(by, 'PUT', `${workspace}/onlineEndpoints/point-${by}`, {
        body: { location: 'local', properties: { authMode: 'Key' } },
      });
      const discovery = (await ask(by, 'GET', '/discovery')).body;
      const followed = operation.headers['azure-asyncoperation'] as string;
      assert.deepEqual(origins([nextLink, log, credentials[0].url, followed, discovery.api]), [origin]);
      // They work, too.
      assert.deepEqual((await ask(by, 'GET', pathOf(nextLink))).body.value.length, 1);
      assert.equal((await ask(by, 'GET', pathOf(log), { headers: { authorization: '' } })).text, 'said\n');
      assert.equal((await ask(by, 'GET', pathOf(followed))).body.status, 'Succeeded');
      assert.equal((await ask(by, 'PUT', pathOf(credentials[0].url), { body: 'part' })).status, 200);
    }
  });

  it('shows where people find a job, which is where it is published', async () => {
    const { services } = (await ask('proxy', 'GET', `${workspace}/jobs/a`)).body.properties;
    assert.equal(services.Studio.endpoint, `${published}/studio/jobs/a`);
    assert.equal(services.Tracking.endpoint, published);
    assert.equal((await ask('proxy', 'GET', workspace)).body.properties.mlFlowTrackingUri, published);
    assert.equal((await ask('proxy', 'GET', '/studio/jobs/a', { headers: { authorization: '' } })).status, 401);
    const opened = await ask('proxy', 'GET', `/studio/jobs/a?token=${plane.token}`, { headers: { authorization: '' } });
    assert.deepEqual([opened.status, opened.headers.location], [303, `/studio/jobs/a#token=${plane.token}`]);
  });

  it("takes uploads of Azure's clients, and knows its own address in what they register", async () => {
    for (const [by, origin] of [
      ['proxy', published],
      ['plane', /^https:\/\/localhost:/],
    ] as const) {
      const upload = (await ask(by, 'POST', `${workspace}/codes/code-${by}/versions/1/startPendingUpload`, { body: {} })).body;
      const { blobUri, credential } = upload.blobReferenceForConsumption;
      assert.match(blobUri, typeof origin === 'string' ? /^https:\/\/updraft\.example\.org\// : origin);
      const [container, query] = pathOf(credential.sasUri).split('?');
      const put = await ask(by, 'PUT', `${container}/main.py?${query}`, {
        body: 'print(1)',
        headers: { authorization: '', 'x-ms-blob-type': 'BlockBlob' },
      });
      assert.equal(put.status, 201, put.text);
      const made = await ask(by, 'PUT', `${workspace}/codes/code-${by}/versions/1`, { body: { properties: { codeUri: blobUri } } });
      assert.match(made.body.properties.codeUri, /^azureml:\/\/datastores\/workspaceblobstore\/paths\//);
    }
    const foreign = await ask('proxy', 'PUT', `${workspace}/data/elsewhere/versions/1`, {
      body: { properties: { dataUri: `https://updraft.example.org.evil.test/${artifactContainer}/x`, dataType: 'uri_file' } },
    });
    assert.equal(foreign.body.properties.dataUri, `https://updraft.example.org.evil.test/${artifactContainer}/x`);
  });

  it("tells Azure's clients that it is their cloud, and gives a token for it", async () => {
    const [cloud] = (await ask('proxy', 'GET', '/metadata/endpoints')).body;
    assert.deepEqual([cloud.resourceManager, cloud.suffixes.storage], [`${published}/`, `updraft@${host}`]);
    const [own] = (await ask('plane', 'GET', '/metadata/endpoints')).body;
    assert.match(own.resourceManager, /^https:\/\/localhost:\d+\/$/);
    const here = (await ask('plane', 'GET', '/updraft/azure')).body;
    assert.equal(here.url, plane.url);
    assert.match(here.armUrl, /^https:\/\/localhost:\d+$/);
    // Who comes by the proxy has its certificate to trust, and nothing of this machine.
    const { identitySecret } = here;
    assert.deepEqual((await ask('proxy', 'GET', '/updraft/azure')).body, { url: published, armUrl: published, identitySecret });
    const token = await ask('proxy', 'GET', `/msi/token?resource=${encodeURIComponent(published)}`, {
      headers: { 'x-identity-header': identitySecret },
    });
    const authorization = `Bearer ${token.body.access_token}`;
    assert.equal((await ask('proxy', 'GET', workspace, { headers: { authorization } })).status, 200);
  });

  it('logs by the proxy as everywhere', async () => {
    const batch = { run_id: 'a', metrics: [{ key: 'loss', value: 1, timestamp: 1 }] };
    assert.equal((await ask('proxy', 'POST', '/api/2.0/mlflow/runs/log-batch', { body: batch })).status, 200);
  });

  it('refuses every other host, and pages of other origins', async () => {
    for (const name of ['evil.test', `${host}.evil.test`, `${host}:8080`, '127.0.0.1.evil.test'])
      for (const by of ['proxy', 'plane'] as const) {
        const answer = await ask(by, 'GET', '/health', { name });
        assert.equal(answer.status, 401, name);
        assert.match(answer.body.error.message, /serves updraft.example.org, not/);
      }
    assert.equal((await ask('proxy', 'GET', '/health', { headers: { origin: 'https://evil.test' } })).status, 401);
    assert.equal((await ask('proxy', 'GET', '/health', { headers: { origin: published } })).status, 200);
    assert.equal((await ask('proxy', 'GET', '/health', { name: host.toUpperCase() })).status, 200);
  });

  it('is told by --public-url or UPDRAFT_PUBLIC_URL, and a bad address is refused at once', async () => {
    for (const bad of ['updraft.example.org', 'ftp://host', 'https://host/path', 'https://me@host', 'https://host?x=1', 'https://'])
      for (const how of [{ args: ['--public-url', bad] }, { args: [], env: { UPDRAFT_PUBLIC_URL: bad } }]) {
        const { code, stderr, stdout } = await updraft(
          plane.folder,
          ['serve', '--no-runner', ...how.args],
          'env' in how ? { env: how.env! } : {},
        );
        assert.notEqual(code, 0, bad);
        assert.equal(stdout, '');
        assert.match(stderr, /The public address ".*" is no origin\.\n.*https:\/\/host\[:port\]/);
        assert.doesNotMatch(stderr, /\n +at /);
      }
  });
});

describe('updraft serve --public-url', () => {
  it('starts a plane that is published there', async () => {
    const own = await startPlane({ withRunner: false });
    await own.stop();
    const started = await startPlaneProcess(own.folder, ['--no-runner', '--public-url', 'https://updraft.example.org']);
    try {
      const answer: any = await started.client.http.json('GET', workspacePath(started.client.workspace));
      assert.equal(answer.properties.mlFlowTrackingUri, 'https://updraft.example.org');
    } finally {
      await started.stop();
      await own.remove();
    }
  });

  it('listens on all addresses only where it is published, and not without a token', () => {
    const address = (options: object) => configOf({ listenAll: true, ...options }, {}).address;
    assert.equal(address({ publicUrl: published }), '0.0.0.0');
    assert.throws(() => address({}), { code: 'InvalidArgument', hint: /--public-url/ });
    assert.throws(() => address({ publicUrl: published, token: 'none' }), { code: 'InvalidArgument' });
    assert.equal(configOf({ publicUrl: published }, {}).address, '127.0.0.1');
  });
});
