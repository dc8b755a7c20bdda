import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'mocha';
import { findPython } from '../../../src/runner/environments/pythonInterpreter.ts';

const code = path.resolve(import.meta.dirname, '../../../src/finetuning/pipeline/code');

describe('a step of a fine-tuning on a full disk', () => {
  let python: string;
  before(async function () {
    if (!existsSync('/dev/full')) return this.skip();
    python = (await findPython(undefined, process.env as Record<string, string>)).path;
  });

  /** Runs a step that does this, with its output where it is said. */
  const step = (work: string, redirected = '') => {
    const program = `import sys\nsys.path.insert(0, ${JSON.stringify(code)})\nfrom said import run\ndef main():\n    ${work}\nrun(main)\n`;
    const words = ['-c', `exec "$0" -B -c "$1" ${redirected}`, python, program];
    return spawnSync('/bin/sh', words, { encoding: 'utf8', env: { ...process.env, MLFLOW_TRACKING_URI: '' } });
  };

  it('ends with one line that says so, whoever finds it out', () => {
    for (const work of [
      'open("/dev/full", "w").write("x" * 100_000)',
      // As safetensors has it.
      'raise Exception("Error while serializing: I/O error: No space left on device (os error 28)")',
      'import errno; raise OSError(errno.EDQUOT, "Disk quota exceeded")',
    ]) {
      const { status, stderr } = step(work);
      assert.equal(status, 1, stderr);
      assert.match(stderr, /^error: The disk is full\. Make room, and submit the job again: [^\n]*\n$/);
    }
    assert.match(step('raise OSError(13, "no")').stderr, /^Traceback/);
  });

  it('ends so where its log is on that disk, too', () => {
    const { status, stderr } = step('print("x" * 100_000, flush=True)', '> /dev/full');
    assert.equal(status, 1);
    assert.match(stderr, /^error: The disk is full[^\n]*\n$/);
    const silent = step('print("x" * 100_000, flush=True)', '> /dev/full 2>&1');
    assert.deepEqual([silent.status, silent.stderr], [1, '']);
  });
});
