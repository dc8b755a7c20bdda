import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { UserError } from '../../../src/base/userError.ts';
import { extractFromTarball } from '../../../src/catalog/sources/extractFromTarball.ts';
import { extractFromZip } from '../../../src/catalog/sources/extractFromZip.ts';
import { mutated, random } from './modelFiles.ts';
import { zipFile } from './zipFile.ts';

describe('a file in an archive', () => {
  let folder: string;
  const content = Buffer.from('model '.repeat(2000));
  const longName = `package/${'a-long-folder-name/'.repeat(12)}model.gguf`;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-archives-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function tarball(): Buffer {
    const file = path.join(folder, 'source', ...longName.split('/'));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return execFileSync('tar', ['-cz', '-C', path.join(folder, 'source'), 'package']);
  }

  it('is found also under a long name', async () => {
    const archive = path.join(folder, 'x.tgz');
    writeFileSync(archive, tarball());
    await extractFromTarball(archive, longName, path.join(folder, 'out'));
    assert.deepEqual(readFileSync(path.join(folder, 'out')), content);
  });

  it('of an archive that is damaged is refused, and leaves nothing', async function () {
    this.timeout(60_000);
    const next = random(20261127);
    const whole = { zip: zipFile({ 'a/model.gguf': content }), tgz: gunzipSync(tarball()) };
    rmSync(path.join(folder, 'source'), { recursive: true });
    let refusals = 0;
    for (let i = 0; i < 1000; i++) {
      const kind = i % 2 ? 'zip' : 'tgz';
      const archive = path.join(folder, `mutated.${kind}`);
      const bytes = mutated(whole[kind], next);
      writeFileSync(archive, kind === 'zip' ? bytes : gzipSync(bytes, { level: 1 }));
      const out = path.join(folder, 'out');
      const started = performance.now();
      try {
        await (kind === 'zip' ? extractFromZip(archive, 'a/model.gguf', out) : extractFromTarball(archive, longName, out));
        rmSync(out);
      } catch (error) {
        assert.ok(error instanceof UserError, `${i}: ${(error as Error).stack}`);
        refusals++;
      }
      assert.ok(performance.now() - started < 1000);
    }
    assert.ok(refusals > 300, `${refusals} were refused`);
    assert.deepEqual(readdirSync(folder).sort(), ['mutated.tgz', 'mutated.zip']);
  });
});
