import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { Launcher } from '../../../src/runner/executors/launcher.ts';
import { CommandProcess } from '../../../src/runner/executors/process.ts';

describe('a command', () => {
  let root: string;
  let launcher: Launcher;
  let count = 0;
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), "updraft-it's a command-"));
    launcher = new Launcher(path.join(root, 'jobs'));
  });
  afterEach(() => {
    count++;
  });
  after(() => {
    launcher.dispose();
    rmSync(root, { recursive: true, force: true, maxRetries: 10 });
  });

  const folder = () => path.join(root, 'jobs', `job.${count}`);
  const text = (file: string) => readFileSync(path.join(folder(), file), 'utf8');
  const start = (command: string, environment: Record<string, string> = {}, by = launcher) => {
    mkdirSync(path.join(folder(), 'code'), { recursive: true });
    return CommandProcess.start(
      folder(),
      {
        command,
        cwd: path.join(folder(), 'code'),
        environment: { PATH: process.env.PATH!, ...environment },
        preface: Buffer.from('first\n'),
        logOffset: 0,
      },
      by,
    );
  };
  /** Settles when there is such a file. */
  const file = (name: string) =>
    new Promise<void>((resolve) => {
      const watcher = watch(path.join(folder(), 'code'), () => look());
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
    const running = await start(command, { ...variables, NODE: process.execPath });
    assert.deepEqual(await running.ended, { code: 0 });
    const [first, cwd, json] = text('stdout.log').split('\n');
    assert.equal(first, 'first');
    assert.equal(cwd, path.join(folder(), 'code'));
    const { PATH, NODE, PWD, SHLVL, _, OLDPWD, ...rest } = JSON.parse(json!);
    assert.deepEqual(rest, variables);
    assert.equal(text('stderr.log'), '');
  });

  it('tells its exit code, whatever it does to its shell', async () => {
    for (const [command, code] of [
      ['exit 3', 3],
      ['exec false', 1],
      ['trap "exit 5" EXIT; true', 5],
      ['no-such-program', 127],
      ['kill -9 $BASHPID', 137],
    ] as const) {
      const running = await start(command);
      assert.deepEqual(await running.ended, { code }, command);
      assert.equal(text('exit'), `${code}\n`);
    }
  });

  it('is told of, however short it is and however many there are', async () => {
    const codes = await Promise.all(
      Array.from({ length: 100 }, async (_each, index) => {
        count++;
        return (await start(`exit ${index % 3}`)).ended;
      }),
    );
    assert.deepEqual(
      codes,
      codes.map((_each, index) => ({ code: index % 3 })),
    );
  });

  it('leads a process group of its own, whose pid is its $$', async () => {
    const running = await start('echo $$; ps -o pid=,pgid= -p $$; ps -o pgid= -p $BASHPID');
    await running.ended;
    const [, own, both, inner] = text('stdout.log').split('\n');
    assert.deepEqual(both!.trim().split(/\s+/), [own, own]);
    assert.equal(inner!.trim(), own);
    assert.equal(text('pid'), `${own}\n`);
  });

  it('goes on without its launcher, and the next one is found or starts anew', async () => {
    const other = new Launcher(path.join(root, 'jobs'));
    const running = await start('touch ready; until [ -e go ]; do sleep 0.01; done; exit 7', {}, other);
    await file('ready');
    const { pid } = JSON.parse(readFileSync(path.join(root, 'launcher.json'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    const adopted = CommandProcess.adopt(folder())!;
    writeFileSync(path.join(folder(), 'code/go'), '');
    assert.deepEqual(await adopted.ended, { code: 7 });
    assert.deepEqual(await running.ended, { code: 7 });
    count++;
    assert.deepEqual(await (await start('exit 4', {}, other)).ended, { code: 4 });
    other.dispose();
  });

  it('that an earlier runner asked for in its last moment is found by the next', async () => {
    const earlier = new Launcher(path.join(root, 'jobs'));
    const asked = start('until [ -e go ]; do sleep 0.01; done; exit 6', {}, earlier);
    earlier.dispose();
    const later = new Launcher(path.join(root, 'jobs'));
    await later.takeOver();
    const adopted = CommandProcess.adopt(folder())!;
    writeFileSync(path.join(folder(), 'code/go'), '');
    assert.deepEqual(await adopted.ended, { code: 6 });
    await asked;
  });

  it('says why it could not be started', async () => {
    const running = start(`echo ${'x'.repeat(300_000)}`);
    await assert.rejects(
      running.then(({ ended }) => ended),
      { code: 'CommandNotStarted', message: /too long/i },
    );
  });
});
