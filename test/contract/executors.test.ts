import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { Ended, Executor, Handle, Launch, Spread } from '../../src/runner/executors/executor.ts';
import { type Engine, engines } from './executorKinds.ts';
import { isThere } from './isThere.ts';

const never = new AbortController().signal;

for (const [kind, { hasLine, start }] of Object.entries(engines)) {
  describe(`the executor "${kind}"`, () => {
    let engine: Engine;
    let executor: Executor;
    /** For marks that commands leave and gates that they wait at: the engines run on this very machine. */
    let folder: string;
    let count = 0;
    let id = '';
    before(async () => {
      engine = await start();
      executor = engine.executor();
      folder = mkdtempSync(path.join(tmpdir(), 'updraft-marks-'));
    });
    after(async () => {
      executor?.dispose();
      await engine?.remove();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(() => {
      id = `task-${++count}`;
    });

    const at = (name: string) => path.join(folder, `${id}.${name}`);
    const launchOf = async (command: string, more: Partial<Launch> = {}): Promise<Launch> => {
      const { here, there } = await executor.place(id);
      for (const name of ['code', 'outputs']) mkdirSync(path.join(here, name), { recursive: true });
      const variables = { PATH: process.env.PATH!, HERE: folder, TASK: id, ...more.variables };
      return { cwd: path.posix.join(there, 'code'), command, spread: undefined, ...more, variables };
    };
    /** What the next runner has: an executor that knows nothing. */
    const nextRunner = () => {
      executor.dispose();
      executor = engine.executor();
    };
    const submit = async (command: string, more: Partial<Launch> = {}): Promise<Handle> =>
      executor.submit({ id, packages: undefined, note: `note of ${id}\nin two lines` }, await launchOf(command, more), never);
    const endOf = async (handle: Handle): Promise<Omit<Ended, 'id' | 'phase'>> => {
      for await (const news of executor.observe(() => [handle], never)) {
        if (news.phase !== 'ended') continue;
        const { id: _id, phase: _phase, ...end } = news;
        return end;
      }
      throw new Error('There was no news of the end.');
    };
    const outputOf = async (handle: Handle, rank = 0, from = 0): Promise<string> => {
      const pieces: Uint8Array[] = [];
      for await (const piece of executor.logs(handle, rank, from, never)) pieces.push(piece);
      return Buffer.concat(pieces).toString('utf8');
    };
    /** Waits at a gate in a command; `open` lets it through. */
    const gate = (name = 'gate') => `until [ -e "$HERE/$TASK.${name}" ]; do sleep 0.02; done`;
    const open = (name = 'gate') => writeFileSync(at(name), '');
    /** Settles when the files are there. */
    const files = (...names: string[]) =>
      new Promise<void>((resolve) => {
        const watcher = watch(folder, () => look());
        const look = () => {
          if (!names.every((name) => existsSync(at(name)) && readFileSync(at(name)).byteLength)) return;
          watcher.close();
          resolve();
        };
        look();
      });

    it('tells what its compute is like', async () => {
      const facts = await executor.probe(never);
      assert.ok(facts.cores >= 1);
      assert.match(facts.system, /linux|darwin/i);
    });

    it('tells the exit code', async () => {
      for (const [command, code] of [
        ['true', 0],
        ['exit 7', 7],
        ['no-such-program', 127],
      ] as const) {
        id = `task-${++count}`;
        assert.deepEqual(await endOf(await submit(command)), { cause: 'exit', code }, command);
      }
    });

    it('hands on variables to the letter, and no input', async () => {
      const variables = {
        QUOTED: `it's "so" $HOME \\n`,
        LINES: 'a\nb\n',
        EMPTY: '',
        'odd-name.x': 'odd',
        UNICODE: 'ä→',
        NODE: process.execPath,
      };
      const handle = await submit(`cat; "$NODE" -p 'JSON.stringify(process.env)'`, { variables });
      assert.deepEqual(await endOf(handle), { cause: 'exit', code: 0 });
      const seen = JSON.parse(await outputOf(handle));
      for (const [name, value] of Object.entries(variables)) assert.equal(seen[name], value, name);
    });

    it('starts a task once, however often and by whomever it is asked', async () => {
      const command = `echo x >>"$HERE/$TASK.marks"; ${gate()}`;
      const launch = await launchOf(command);
      const task = { id, packages: undefined, note: '' };
      const [first, second] = await Promise.all([executor.submit(task, launch, never), executor.submit(task, launch, never)]);
      assert.deepEqual(second, first);
      nextRunner();
      assert.deepEqual((await executor.submit(task, launch, never)).native, first.native);
      open();
      assert.deepEqual(await endOf(first), { cause: 'exit', code: 0 });
      assert.deepEqual((await executor.submit(task, launch, never)).native, first.native, 'nor after its end');
      assert.equal(readFileSync(at('marks'), 'utf8'), 'x\n');
    });

    it('finds a task whose runner was killed before it could note the handle', async () => {
      const handle = await submit(`${gate()}; exit 6`);
      nextRunner();
      assert.equal(await executor.find('never-started'), undefined);
      const found = (await executor.find(id))!;
      assert.deepEqual(found.native, handle.native);
      assert.equal(found.note, `note of ${id}\nin two lines`);
      assert.ok(Math.abs(found.startedAt - handle.startedAt) < 2000);
      open();
      assert.deepEqual(await endOf(found), { cause: 'exit', code: 6 });
    });

    it('gives the output byte for byte, wherever the reading was cut off', async () => {
      const script = `
        for (let i = 0; i < 300; i++) {
          const piece = Buffer.alloc(1 + ((i * 7919) % 2000), i);
          require('fs').writeSync(1 + (i % 2), piece);
          if (i % 50 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
        }`;
      const handle = await submit(`"$NODE" -e "$SCRIPT"`, { variables: { NODE: process.execPath, SCRIPT: script } });
      const expected = Buffer.concat(Array.from({ length: 300 }, (_each, i) => Buffer.alloc(1 + ((i * 7919) % 2000), i)));
      const taken: Uint8Array[] = [];
      let size = 0;
      // Each reader takes a part of a piece and goes: what it did not take comes again.
      for (let reader = 0; reader < 4; reader++) {
        const cut = new AbortController();
        for await (const piece of executor.logs(handle, 0, size, cut.signal)) {
          const part = piece.subarray(0, 1 + ((reader * 14_999) % piece.byteLength));
          taken.push(part);
          size += part.byteLength;
          cut.abort();
          break;
        }
      }
      for await (const piece of executor.logs(handle, 0, size, never)) taken.push(piece);
      const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
      assert.equal(Buffer.concat(taken).byteLength, expected.byteLength);
      assert.equal(sha(Buffer.concat(taken)), sha(expected));
      assert.deepEqual(await endOf(handle), { cause: 'exit', code: 0 });
    });

    it('shows output while the command runs', async () => {
      const handle = await submit(`echo early; ${gate()}; echo late`);
      const reading = executor.logs(handle, 0, 0, never)[Symbol.asyncIterator]();
      assert.equal(Buffer.from((await reading.next()).value).toString(), 'early\n');
      open();
      assert.equal(Buffer.from((await reading.next()).value).toString(), 'late\n');
      assert.equal((await reading.next()).done, true);
    });

    it('tells of a killed command by its code, and of a killed part only what the command makes of it', async () => {
      // No memory runs out here. A real shortage is tried where the tests may limit it: see memoryShortage.test.ts.
      assert.deepEqual(await endOf(await submit('kill -9 $BASHPID')), { cause: 'exit', code: 137 });
      id = `task-${++count}`;
      assert.deepEqual(await endOf(await submit(`sh -c 'kill -9 $$'; exit 5`)), { cause: 'exit', code: 5 });
    });

    it('asks a command to end before it insists, and says that it was canceled', async () => {
      const handle = await submit(`trap 'echo asked; exit 3' TERM; echo up >"$HERE/$TASK.up"; while :; do sleep 0.02; done`);
      await files('up');
      await executor.stop(handle, 10_000);
      assert.deepEqual(await endOf(handle), { cause: 'canceled', code: 3 });
      assert.match(await outputOf(handle), /^asked$/m);
    });

    it('ends all that a command started, also what has a process group of its own, its parents gone, or no wish to end', async () => {
      const member = `echo $BASHPID >"$HERE/$TASK.$1"; while :; do sleep 0.05; done`;
      const handle = await submit(
        [
          'set -m',
          `(set -- a; ${member}) & (set -- b; trap "" TERM; ${member}) &`,
          // Its parent ends at once: it belongs to the first process of the machine from then on.
          `( (set -- c; trap "" TERM; ${member}) & ) &`,
          `setsid bash -c 'echo $$ >"$HERE/$TASK.d"; trap "" TERM; while :; do sleep 0.05; done' &`,
          'trap "" TERM; wait; wait; wait',
        ].join('\n'),
      );
      await files('a', 'b', 'c', 'd');
      await executor.stop(handle, 300);
      for (const name of ['a', 'b', 'c', 'd'])
        assert.ok(!isThere(Number(readFileSync(at(name), 'utf8'))), `process ${name} is there still`);
      assert.equal((await endOf(handle)).cause, 'canceled');
    });

    it('stops nothing that has ended', async () => {
      const handle = await submit('exit 4');
      assert.deepEqual(await endOf(handle), { cause: 'exit', code: 4 });
      await executor.stop(handle, 100);
      assert.deepEqual(await endOf(handle), { cause: 'exit', code: 4 });
    });

    it('starts nothing when it is canceled before', async () => {
      const launch = await launchOf('echo x >>"$HERE/$TASK.marks"');
      await assert.rejects(executor.submit({ id, packages: undefined, note: '' }, launch, AbortSignal.abort()), { name: 'AbortError' });
      assert.equal(await executor.find(id), undefined);
      assert.ok(!existsSync(at('marks')));
    });

    const ranks = (size: number, more: Partial<Spread> = {}): Spread => ({
      processes: Array.from({ length: size }, (_each, rank) => ({ RANK: String(rank) })),
      awaited: size,
      byMpirun: false,
      ...more,
    });

    it('runs a command as several processes, each with its variables and its output', async () => {
      const handle = await submit(`echo "rank $RANK of it's" 3`, { spread: ranks(3) });
      assert.deepEqual(await endOf(handle), { cause: 'exit', code: 0 });
      for (let rank = 0; rank < 3; rank++) assert.equal(await outputOf(handle, rank), `rank ${rank} of it's 3\n`);
    });

    it('ends all processes when one fails, and says which', async () => {
      const command = `echo $BASHPID >"$HERE/$TASK.$RANK"; if [ $RANK = 1 ]; then ${gate()}; exit 5; fi; while :; do sleep 0.05; done`;
      const handle = await submit(command, { spread: ranks(3) });
      await files('0', '1', '2');
      open();
      assert.deepEqual(await endOf(handle), { cause: 'exit', code: 5, rank: 1 });
      for (const rank of ['0', '2']) assert.ok(!isThere(Number(readFileSync(at(rank), 'utf8'))), `rank ${rank} is there still`);
    });

    it('waits for the workers, and ends those that only serve them', async () => {
      const command = `echo $BASHPID >"$HERE/$TASK.$RANK"; if [ $RANK = 1 ]; then while :; do sleep 0.05; done; fi; ${gate()}`;
      const handle = await submit(command, { spread: ranks(2, { awaited: 1 }) });
      await files('0', '1');
      open();
      assert.deepEqual(await endOf(handle), { cause: 'exit', code: 0 });
      assert.ok(!isThere(Number(readFileSync(at('1'), 'utf8'))), 'the server is there still');
    });

    it('stops a command that runs as several processes', async () => {
      const handle = await submit('echo $BASHPID >"$HERE/$TASK.$RANK"; while :; do sleep 0.05; done', { spread: ranks(2) });
      await files('0', '1');
      await executor.stop(handle, 5000);
      assert.equal((await endOf(handle)).cause, 'canceled');
      for (const rank of ['0', '1']) assert.ok(!isThere(Number(readFileSync(at(rank), 'utf8'))), `rank ${rank} is there still`);
    });

    it('brings code there and outputs back, and leaves nothing when it is told to', async () => {
      const { here, there } = await executor.place(id);
      mkdirSync(path.join(here, 'code'), { recursive: true });
      writeFileSync(path.join(here, 'code', 'data.txt'), 'from here');
      const handle = await submit(`cat data.txt >"${there}/outputs/copy.txt"`);
      assert.deepEqual(await endOf(handle), { cause: 'exit', code: 0 });
      await executor.collect(handle);
      assert.equal(readFileSync(path.join(here, 'outputs/copy.txt'), 'utf8'), 'from here');
      await executor.remove(id);
      assert.equal(await executor.find(id), undefined);
      assert.ok(!existsSync(here) && !existsSync(there));
    });

    if (hasLine)
      it('follows a task on a broken line as soon as it can: no end is made up, no byte is lost or doubled', async () => {
        const [cut, mend] = [engine.cut!, engine.mend!];
        const handle = await submit(`for i in 1 2 3 4 5 6 7 8 9; do echo line $i; ${gate('$i')}; done; exit 7`);
        const news: string[] = [];
        const unknown = Promise.withResolvers<void>();
        const ended = (async () => {
          for await (const each of executor.observe(() => [handle], never)) {
            news.push(each.phase);
            if (each.phase === 'unknown') unknown.resolve();
            if (each.phase === 'ended') return each;
          }
          return undefined;
        })();
        let text = '';
        const read = (async () => {
          for await (const piece of executor.logs(handle, 0, 0, never)) {
            text += Buffer.from(piece).toString();
            const line = text.trimEnd().split('\n').length;
            if (line === 3 || line === 6) await cut();
            open(String(line));
            if (line === 3) await unknown.promise;
            if (line === 3 || line === 6) await mend();
          }
        })();
        assert.deepEqual(await ended, { id, phase: 'ended', cause: 'exit', code: 7 });
        await read;
        assert.equal(text, [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `line ${i}\n`).join(''));
        assert.equal(news.at(-1), 'ended');
      });
  });
}
