import { spawn } from 'node:child_process';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
/** The built command line, which `npm test` bundles first. */
export const bundle = path.join(root, 'dist/updraft.mjs');

/** What a finished process left. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
}

/** Runs a program to its end, however that is. */
export function runProcess(program: string, args: string[], { cwd = root, env = process.env }: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** `updraft ARGS` as a process of its own, on the data folder `home`. */
export const updraft = (home: string, args: string[], { cwd, env }: RunOptions = {}): Promise<Finished> =>
  runProcess(process.execPath, [bundle, ...args], {
    ...(cwd ? { cwd } : {}),
    env: { ...process.env, UPDRAFT_HOME: home, UPDRAFT_CONFIG: path.join(home, 'config'), ...env },
  });
