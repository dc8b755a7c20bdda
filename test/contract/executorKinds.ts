import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSshServer } from '../../scripts/sshServer.ts';
import type { Executor } from '../../src/runner/executors/executor.ts';
import { ProcessExecutor } from '../../src/runner/executors/process/processExecutor.ts';
import { SshExecutor } from '../../src/runner/executors/ssh/sshExecutor.ts';
import { fewVariables } from './runnerElsewhere.ts';

/** A real engine, on which the contract of executors is tried. */
export interface Engine {
  /** A further executor for it, as the next runner on the same folder would have. */
  executor(): Executor;
  /** Breaks every line to it, until `mend`. Absent where there is none. */
  cut?(): Promise<void>;
  mend?(): Promise<void>;
  remove(): Promise<void>;
}

/** Every kind of executor: whether there is a line that can be cut, and how to start what it needs. */
export const engines: Record<string, { hasLine: boolean; start(): Promise<Engine> }> = {
  process: { hasLine: false, start: startProcesses },
  ssh: { hasLine: true, start: startSsh },
};

async function startProcesses(): Promise<Engine> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-executor-'));
  return {
    executor: () => new ProcessExecutor(path.join(folder, 'jobs')),
    remove: async () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}

async function startSsh(): Promise<Engine> {
  const { host, options, folder, cut, mend, remove } = await startSshServer();
  const target = { host, options, environment: fewVariables(), lookEvery: 50 };
  return {
    // A runner over there has a folder with a space and a quote in its name.
    executor: () => new SshExecutor({ ...target, folder: path.join(folder, 'here'), work: path.join(folder, "it's there") }),
    cut,
    mend,
    remove,
  };
}
