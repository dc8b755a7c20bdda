import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Ended, Handle } from '../../../src/runner/executors/executor.ts';
import { ProcessExecutor } from '../../../src/runner/executors/process/processExecutor.ts';

const never = new AbortController().signal;

describe('a command of this machine', () => {
  let root: string;
  let executor: ProcessExecutor;
  let count = 0;
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), "updraft-it's a command-"));
    executor = new ProcessExecutor(path.join(root, 'jobs'));
  });
  afterEach(() => {
    count++;
  });
  after(() => {
    executor.dispose();
    rmSync(root, { recursive: true, force: true, maxRetries: 10 });
  });

  const id = () => `job.${count}`;
  const folder = () => path.join(root, 'jobs', id());
  const text = (file: string) => readFileSync(path.join(folder(), file), 'utf8');
  const start = (command: string, environment: Record<string, string> = {}, by = executor): Promise<Handle> => {
    mkdirSync(path.join(folder(), 'code'), { recursive: true });
    return by.submit(
      { id: id(), packages: undefined, note: 'a note' },
      { command, cwd: path.join(folder(), 'code'), variables: { PATH: process.env.PATH!, ...environment }, spread: undefined },
      never,
    );
  };
  const end = async (handle: Handle, by = executor): Promise<Omit<Ended, 'id' | 'phase'>> => {
    for await (const news of by.observe(() => [handle], never)) {
      if (news.phase !== 'ended') continue;
      const { id: _id, phase: _phase, ...rest } = news;
      return rest;
    }
    throw new Error('no news of the end');
  };
  /** Settles when there is such a file. */
  const file = (name: string) =>
    new Promise<void>((resolve) => {
      const watcher = watch(path.dirname(path.join(folder(), 'code', name)), () => look());
      const look = () => {
        try {
          readFileSync(path.join(folder(), 'code', name));
        } catch {
          return;
        }
        watcher.close();
        resolve();
      };
      look();
    });

  it('gets its variables to the letter, its folder, and no input', async () => {
    const variables = { QUOTED: `it's "so" $HOME \\n`, LINES: 'a\nb\n', EMPTY: '', 'odd-name.x': 'odd', UNICODE: 'ä→' };
    const command = `pwd; cat; "$NODE" -p 'JSON.stringify(process.env)'`;
    assert.deepEqual(await end(await start(command, { ...variables, NODE: process.execPath })), { cause: 'exit', code: 0 });
    const [cwd, json] = text('log.0').split('\n');
    assert.equal(cwd, path.join(folder(), 'code'));
    const { PATH, NODE, PWD, SHLVL, _, OLDPWD, UPDRAFT_TASK, ...rest } = JSON.parse(json!);
    assert.deepEqual(rest, variables);
    assert.equal(UPDRAFT_TASK, folder());
  });

  it('tells its exit code, whatever it does to its shell', async () => {
    for (const [command, code] of [
      ['exit 3', 3],
      ['exec false', 1],
      ['trap "exit 5" EXIT; true', 5],
      ['no-such-program', 127],
      ['kill -9 $BASHPID', 137],
    ] as const) {
      count++;
      assert.deepEqual(await end(await start(command)), { cause: 'exit', code }, command);
      assert.equal(text('exit'), `${code}\n`);
    }
  });

  it('is told of, however short it is and however many there are', async () => {
    const ends = await Promise.all(
      Array.from({ length: 100 }, async (_each, index) => {
        count++;
        return end(await start(`exit ${index % 3}`));
      }),
    );
    assert.deepEqual(
      ends.map(({ code }) => code),
      ends.map((_each, index) => index % 3),
    );
  });

  it('leads a process group of its own, whose pid is its $$', async () => {
    await end(await start('echo $$; ps -o pid=,pgid= -p $$; ps -o pgid= -p $BASHPID'));
    const [own, both, inner] = text('log.0').split('\n');
    assert.deepEqual(both!.trim().split(/\s+/), [own, own]);
    assert.equal(inner!.trim(), own);
    assert.equal(text('pid'), `${own}\n`);
  });

  it('goes on without its launcher, and the next one is found or starts anew', async () => {
    executor.dispose();
    const other = new ProcessExecutor(path.join(root, 'jobs'));
    const running = await start('touch ready; until [ -e go ]; do sleep 0.01; done; exit 7', {}, other);
    await file('ready');
    const { pid } = JSON.parse(readFileSync(path.join(root, 'launcher.json'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    const adopted = await executor.find(id());
    assert.deepEqual(adopted, running);
    writeFileSync(path.join(folder(), 'code/go'), '');
    assert.deepEqual(await end(adopted!), { cause: 'exit', code: 7 });
    assert.deepEqual(await end(running, other), { cause: 'exit', code: 7 });
    count++;
    assert.deepEqual(await end(await start('exit 4', {}, other), other), { cause: 'exit', code: 4 });
    other.dispose();
  });

  it('that an earlier runner asked for in its last moment is found by the next, with its note', async () => {
    const earlier = new ProcessExecutor(path.join(root, 'jobs'));
    const asked = start('until [ -e go ]; do sleep 0.01; done; exit 6', {}, earlier);
    // Until the launcher has been asked, and before it can have answered.
    await file('../launch');
    earlier.dispose();
    const later = new ProcessExecutor(path.join(root, 'jobs'));
    const adopted = (await later.find(id()))!;
    assert.equal(adopted.note, 'a note');
    writeFileSync(path.join(folder(), 'code/go'), '');
    assert.deepEqual(await end(adopted, later), { cause: 'exit', code: 6 });
    await asked;
    later.dispose();
  });

  it('says why it could not be started', async () => {
    const { cause, why } = await end(await start(`echo ${'x'.repeat(300_000)}`));
    assert.equal(cause, 'stage');
    assert.match(why!, /could not be started.*too long/i);
  });
});
