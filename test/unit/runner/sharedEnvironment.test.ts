import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { virtualEnvironment } from '../../../src/runner/environments/virtualEnvironment.ts';

describe('an environment that two jobs need', () => {
  let folder: string;
  let tools: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-shared-'));
    tools = path.join(folder, 'programs');
    mkdirSync(tools);
    // An installer that notes each start, and takes until it is told to go on.
    writeFileSync(
      path.join(tools, 'uv'),
      `#!/bin/sh
case "$1" in --version) exit 0;; esac
trap 'echo > "${tools}/ended"; exit 1' TERM
[ "$1" = venv ] || exit 0
echo "$1" >> "${tools}/starts"
echo 'making it'
until [ -e "${tools}/go" ] || [ ! -d "${tools}" ]; do sleep 0.02; done
for place; do :; done
mkdir -p "$place/bin"
printf '#!/bin/sh\\n' > "$place/bin/python" && chmod +x "$place/bin/python"
exit 0
`,
      { mode: 0o755 },
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

  /** Settles when the tools have made that file. */
  const made = (name: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!existsSync(path.join(tools, name))) return;
        watcher.close();
        resolve();
      };
      const watcher = watch(tools, look);
      look();
    });
  const goOn = () => writeFileSync(path.join(tools, 'go'), '');
  const starts = () => readFileSync(path.join(tools, 'starts'), 'utf8').split('\n').filter(Boolean);

  /** A job that asks for it; `says` settles when it says something like that. */
  function job() {
    const cancel = new AbortController();
    const lines: string[] = [];
    const waiting: { pattern: RegExp; resolve: () => void }[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve();
    };
    const result = virtualEnvironment(
      { python: undefined, packages: [] },
      {
        folder,
        environment: { ...(process.env as Record<string, string>), PATH: `${tools}:${process.env.PATH}` },
        signal: cancel.signal,
        onLine,
        onProgress: () => {},
        fetchFiles: async () => {},
      },
    );
    result.catch(() => {});
    const says = (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        if (lines.some((line) => pattern.test(line))) resolve();
        else waiting.push({ pattern, resolve });
      });
    return { cancel: () => cancel.abort(new Error('canceled')), result, says, lines };
  }

  async function twoJobs() {
    const first = job();
    await made('starts');
    const second = job();
    await second.says(/another job/i);
    return { first, second };
  }

  it('is made for the second when the first is canceled', async () => {
    const { first, second } = await twoJobs();
    first.cancel();
    await assert.rejects(first.result, { message: 'canceled' });
    goOn();
    assert.ok(existsSync(path.join(await second.result, 'bin')));
    assert.deepEqual(starts(), ['venv']);
  });

  it('is made for the first when the second is canceled', async () => {
    const { first, second } = await twoJobs();
    second.cancel();
    await assert.rejects(second.result, { message: 'canceled' });
    goOn();
    assert.ok(existsSync(path.join(await first.result, 'bin')));
    assert.deepEqual(starts(), ['venv']);
  });

  it('is given up when the last that waits for it is canceled, and made anew for the next', async () => {
    const { first, second } = await twoJobs();
    first.cancel();
    second.cancel();
    await assert.rejects(second.result, { message: 'canceled' });
    await made('ended');
    const third = job();
    goOn();
    assert.ok(existsSync(path.join(await third.result, 'bin')));
    assert.deepEqual(starts(), ['venv', 'venv']);
  });

  it('tells both how far it is', async () => {
    const { first, second } = await twoJobs();
    await first.says(/making it/);
    await second.says(/making it/);
    goOn();
    assert.equal(await first.result, await second.result);
  });
});
