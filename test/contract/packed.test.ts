import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { runNpm } from '../../scripts/npm.ts';
import { root, runProcess } from './updraft.ts';

describe('the packed command line', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-pack-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

  it('is small and runs in an empty folder on plain Node', async () => {
    await runNpm(['pack', '--ignore-scripts', '--pack-destination', folder], root);
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    await runProcess('tar', ['xzf', tarball!], { cwd: folder });
    const packed = path.join(folder, 'package');
    assert.deepEqual(
      readdirSync(packed)
        .filter((name) => !/^(README|LICENSE|CHANGELOG)/.test(name))
        .sort(),
      ['dist', 'package.json'],
    );
    const parts = readdirSync(path.join(packed, 'dist')).filter((name) => !/^updraft-\w+-\w+\.mjs$/.test(name));
    assert.deepEqual(parts.sort(), ['ThirdPartyNotices.txt', 'updraft.mjs', 'webview']);
    writeFileSync(path.join(folder, 'job.yml'), 'type: command\ncommand: echo hello\nenvironment: azureml:shell:1\n');
    const { code, stdout, stderr } = await runProcess(process.execPath, [path.join(packed, 'dist/updraft.mjs'), 'validate', 'job.yml'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '1 file checked: no errors.\n');
  });
});
