import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { azureVariables } from '../../src/plane/azureVariables.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import type { AzureAccess } from '../../src/protocol/azureClients.ts';
import { registryPath } from '../../src/protocol/registry.ts';
import { startPlane, type TestPlane } from './plane.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe("access for Azure's clients", () => {
  let plane: TestPlane;
  let access: Required<AzureAccess>;
  let workspace: string;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    access = await plane.client.http.json('GET', '/updraft/azure');
    workspace = workspacePath(plane.client.workspace);
  });
  after(() => plane.remove());

  const token = async (resource: string, secret = access.identitySecret) =>
    fetch(`${plane.url}/msi/token?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`, {
      headers: { 'x-identity-header': secret },
    });
  /** A request over https that trusts the authority of the data folder and nothing else. */
  const secure = (url: string, bearer?: string, ca: string | undefined = readFileSync(access.authorityFile, 'utf8')) =>
    new Promise<{ status: number; body: any }>((resolve, reject) => {
      const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
      get(url, { ca, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
      }).on('error', reject);
    });

  it('answers https for localhost and 127.0.0.1 with a certificate of its own, the key private', async () => {
    const bearer = (await (await token(access.armUrl)).json()).access_token;
    for (const host of ['localhost', '127.0.0.1']) {
      const { status, body } = await secure(
        `${access.armUrl.replace('localhost', host)}${workspace}?api-version=2024-10-01-preview`,
        bearer,
      );
      assert.equal(status, 200);
      assert.equal(body.properties.discoveryUrl, `${access.armUrl.replace('localhost', host)}/discovery`);
    }
    assert.equal(statSync(path.join(plane.folder, 'tls/server-key.pem')).mode & 0o777, 0o600);
    assert.equal(statSync(path.join(plane.folder, 'tls')).mode & 0o777, 0o700);
    await assert.rejects(secure(`${access.armUrl}/health`, undefined, ''), /certificate/);
  });

  it('tells its cloud and gives tokens whose audience is just what was asked for', async () => {
    const [cloud] = await (await fetch(azureVariables(access, {}).ARM_CLOUD_METADATA_URL!)).json();
    assert.equal(cloud.name, 'Updraft');
    assert.equal(cloud.resourceManager, `${access.armUrl}/`);
    for (const resource of [access.armUrl, 'https://ml.azure.localhost']) {
      const answer = await (await token(resource)).json();
      const claims = JSON.parse(Buffer.from(answer.access_token.split('.')[1], 'base64url').toString());
      assert.equal(claims.aud, resource);
      assert.match(answer.expires_on, /^\d+$/);
    }
    assert.equal((await token(access.armUrl, 'wrong')).status, 401);
    assert.equal((await token('https://storage.azure.com')).status, 400);
  });

  it('gives azure-ai-ml the tokens with which it shares assets: they open what is in registries, and nothing else', async () => {
    await plane.client.putRegistry('lab', {});
    const registry = registryPath({ ...defaultWorkspace, registry: 'lab' });
    for (const resource of ['https://ml.azure.com', 'https://management.azure.com']) {
      const bearer = (await (await token(resource)).json()).access_token;
      const statuses = await Promise.all(
        [
          '/registrymanagement/v1.0/registries/lab/discovery',
          `/mferp/managementfrontend${registry}/models`,
          `${registry}/models`,
          registry,
          workspace,
          `/mferp/managementfrontend${workspace}/models`,
          `${workspace}/models?x=/providers/Microsoft.MachineLearningServices/registries/lab/models`,
        ].map(async (to) => (await secure(`${access.armUrl}${to}`, bearer)).status),
      );
      assert.deepEqual(statuses, [200, 200, 200, 401, 401, 401, 401], resource);
    }
  });

  it('takes no token that is unsigned, foreign, expired or for something else', async () => {
    const good: string = (await (await token(access.armUrl)).json()).access_token;
    const [, payload] = good.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const signed = (header: unknown, body: unknown, key: string) =>
      `${part(header)}.${part(body)}.${createHmac('sha256', key)
        .update(`${part(header)}.${part(body)}`)
        .digest('base64url')}`;
    // The plane's own derivation, so that only what is tested is wrong.
    const key = createHmac('sha256', plane.token).update('azure tokens').digest('hex');
    const header = { alg: 'HS256', typ: 'JWT' };
    const url = `${plane.url}${workspace}`;
    const status = async (bearer: string, to = url) => (await fetch(to, { headers: { authorization: `Bearer ${bearer}` } })).status;
    assert.equal(await status(signed(header, claims, key)), 200);
    const bad = {
      unsigned: `${part({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      foreign: signed(header, claims, 'another key'),
      expired: signed(header, { ...claims, exp: 1 }, key),
      'other audience': signed(header, { ...claims, aud: 'https://management.azure.com' }, key),
      'no audience': signed(header, { ...claims, aud: undefined }, key),
      text: 'abc',
    };
    for (const [what, bearer] of Object.entries(bad)) assert.equal(await status(bearer), 401, what);
    // It opens the public contracts alone.
    for (const own of ['/status', '/changes', '/updraft/azure']) assert.equal(await status(good, `${plane.url}${own}`), 401, own);
  });

  it('still refuses other hosts and origins', async () => {
    const { status } = await fetch(`${plane.url}/metadata/endpoints`, { headers: { origin: 'https://example.org' } });
    assert.equal(status, 401);
  });

  it('adds its authority to the roots in force and leaves out proxies', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-roots-'));
    try {
      const before = path.join(folder, 'mine.pem');
      const authority = readFileSync(access.authorityFile, 'utf8');
      rmSync(before, { force: true });
      const plain = azureVariables(access, {});
      assert.ok(readFileSync(plain.REQUESTS_CA_BUNDLE!, 'utf8').endsWith(authority));
      // What it made itself is not added to again.
      assert.equal(azureVariables(access, { REQUESTS_CA_BUNDLE: plain.REQUESTS_CA_BUNDLE }).REQUESTS_CA_BUNDLE, plain.REQUESTS_CA_BUNDLE);
      assert.equal(plain.NO_PROXY, undefined);
      assert.equal(azureVariables(access, { https_proxy: 'http://proxy', NO_PROXY: 'intra' }).NO_PROXY, 'intra,localhost,127.0.0.1');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('keeps certificate and address over a restart', async () => {
    const before = readFileSync(path.join(plane.folder, 'tls/server.pem'), 'utf8');
    await plane.stop();
    plane = await startPlane({ withRunner: false }, plane.folder);
    assert.equal(((await plane.client.http.json('GET', '/updraft/azure')) as AzureAccess).armUrl, access.armUrl);
    assert.equal(readFileSync(path.join(plane.folder, 'tls/server.pem'), 'utf8'), before);
  });
});
