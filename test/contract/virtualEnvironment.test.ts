import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { findUv } from '../../scripts/pythonClients.ts';
import { processIdentity } from '../../src/plane/processIdentity.ts';
import { prepareEnvironment } from '../../src/runner/environments/prepareEnvironment.ts';
import { virtualEnvironment } from '../../src/runner/environments/virtualEnvironment.ts';

describe('a virtual environment', () => {
  let folder: string;
  let uv: string | undefined;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-environment-'));
    uv = await findUv('python3', () => {});
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

  const requirements = { python: undefined, packages: [] };
  const options = (more: Record<string, string> = {}) => ({
    folder,
    environment: { ...(process.env as Record<string, string>), PATH: `${path.dirname(uv ?? '')}:${process.env.PATH}`, ...more },
    signal: new AbortController().signal,
    onLine: () => {},
    onProgress: () => {},
  });
  const make = () => virtualEnvironment(requirements, options());

  it('is made once, and shared by those that ask at the same time', async () => {
    const [first, second] = await Promise.all([make(), make()]);
    assert.equal(first, second);
    assert.equal(await make(), first);
    assert.ok(existsSync(path.join(first, 'bin/python')));
  });

  it('is made in a place of its own, where an installer that outlived its runner is ended and does no harm', async () => {
    const before = await make();
    const home = path.dirname(before);
    rmSync(path.join(home, 'ready'));
    const orphan = spawn('sleep', ['300']);
    const ended = once(orphan, 'exit');
    mkdirSync(path.join(home, 'half'));
    writeFileSync(path.join(home, 'half.installer'), JSON.stringify(processIdentity(orphan.pid!)));
    const made = await make();
    await ended;
    assert.notEqual(made, before);
    assert.ok(existsSync(path.join(made, 'bin/python')));
    assert.deepEqual(
      readdirSync(home).filter((name) => !name.startsWith(path.basename(made))),
      ['ready'],
    );
  });

  it('keeps the bytecode of its packages, whatever the machine is set to', async () => {
    const plan = { requirements, notes: [], content: '' };
    const environment = await prepareEnvironment(plan, options({ PYTHONDONTWRITEBYTECODE: '1', OTHER: 'kept' }));
    assert.equal(environment.PYTHONDONTWRITEBYTECODE, undefined);
    assert.equal(environment.OTHER, 'kept');
    assert.equal(environment.VIRTUAL_ENV, await make());
  });
});
