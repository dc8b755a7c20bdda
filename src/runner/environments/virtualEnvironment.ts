import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SharedWork } from '../../base/sharedWork.ts';
import { UserError } from '../../base/userError.ts';
import { sha256Of } from '../../files/hash.ts';
import { isAlive, type ProcessIdentity, processIdentity } from '../../plane/processIdentity.ts';
import { findPython, type Interpreter } from './pythonInterpreter.ts';
import { runTool } from './runTool.ts';

export interface Requirements {
  python: string | undefined;
  packages: string[];
}

export interface BuildOptions {
  /** The runner's folder: environments live in `envs/`, tools in `tools/`. */
  folder: string;
  environment: Record<string, string>;
  signal: AbortSignal;
  onLine: (line: string) => void;
  onProgress: (text: string) => void;
}

/** Environments that are being made in this process, by folder, so that jobs that need the same one wait for it together. */
const making = new SharedWork<string>();

/** What those who wait for an environment are told of its making. */
class Progress {
  private readonly listeners = new Set<Pick<BuildOptions, 'onLine' | 'onProgress'>>();
  private said: string[] = [];
  private now: string | undefined;

  /** Tells what was said so far and what comes, until the answer is called. */
  tell(listener: Pick<BuildOptions, 'onLine' | 'onProgress'>): () => void {
    if (this.listeners.size > 0) {
      listener.onLine('Another job is making the same environment; this one waits for it.');
      for (const line of this.said) listener.onLine(line);
      if (this.now) listener.onProgress(this.now);
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  readonly onLine = (line: string): void => {
    this.said = [...this.said.slice(1 - linesTold), line];
    for (const listener of this.listeners) listener.onLine(line);
  };

  readonly onProgress = (text: string): void => {
    this.now = text;
    for (const listener of this.listeners) listener.onProgress(text);
  };
}

/** Last lines of the making that who comes later is told. */
const linesTold = 50;
const progress = new Map<string, Progress>();

/** The folder of a virtual environment with just these packages, made when there is none. Its name is the hash of what is in it, so all jobs share it. */
export async function virtualEnvironment({ python, packages }: Requirements, options: BuildOptions): Promise<string> {
  const interpreter = await findPython(python, options.environment, options.signal);
  const key = sha256Of(JSON.stringify([interpreter.path, interpreter.version, [...packages].sort()])).slice(0, 20);
  const folder = path.join(options.folder, 'envs', key);
  const ready = readyIn(folder);
  if (ready) {
    options.onLine(`Python ${interpreter.version}, environment ${key} is ready.`);
    return ready;
  }
  if (!making.has(folder)) progress.set(folder, new Progress());
  const told = progress.get(folder)!;
  const leave = told.tell(options);
  try {
    return await making.run(folder, options.signal, async (signal) => {
      try {
        return await make(folder, interpreter, packages, { ...options, signal, onLine: told.onLine, onProgress: told.onProgress });
      } finally {
        if (progress.get(folder) === told) progress.delete(folder);
      }
    });
  } finally {
    leave();
  }
}

/** The finished environment in the folder of its key, which names it in the file `ready`; undefined before there is one. */
function readyIn(folder: string): string | undefined {
  try {
    return path.join(folder, readFileSync(path.join(folder, 'ready'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Makes an environment in a place of its own below `folder`, since one can't be moved, and names it as ready when it is. */
async function make(folder: string, interpreter: Interpreter, packages: string[], options: BuildOptions): Promise<string> {
  const { environment, signal, onLine, onProgress } = options;
  await discardUnfinished(folder);
  await mkdir(folder, { recursive: true });
  const name = randomUUID().slice(0, 8);
  const place = path.join(folder, name);
  const uv = await findUv(interpreter, options);
  onProgress(`Making a Python ${interpreter.version} environment`);
  onLine(`Making a Python ${interpreter.version} environment with ${uv ? 'uv' : 'venv and pip'}.`);
  const bin = path.join(place, process.platform === 'win32' ? 'Scripts' : 'bin');
  const run = (command: string, args: string[]) =>
    runTool(command, args, {
      environment: { ...environment, VIRTUAL_ENV: place, PIP_NO_INPUT: '1' },
      signal,
      onLine,
      onStart: (pid) => writeFileSync(`${place}.installer`, JSON.stringify(processIdentity(pid) ?? {})),
    });
  const made = uv
    ? await run(uv, ['venv', '--no-python-downloads', '--python', interpreter.path, place])
    : await run(interpreter.path, ['-m', 'venv', place]);
  if (made.code !== 0) throw failure('The Python environment could not be made', made.output);
  if (packages.length) {
    onProgress(`Installing ${packages.length} packages: ${packages.slice(0, 4).join(', ')}${packages.length > 4 ? ', …' : ''}`);
    onLine(`Installing ${packages.join(', ')}`);
    const python = path.join(bin, 'python');
    const installed = uv
      ? await run(uv, ['pip', 'install', '--python', python, ...packages])
      : await run(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', ...packages]);
    if (installed.code !== 0) throw failure('The packages could not be installed', installed.output);
  }
  await writeFile(`${place}.ready`, name, { flush: true });
  await rename(`${place}.ready`, path.join(folder, 'ready'));
  return place;
}

/** Removes what a runner left that died over it, and first ends its installer if that still works on. */
async function discardUnfinished(folder: string): Promise<void> {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.endsWith('.installer')) continue;
    try {
      const installer = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as ProcessIdentity;
      if (isAlive(installer)) process.kill(installer.pid, 'SIGKILL');
    } catch {
      // A note that was cut off, or an installer that has ended meanwhile.
    }
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

function failure(what: string, output: string): UserError {
  const tail = output.trim().split(/\r?\n/).slice(-12).join('\n');
  return new UserError('EnvironmentFailed', `${what}:\n${tail}`, 'Check the names and versions in the conda file.');
}

/** uv on the PATH, or from PyPI into our own folder; undefined when it can't be had, then venv and pip do. */
async function findUv(
  interpreter: Interpreter,
  { folder, environment, signal, onProgress, onLine }: BuildOptions,
): Promise<string | undefined> {
  if ((await runTool('uv', ['--version'], { environment, signal })).code === 0) return 'uv';
  const target = path.join(folder, 'tools', 'uv');
  const own = path.join(target, 'bin', process.platform === 'win32' ? 'uv.exe' : 'uv');
  if (existsSync(own)) return own;
  onProgress('Getting uv');
  // Half of it is never taken for the whole.
  const unfinished = `${target}-${randomUUID().slice(0, 8)}`;
  const { code } = await runTool(
    interpreter.path,
    ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '--target', unfinished, 'uv'],
    { environment, signal, onLine },
  );
  if (code === 0 && !existsSync(own)) {
    await rm(target, { recursive: true, force: true });
    await rename(unfinished, target);
  } else await rm(unfinished, { recursive: true, force: true });
  return existsSync(own) ? own : undefined;
}
