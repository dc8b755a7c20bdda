import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { bundle } from './updraft.ts';

/** Loaded into a real process before its program: a line on its standard input makes an error there that nobody catches. */
const hook = `
process.stdin.setEncoding('utf8').on('data', (text) => {
  if (text.includes('reject')) Promise.reject(new Error('a stray rejection'));
  if (text.includes('throw')) setImmediate(() => { throw new Error('a stray exception'); });
});
// The language server lives as long as its input; the others must not be kept alive by it.
if (!process.argv.includes('lsp')) process.stdin.unref();
`;

describe('an error that nobody catches', () => {
  let folder: string;
  const children: ChildProcess[] = [];
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    writeFileSync(path.join(folder, 'hook.mjs'), hook);
  });
  after(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** `updraft ARGS` with the hook. `until` settles when what it wrote has the text. */
  function start(args: string[]): { child: ChildProcess; until(text: string): Promise<string> } {
    const child = spawn(process.execPath, ['--import', path.join(folder, 'hook.mjs'), bundle, ...args], { stdio: 'pipe' });
    children.push(child);
    let written = '';
    let look = () => {};
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        written += text;
        look();
      });
    return {
      child,
      until: (text) =>
        new Promise((resolve, reject) => {
          look = () => written.includes(text) && resolve(written);
          child.once('exit', (code) => reject(new Error(`It ended with ${code}: ${written}`)));
          look();
        }),
    };
  }

  it('is logged with its origin by a control plane, which answers on', async () => {
    const data = path.join(folder, 'plane');
    const { child, until } = start(['serve', '--data', data, '--no-runner']);
    await until('http://127.0.0.1:');
    const client = new PlaneClient((await findPlane(data))!);
    for (const [word, message] of [
      ['reject', 'a stray rejection'],
      ['throw', 'a stray exception'],
    ] as const) {
      child.stdin!.write(`${word}\n`);
      assert.match(await until(`Error: ${message}`), new RegExp(`nobody caught it: Error: ${message}`));
      await until('hook.mjs:');
      assert.ok((await client.health()).id);
    }
  });

  it('is logged by a runner elsewhere, which goes on', async () => {
    const { url, token } = (await findPlane(path.join(folder, 'plane')))!;
    const { child, until } = start(['runner', '--server', url, '--token', token, '--data', path.join(folder, 'runner')]);
    await until('Waiting for jobs');
    child.stdin!.write('reject\n');
    await until('Error: a stray rejection');
    child.stdin!.write('throw\n');
    await until('Error: a stray exception');
  });

  it('is logged by the language server, which answers on', async () => {
    const { child, until } = start(['lsp', '--stdio', '--data', path.join(folder, 'nowhere')]);
    const send = (message: object) => {
      const text = JSON.stringify({ jsonrpc: '2.0', ...message });
      child.stdin!.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    };
    const initialize = { processId: null, rootUri: null, capabilities: {} };
    send({ id: 1, method: 'initialize', params: { ...initialize, clientInfo: { name: 'reject and throw' } } });
    await until('Error: a stray rejection');
    await until('Error: a stray exception');
    await until('"id":1');
    send({ id: 2, method: 'shutdown' });
    await until('"id":2');
  });
});
