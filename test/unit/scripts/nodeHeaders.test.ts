import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { buildFailure } from '../../../scripts/codeServer.ts';
import { nodeHeaders } from '../../../scripts/nodeHeaders.ts';

describe("Node's headers", () => {
  let folder: string;
  const settings = { npm_config_userconfig: process.env.npm_config_userconfig, npm_config_nodedir: process.env.npm_config_nodedir };
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'updraft-headers-')));
    process.env.npm_config_userconfig = path.join(folder, 'npmrc');
    delete process.env.npm_config_nodedir;
  });
  after(() => {
    for (const [name, value] of Object.entries(settings))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    rmSync(folder, { recursive: true, force: true });
  });

  it('are those of the place that npm is told of', async () => {
    writeFileSync(path.join(folder, 'npmrc'), `nodedir=${folder}\n`);
    assert.deepEqual(await nodeHeaders(folder, []), { options: [], withLibuv: true });
    // A place that is gone is none.
    writeFileSync(path.join(folder, 'npmrc'), 'nodedir=/nowhere\n');
    assert.notDeepEqual((await nodeHeaders(folder, [installation()])).options, []);
  });

  it('are those beside a node of this machine', async () => {
    writeFileSync(path.join(folder, 'npmrc'), '');
    assert.deepEqual(await nodeHeaders(folder, ['/nowhere/bin/node', installation()]), {
      options: [`--nodedir=${path.join(folder, 'node')}`],
      withLibuv: true,
    });
  });

  it('that are missing are told of in one line', () => {
    const output =
      'npm error gyp info ok\nnpm error ../src/a.cc:9:10: fatal error: uv.h: No such file or directory\nnpm error gyp ERR! not ok\n';
    assert.match(
      buildFailure(output),
      /^The native modules of code-server could not be built \(uv\.h: No such file or directory\): .*nodedir FOLDER"\)\.$/,
    );
    assert.match(buildFailure('npm error gyp ERR! stack Error: getaddrinfo ENOTFOUND nodejs.org'), /\(getaddrinfo ENOTFOUND nodejs\.org\)/);
  });

  function installation(): string {
    const root = path.join(folder, 'node');
    mkdirSync(path.join(root, 'include/node'), { recursive: true });
    mkdirSync(path.join(root, 'bin'), { recursive: true });
    for (const file of ['bin/node', 'include/node/node_api.h', 'include/node/common.gypi']) writeFileSync(path.join(root, file), '');
    return path.join(root, 'bin/node');
  }
});
