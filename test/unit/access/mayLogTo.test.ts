import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { mayLogTo, mayWriteRun } from '../../../src/access/may.ts';
import type { Principal } from '../../../src/protocol/principal.ts';

describe('what a step may log to', () => {
  const parents: Record<string, string | null> = { pipeline: null, step: 'pipeline', sibling: 'pipeline', trial: 'step', other: null };
  const step = { kind: 'job', job: 'step', workspace: 'local' } as Principal;
  const run = (name: string) => ({ name, parent: parents[name]! });
  const parentOf = async (name: string) => parents[name];

  it('is its own run, those below it, and those above it', async () => {
    for (const name of ['step', 'trial', 'pipeline']) assert.ok(await mayLogTo(step, run(name), parentOf), name);
    for (const name of ['sibling', 'other']) assert.ok(!(await mayLogTo(step, run(name), parentOf)), name);
  });

  it('is more than what it may change', async () => {
    assert.ok(!(await mayWriteRun(step, run('pipeline'), parentOf)));
  });
});
