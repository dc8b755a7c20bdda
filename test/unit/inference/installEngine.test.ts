import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { packTar } from 'modern-tar';
import { npmRegistryOf } from '../../../src/catalog/sources/npmRegistry.ts';
import { onProcessor } from '../../../src/inference/install/engineDevice.ts';
import { enginePlan, installEngine } from '../../../src/inference/install/installEngine.ts';
import { onnxEngine } from '../../../src/inference/install/onnxEngine.ts';
import type { PackageLock } from '../../../src/inference/install/packageLock.ts';

const tarball = async (files: Record<string, string>) =>
  gzipSync(await packTar(Object.entries(files).map(([name, body]) => ({ header: { name, size: body.length }, body }))));
const integrityOf = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

describe('the installation of an engine', () => {
  let folder: string;
  let server: Server;
  let url: string;
  let answers: Record<string, Buffer | ((response: ServerResponse) => void) | number>;
  let seen: { url: string; authorization: string | undefined }[];
  let main: Buffer;
  let native: Buffer;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-engine-'));
    main = await tarball({
      'package/package.json': '{}',
      'package/dist/index.js': 'export {};',
      'package/dist/index.d.ts': 'unused',
      'package/llama/CMakeLists.txt': 'unused',
      'package/llama/facts.json': '{}',
    });
    native = await tarball({ 'package/bins/addon.node': 'binary' });
    seen = [];
    answers = { '/engine/-/engine-1.0.0.tgz': main, '/@scope/linux-x64/-/linux-x64-1.0.0.tgz': native };
    server = createServer((request, response) => {
      seen.push({ url: request.url!, authorization: request.headers.authorization });
      const answer = answers[request.url!] ?? 404;
      if (typeof answer === 'number') return void response.writeHead(answer).end();
      if (typeof answer === 'function') return answer(response);
      response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const lock = (): PackageLock => ({
    engine: 'engine',
    version: '1.0.0',
    packages: [{ path: 'node_modules/engine', name: 'engine', version: '1.0.0', integrity: integrityOf(main), bytes: main.length }],
    natives: {
      'linux-x64': {
        path: 'node_modules/@scope/linux-x64',
        name: '@scope/linux-x64',
        version: '1.0.0',
        integrity: integrityOf(native),
        bytes: native.length,
      },
    },
  });
  const plan = (of = lock()) => enginePlan(of, onProcessor(Object.keys(of.natives), 'linux', 'x64'), path.join(folder, 'engines'));
  const install = (of = lock(), registry = { url }) => installEngine(plan(of), { registry, fetch });
  const left = () => readdirSync(path.join(folder, 'engines')).filter((each) => each !== '.lock' && each !== '.downloads');

  it('unpacks what programs read, below its own folder, and says how far it is', async () => {
    const progress: number[] = [];
    await installEngine(plan(), { registry: { url }, fetch, onProgress: (bytes) => progress.push(bytes) });
    const root = plan().folder;
    assert.equal(readFileSync(path.join(root, 'node_modules/@scope/linux-x64/bins/addon.node'), 'utf8'), 'binary');
    assert.deepEqual(readdirSync(path.join(root, 'node_modules/engine/dist')), ['index.js']);
    assert.deepEqual(readdirSync(path.join(root, 'node_modules/engine/llama')), ['facts.json']);
    assert.equal(progress.at(-1), main.length + native.length);
    await install();
    assert.equal(seen.length, 2, 'nothing is got twice');
  });

  it("of a package with compiled code for every system unpacks this system's alone", async () => {
    const whole = await tarball({
      'package/index.js': 'export {};',
      'package/bin/linux/x64/addon.node': 'ours',
      'package/bin/linux/arm64/addon.node': 'of others',
      'package/bin/win32/x64/addon.node': 'of others',
    });
    answers['/@scope/linux-x64/-/linux-x64-1.0.0.tgz'] = whole;
    const unpacked = { of: 'bin/', only: 'bin/linux/x64/' };
    const [name, native] = Object.entries(lock().natives)[0]!;
    const of = { ...lock(), natives: { [name]: { ...native, integrity: integrityOf(whole), bytes: whole.length, unpacked } } };
    await install(of);
    const found = readdirSync(path.join(plan(of).folder, 'node_modules/@scope/linux-x64'), { recursive: true }).sort();
    assert.deepEqual(
      found.map((each) => String(each).replaceAll(path.sep, '/')),
      ['bin', 'bin/linux', 'bin/linux/x64', 'bin/linux/x64/addon.node', 'index.js'],
    );
  });

  it('sends the token of the registry to that registry', async () => {
    await install(lock(), { url, token: 'secret' } as { url: string });
    assert.equal(seen[0]!.authorization, 'Bearer secret');
  });

  const tarballPath = '/engine/-/engine-1.0.0.tgz';
  type Answer = (typeof answers)[string];
  const failures: [what: string, answer: () => Answer | Promise<Answer>, message: RegExp][] = [
    ['a package that is another one', () => tarball({ 'package/dist/index.js': 'evil' }), /is not what was announced: it has \d+ bytes/],
    ['more bytes than the lock has', () => Buffer.concat([main, Buffer.alloc(900)]), /is not what was announced: it has 1,1\d\d bytes/],
    ['the same number of other bytes', () => Buffer.concat([main.subarray(0, -1), Buffer.from([main.at(-1)! ^ 1])]), /was announced/],
    ['a package that is not there', () => 404, /answers 404/],
    ['what is no archive', () => Buffer.from('<html>'), /can't be got from/],
    ['a file that would lie elsewhere', () => tarball({ 'package/../../outside.txt': 'x' }), /can't be got from/],
  ];
  for (const [what, answer, message] of failures)
    it(`leaves nothing of ${what}, and goes well the next time`, async () => {
      answers[tarballPath] = await answer();
      await assert.rejects(install(), (error: Error) => message.test(error.message) && error.name === 'UserError');
      assert.deepEqual(left(), []);
      answers[tarballPath] = main;
      await install();
      assert.equal(existsSync(path.join(folder, 'outside.txt')), false);
      assert.deepEqual(left(), ['engine-1.0.0-linux-x64']);
    });

  it('goes on by itself after a connection that was cut', async () => {
    let cuts = 0;
    answers[tarballPath] = (response) => {
      response.writeHead(200, { 'content-length': main.length });
      if (++cuts > 1) response.end(main);
      else response.write(main.subarray(0, 40), () => response.destroy());
    };
    await install();
    assert.deepEqual(left(), ['engine-1.0.0-linux-x64']);
    assert.equal(cuts, 2);
  });

  it('may be done twice at the same time', async () => {
    await Promise.all([install(), install()]);
    assert.deepEqual(left(), ['engine-1.0.0-linux-x64']);
  });

  it('asks the registry for the hash of a package that the lock has none of', async () => {
    const { integrity: _i, bytes: _b, ...open } = lock().natives['linux-x64']!;
    const of = { ...lock(), natives: { 'linux-x64': open } };
    answers['/@scope/linux-x64/1.0.0'] = Buffer.from(JSON.stringify({ dist: { integrity: integrityOf(native) } }));
    await install(of);
    assert.deepEqual(left(), ['engine-1.0.0-linux-x64']);
  });
});

describe('the engine for ONNX models', () => {
  it('has compiled code for each system in one package, of which every byte is known before', () => {
    for (const [platform, arch] of [
      ['linux', 'x64'],
      ['linux', 'arm64'],
      ['darwin', 'arm64'],
      ['win32', 'x64'],
    ] as const) {
      const { packages, bytes, folder } = onnxEngine('engines', platform, arch);
      assert.match(folder, new RegExp(`onnxruntime-node-[\\d.]+-${platform}-${arch}$`));
      assert.equal(packages.at(-1)!.unpacked!.only, `bin/napi-v6/${platform}/${arch}/`);
      assert.ok(packages.every((each) => each.integrity?.startsWith('sha512-') && each.bytes));
      assert.ok(bytes > 100e6);
    }
  });
  it('is refused by name where there is none', () => {
    assert.throws(
      () => onnxEngine('engines', 'darwin', 'x64'),
      /runs ONNX models, has no build for darwin-x64: there are darwin-arm64, linux-arm64/,
    );
  });
});

describe("the user's npm registry", () => {
  it('is what npm itself would ask', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'updraft-home-'));
    writeFileSync(
      path.join(home, '.npmrc'),
      '# ours\nregistry = https://npm.example.org/repo\n//npm.example.org/repo/:_authToken=${TOKEN}\n',
    );
    assert.deepEqual(await npmRegistryOf({ TOKEN: 't' }, home), { url: 'https://npm.example.org/repo/', token: 't' });
    assert.deepEqual(await npmRegistryOf({ npm_config_registry: 'http://127.0.0.1:1' }, home), { url: 'http://127.0.0.1:1/' });
    assert.deepEqual(await npmRegistryOf({}, path.join(home, 'nobody')), { url: 'https://registry.npmjs.org/' });
    rmSync(home, { recursive: true });
  });
});
