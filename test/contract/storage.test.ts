import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import { ownerOf } from '../../src/protocol/principal.ts';
import { SasSigner } from '../../src/server/routes/storage/sas.ts';
import { startPlane, type TestPlane } from './plane.ts';

/** In whose name the tests sign, and for which workspace. */
const asked = { principal: ownerOf('someone'), workspace: defaultWorkspace.workspace };

describe('the Blob subset', () => {
  let plane: TestPlane;
  let signer: SasSigner;
  let sas: string;
  before(async () => {
    plane = await startPlane({ withRunner: false });
    signer = new SasSigner(plane.token);
    const secrets = `${workspacePath(plane.client.workspace)}/datastores/workspaceblobstore/listSecrets`;
    ({ sasToken: sas } = await plane.client.http.json<{ sasToken: string }>('POST', secrets, {
      expirableSecret: true,
      expireAfterHours: 1,
    }));
  });
  after(() => plane.remove());

  const send = (method: string, path: string, query = '', init: { body?: BodyInit; headers?: Record<string, string>; sas?: string } = {}) =>
    fetch(`${plane.url}/azureml-blobstore${path}?${[query, init.sas ?? sas].filter(Boolean).join('&')}`, {
      method,
      headers: { 'x-ms-version': '2026-10-06', ...init.headers },
      ...(init.body === undefined ? {} : { body: init.body }),
    });
  const put = (path: string, body: string, headers: Record<string, string> = {}) =>
    send('PUT', path, '', { body, headers: { 'x-ms-blob-type': 'BlockBlob', ...headers } });
  const codeOf = async (response: Response) => [
    response.status,
    response.headers.get('x-ms-error-code'),
    /<Code>/.test(await response.text()),
  ];
  const md5 = (text: string) => createHash('md5').update(text).digest('base64');

  it('stores a blob, says what is there, and reads it whole and in ranges', async () => {
    const missing = await send('HEAD', '/a/one.txt');
    assert.deepEqual([missing.status, missing.headers.get('x-ms-error-code')], [404, 'BlobNotFound']);
    const stored = await put('/a/one.txt', 'hello blob', { 'if-none-match': '*', 'content-md5': md5('hello blob') });
    assert.equal(stored.status, 201);
    assert.equal(stored.headers.get('x-ms-request-server-encrypted'), 'true');
    const head = await send('HEAD', '/a/one.txt');
    assert.equal(head.headers.get('content-length'), '10');
    assert.equal(head.headers.get('etag'), stored.headers.get('etag'));
    assert.equal(head.headers.get('x-ms-version'), '2026-10-06');
    assert.equal(await (await send('GET', '/a/one.txt')).text(), 'hello blob');
    const wide = await send('GET', '/a/one.txt', '', { headers: { 'x-ms-range': 'bytes=0-33554431' } });
    assert.deepEqual([wide.status, wide.headers.get('content-range'), await wide.text()], [206, 'bytes 0-9/10', 'hello blob']);
    const part = await send('GET', '/a/one.txt', '', { headers: { 'x-ms-range': 'bytes=6-7', 'if-match': stored.headers.get('etag')! } });
    assert.equal(await part.text(), 'bl');
    assert.equal((await send('GET', '/a/one.txt', '', { headers: { 'if-match': '"0x1"' } })).status, 412);
    assert.deepEqual(await codeOf(await put('/a/one.txt', 'other', { 'if-none-match': '*' })), [409, 'BlobAlreadyExists', true]);
    assert.deepEqual(await codeOf(await put('/a/two.txt', 'x', { 'content-md5': md5('y') })), [400, 'Md5Mismatch', true]);
  });

  it('answers a range of an empty blob as Azure does', async () => {
    await put('/empty', '');
    assert.deepEqual(await codeOf(await send('GET', '/empty', '', { headers: { 'x-ms-range': 'bytes=0-33554431' } })), [
      416,
      'InvalidRange',
      true,
    ]);
    assert.equal(await (await send('GET', '/empty')).text(), '');
  });

  it('puts blocks together in the order of the list', async () => {
    const id = (text: string) => encodeURIComponent(Buffer.from(text).toString('base64'));
    for (const [name, body] of [
      ['2', 'world'],
      ['1', 'hello '],
      ['3', 'unused'],
    ] as const)
      assert.equal((await send('PUT', '/blocks/big.bin', `comp=block&blockid=${id(name)}`, { body })).status, 201);
    const list = `<?xml version="1.0"?><BlockList><Latest>${decodeURIComponent(id('1'))}</Latest><Latest>${decodeURIComponent(id('2'))}</Latest></BlockList>`;
    const done = await send('PUT', '/blocks/big.bin', 'comp=blocklist', { body: list, headers: { 'content-md5': md5(list) } });
    assert.deepEqual([done.status, done.headers.get('content-md5')], [201, md5(list)]);
    assert.equal(await (await send('GET', '/blocks/big.bin')).text(), 'hello world');
    assert.deepEqual(await codeOf(await send('PUT', '/blocks/big.bin', 'comp=blocklist', { body: list })), [400, 'InvalidBlockList', true]);
    assert.deepEqual(await codeOf(await send('PUT', '/blocks/big.bin', 'comp=blocklist', { body: '<x/>' })), [
      400,
      'InvalidXmlDocument',
      true,
    ]);
    assert.deepEqual(await codeOf(await send('PUT', '/blocks/big.bin', 'comp=block&blockid=%2E%2E')), [
      400,
      'InvalidQueryParameterValue',
      true,
    ]);
  });

  it('replaces metadata and lists by prefix, by folder and page by page', async () => {
    for (const name of ['l/a b+%&é.txt', 'l/b.txt', 'l/c/1.txt', 'l/c/2.txt', 'l/d.txt']) await put(`/${encodeURIComponent(name)}`, name);
    const meta = { 'x-ms-meta-name': 'n', 'x-ms-meta-upload_status': 'completed' };
    assert.equal((await send('PUT', '/l/b.txt', 'comp=metadata', { headers: meta })).status, 200);
    assert.equal((await send('HEAD', '/l/b.txt')).headers.get('x-ms-meta-upload_status'), 'completed');
    const list = async (query: string) => (await send('GET', '', `restype=container&comp=list&${query}`)).text();
    const names = (xml: string) => [...xml.matchAll(/<Name>([^<]*)<\/Name>/g)].map((match) => match[1]);
    const all = await list('prefix=l/&include=metadata');
    assert.deepEqual(names(all), ['l/a b+%&amp;é.txt', 'l/b.txt', 'l/c/1.txt', 'l/c/2.txt', 'l/d.txt']);
    assert.match(all, /<upload_status>completed<\/upload_status>/);
    assert.deepEqual(names(await list('prefix=l/&delimiter=/')), ['l/c/', 'l/a b+%&amp;é.txt', 'l/b.txt', 'l/d.txt']);
    const paged: (string | undefined)[] = [];
    for (let marker = ''; ; ) {
      const xml = await list(`prefix=l/&delimiter=/&maxresults=2&marker=${encodeURIComponent(marker)}`);
      paged.push(...names(xml));
      marker = /<NextMarker>([^<]+)<\/NextMarker>/.exec(xml)?.[1]?.replaceAll('&amp;', '&') ?? '';
      if (!marker) break;
    }
    assert.deepEqual(paged.sort(), ['l/a b+%&amp;é.txt', 'l/b.txt', 'l/c/', 'l/d.txt']);
    assert.equal(await (await send('GET', `/${encodeURIComponent('l/a b+%&é.txt')}`)).text(), 'l/a b+%&é.txt');
    assert.equal((await send('DELETE', '/l/d.txt')).status, 202);
    assert.equal((await send('HEAD', '/l/d.txt')).status, 404);
  });

  it('lets in by a valid signature alone', async () => {
    const grant = { container: 'azureml-blobstore', permissions: 'racwdl', expiresAt: Date.now() + 60_000, ...asked };
    const readOnly = signer.sign({ ...grant, permissions: 'r' });
    const one = signer.sign({ ...grant, permissions: 'r', blob: 'a/one.txt' });
    assert.equal((await send('GET', '/a/one.txt', '', { sas: one })).status, 200);
    const refused: [string, string, string, string][] = [
      ['none', 'GET', '/a/one.txt', 'x=y'],
      ['wrong signature', 'GET', '/a/one.txt', sas.replace(/sig=.{4}/, 'sig=AAAA')],
      ['expired', 'GET', '/a/one.txt', signer.sign({ ...grant, expiresAt: Date.now() - 1000 })],
      ['other container', 'GET', '/a/one.txt', signer.sign({ ...grant, container: 'azureml' })],
      ['other blob', 'GET', '/a/two.txt', one],
      ['widened permissions', 'PUT', '/a/one.txt', readOnly.replace('sp=r', 'sp=racwdl')],
      ['prolonged', 'GET', '/a/one.txt', signer.sign({ ...grant, expiresAt: Date.now() - 1000 }).replace(/se=\d{4}/, 'se=2099')],
      ['no right to write', 'PUT', '/a/one.txt', readOnly],
      ['no right to list', 'GET', '', `comp=list&restype=container&${one}`],
      ['another workspace', 'GET', '/a/one.txt', one.replace('sktid=local', 'sktid=other')],
      ['another person', 'GET', '/a/one.txt', one.replace(/skoid=[^&]+/, 'skoid=user%2Froot')],
      ['another plane', 'GET', '/a/one.txt', new SasSigner('other').sign(grant)],
    ];
    for (const [what, method, path, query] of refused) {
      const response = await send(method, path, '', { sas: query, ...(method === 'PUT' ? { body: 'x' } : {}) });
      assert.equal(response.status, 403, what);
      assert.match((await response.text()) || '<Error>', /<Error>/, what);
    }
  });

  it('keeps to its folder', async () => {
    const before = readdirSync(plane.folder).sort();
    // `fetch` would tidy these up: they are sent as they are.
    for (const path of [
      '/..%2f..%2fevil',
      '/a/%2e%2e/%2e%2e/evil',
      '/a/%252e%252e/evil',
      '/a%00b',
      '/a%5c..%5cevil',
      '/c:%2fevil',
      '/%ff',
    ]) {
      const response = await put(path, 'evil');
      assert.ok(response.status >= 400 && response.status < 500, `${path}: ${response.status}`);
    }
    assert.deepEqual(readdirSync(plane.folder).sort(), before);
    assert.equal(
      (
        await send('GET', '', 'comp=list', {
          sas: signer.sign({ container: 'azureml-other', permissions: 'l', expiresAt: Date.now() + 60_000, ...asked }),
        })
      ).status,
      403,
    );
    assert.equal((await fetch(`${plane.url}/azureml-other/x?${sas}`)).status, 404);
  });
});
