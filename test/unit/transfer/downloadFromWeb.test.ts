import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from '../../../src/base/userError.ts';
import { downloadFromWeb, type WebDownload, type WebFile } from '../../../src/transfer/web/downloadFromWeb.ts';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** Answers as a static file server does. */
function send(request: IncomingMessage, response: ServerResponse, bytes = content, etag: string | undefined = '"one"'): void {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const isOther = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag;
  const mark = etag ? { etag } : {};
  if (!match || isOther) return void response.writeHead(200, { 'content-length': bytes.length, ...mark }).end(bytes);
  const [from, to] = [Number(match[1]), Math.min(Number(match[2]) + 1, bytes.length)];
  response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}`, 'content-length': to - from, ...mark });
  response.end(bytes.subarray(from, to));
}

describe('a download from the web', () => {
  let folder: string;
  let server: Server;
  let answer: Answer;
  let ranges: (string | undefined)[];
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`;
  const target = () => path.join(folder, 'models', 'model.gguf');
  const left = () => readdirSync(path.join(folder, 'models')).sort();
  const download = (file: Partial<WebFile> = {}, options: Partial<WebDownload> = {}) =>
    downloadFromWeb({ url: url(), hash: sha256, ...file }, target(), { web: { fetch }, pieceBytes: 40_000, ...options });
  const refused = (work: Promise<unknown>, code: string, message: RegExp) =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof UserError, (error as Error).stack);
      assert.equal(error.code, code);
      assert.match(error.describe(), message);
      return true;
    });

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-web-'));
    ranges = [];
    answer = (request, response) => send(request, response);
    server = createServer((request, response) => {
      ranges.push(request.headers.range);
      answer(request, response, ranges.length);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('comes in pieces, and leaves nothing but the file', async () => {
    const told: [number, number][] = [];
    assert.deepEqual(await download({}, { onProgress: (done, total) => told.push([done, total]) }), { sha256, bytes: content.length });
    assert.deepEqual(readFileSync(target()), content);
    assert.deepEqual(left(), ['model.gguf']);
    assert.equal(ranges.length, 8);
    assert.deepEqual(told.at(-1), [content.length, content.length]);
  });

  it('comes in one stream where the server knows no pieces, also when it says no size', async () => {
    answer = (_request, response) => response.end(content);
    await download();
    assert.equal(ranges.length, 1);
    answer = (_request, response) => {
      response.write(content.subarray(0, 1000));
      response.end(content.subarray(1000));
    };
    assert.deepEqual(await download({ hash: undefined }), { sha256, bytes: content.length });
  });

  it('goes on after cuts, and gets no byte twice', async () => {
    let sent = 0;
    answer = (request, response, count) => {
      const [from, to] = request.headers.range!.slice(6).split('-').map(Number) as [number, number];
      const end = Math.min(to + 1, content.length);
      const part = count % 2 ? content.subarray(from, from + Math.ceil((end - from) / 2)) : content.subarray(from, end);
      sent += part.length;
      response.writeHead(206, { 'content-range': `bytes ${from}-${end - 1}/${content.length}`, 'content-length': end - from });
      response.write(part, () => (count % 2 ? response.destroy() : response.end()));
    };
    await download();
    assert.deepEqual(readFileSync(target()), content);
    assert.equal(sent, content.length);
  });

  it('that was stopped goes on with what is missing', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    await assert.rejects(
      download({}, { connections: 1, signal: stop.signal, onProgress: (done) => done >= 120_000 && stop.abort(reason) }),
      reason,
    );
    assert.equal(left().includes('model.gguf'), false);
    const before = ranges.length;
    await download({}, { connections: 1 });
    assert.deepEqual(readFileSync(target()), content);
    assert.match(ranges[before]!, /^bytes=1[2-5]\d{4}-/);
    assert.deepEqual(left(), ['model.gguf']);
  });

  it('begins anew when the content was changed meanwhile, with a mark for it or without', async () => {
    const other = randomBytes(250_000);
    for (const etag of ['"one"', undefined]) {
      answer = (request, response) => send(request, response, content, etag);
      const stop = new AbortController();
      await assert.rejects(
        download(
          { hash: etag ? undefined : sha256 },
          { connections: 1, signal: stop.signal, onProgress: (done) => done >= 120_000 && stop.abort() },
        ),
      );
      if (etag) {
        answer = (request, response) => send(request, response, other, '"two"');
        await download({ hash: undefined });
        assert.deepEqual(readFileSync(target()), other);
      } else {
        // What is there is of a content that nobody can tell from the right one before the end.
        const [part] = left().filter((name) => name.endsWith('.part'));
        writeFileSync(path.join(folder, 'models', part!), randomBytes(120_000));
        await download();
        assert.deepEqual(readFileSync(target()), content);
      }
    }
  });

  it('with another hash or size than announced is thrown away', async () => {
    await refused(download({ hash: 'f'.repeat(64) }), 'InputUnavailable', new RegExp(`has the hash ${sha256}, and f{64} was announced`));
    assert.deepEqual(left(), []);
    await refused(download({ hash: `sha512-${'A'.repeat(86)}==` }), 'InputUnavailable', /has the hash sha512-.*, and sha512-A/);
    await download({ hash: `sha512-${createHash('sha512').update(content).digest('base64')}` });
    await refused(download({ size: 5 }), 'InputUnavailable', /has 300,000 bytes, and 5 were announced/);
    answer = (_request, response) => {
      response.write(content);
      response.end(content);
    };
    await refused(download({ size: content.length }), 'InputUnavailable', /sends more than 300,000 bytes/);
    answer = (_request, response) => response.writeHead(206, { 'content-range': 'bytes 7-9/10' }).end('abc');
    await refused(download(), 'InputUnavailable', /was asked for bytes 0 to 39999, and sends "bytes 7-9\/10"/);
    assert.deepEqual(left(), ['model.gguf']);
  });

  it('needs room: a disk that would be full is told before, with what is needed', async () => {
    answer = (request, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-39999/${9e15}`, 'content-length': 40_000 });
      response.end(content.subarray(0, 40_000));
      assert.ok(request);
    };
    await refused(download(), 'DiskFull', /is full: 9000 TB more are needed for model\.gguf\.\nFree some space/);
  });

  it('keeps what came when the disk is full in the middle, and says how much more is needed', async function () {
    // A file that the system lets nobody write into, as if the disk were full.
    if (process.platform !== 'linux') return this.skip();
    mkdirSync(path.join(folder, 'models'));
    const part = `.${createHash('sha256').update('model.gguf').digest('hex').slice(0, 16)}.part`;
    symlinkSync('/dev/full', path.join(folder, 'models', part));
    await refused(download(), 'DiskFull', /models is full: 300 kB more are needed for model\.gguf\.\nFree some space/);
    assert.equal(left().includes('model.gguf'), false);
    rmSync(path.join(folder, 'models', part));
    await download();
    assert.deepEqual(left(), ['model.gguf']);
  });

  it('that is silent is asked for again', async () => {
    answer = (request, response, count) => {
      if (count > 1) return send(request, response);
      response.writeHead(206, { 'content-range': `bytes 0-39999/${content.length}`, 'content-length': 40_000 });
      response.write(content.subarray(0, 100));
    };
    await download({}, { web: { fetch, stallMs: 50 } });
    assert.deepEqual(readFileSync(target()), content);
  });

  it('that is refused says why', async () => {
    for (const [status, code, message] of [
      [401, 'Unauthorized', /answers 401.*wants to know who asks/],
      [403, 'Forbidden', /may not be read/],
      [404, 'NotFound', /no such file/],
    ] as const) {
      answer = (_request, response) => response.writeHead(status).end();
      await refused(download(), code, message);
    }
    await refused(download({ url: 'http://example.com/x', hash: undefined }), 'InvalidArgument', /example\.com\/x is not https/);
    await refused(download({ url: 'what' }), 'InvalidArgument', /no address/);
  });

  it('follows redirects, and sends keys only to the given host', async () => {
    const keys: (string | undefined)[] = [];
    answer = (request, response) => {
      keys.push(request.headers.authorization);
      const { port } = server.address() as AddressInfo;
      if (request.url === '/model.gguf') response.writeHead(302, { location: `http://localhost:${port}/there?secret=1` }).end();
      else send(request, response);
    };
    await download({ headers: { authorization: 'Bearer key' } });
    assert.deepEqual([keys[0], ...new Set(keys.slice(1))], ['Bearer key', undefined]);
    assert.equal(keys.length, 9);
  });

  it('does not follow redirects into this machine, a private network or to http', async () => {
    const to = (location: string): typeof fetch => {
      return async () => new Response(null, { status: 302, headers: { location } });
    };
    const from = (url: string, location: string) => download({ url }, { web: { fetch: to(location) } });
    const given = 'https://93.184.215.14/model';
    for (const location of [
      'https://127.0.0.1/x',
      'https://localhost/x',
      'https://[::1]/x',
      'https://0.0.0.0/x',
      'https://2130706433/x',
      'https://[::ffff:127.0.0.1]/x',
    ])
      await refused(from(given, location), 'Forbidden', /this machine itself/);
    for (const location of [
      'https://10.1.2.3/x',
      'https://192.168.0.1/x',
      'https://169.254.169.254/latest',
      'https://[fd00::1]/x',
      'https://[fe80::1]/',
    ])
      await refused(from(given, location), 'Forbidden', /in a private network/);
    await refused(from(given, 'http://93.184.215.15/x'), 'Forbidden', /anyone on the way could change it/);
    await refused(from(given, 'file:///etc/passwd'), 'Forbidden', /no address of the web/);
    await refused(from('http://127.0.0.1:1/x', 'http://10.1.2.3/x'), 'Forbidden', /in a private network/);
    await refused(from(given, 'https://93.184.215.15/x'), 'InputUnavailable', /without an end/);
  });
});
