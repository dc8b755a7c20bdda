import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SharedWork } from '../../base/sharedWork.ts';
import { plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { sha256Of } from '../../files/hash.ts';
import { isAlive, type ProcessIdentity, processIdentity } from '../../plane/processIdentity.ts';
import { packageOf } from '../../spec/pipLine.ts';
import { notePackages } from './installedPackages.ts';
import { InstallProgress } from './installProgress.ts';
import { layerOf, writeProgramsOf } from './jobPython.ts';
import { layerScript } from './layerScript.ts';
import { onFirstPython } from './onFirstPython.ts';
import { findPython, type Interpreter } from './pythonInterpreter.ts';
import { runTool } from './runTool.ts';
import { prefersProcessorTorch, processorTorch } from './torchBuild.ts';
import { bringByUv, findUv, ownPythons } from './uv.ts';

export interface Requirements {
  /** What it asks of Python's version; undefined when any will do. */
  python: string | undefined;
  /** Lines of a requirements file. What they name beside packages lies on the plane: `azureml://…`. */
  packages: string[];
}

export interface BuildOptions {
  /** The runner's folder: environments live in `envs/`, tools in `tools/`. */
  folder: string;
  environment: Record<string, string>;
  signal: AbortSignal;
  onLine: (line: string) => void;
  onProgress: (text: string) => void;
  /** Brings what is behind an address on the plane to a path. */
  fetchFiles: (uri: string, target: string) => Promise<void>;
}

/** What conda brings with every Python, and an environment here has too. Later setuptools have no pkg_resources, which older packages import. */
const seeds: Record<string, string> = { pip: 'pip', setuptools: 'setuptools<81', wheel: 'wheel' };

/** Where in an environment the files and folders lie that its packages are installed from. */
const filesFolder = 'updraft-files';

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

/**
 * The folder of a virtual environment with these packages, pip, setuptools and wheel, made when there is none. Its name is the hash of what is in it, so all
 * jobs share it, and none may change it: what a job installs goes to a layer of its own (`jobPython.ts`).
 */
export async function virtualEnvironment({ python, packages }: Requirements, options: BuildOptions): Promise<string> {
  const interpreter = await findPython(python, options.environment, options.signal, {
    own: ownPythons(options.folder),
    bring: bringByUv(options),
  });
  if (python !== undefined && /^\d+\.\d+\.\d+$/.test(python) && python !== interpreter.version)
    options.onLine(`The environment asks for Python ${python}. Here it is ${interpreter.version}.`);
  const isForProcessor = prefersProcessorTorch({ packages, environment: options.environment });
  const what = [interpreter.path, interpreter.version, seeds, [...packages].sort(), ...(isForProcessor ? ['processor'] : [])];
  const key = sha256Of(JSON.stringify(what)).slice(0, 20);
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
        const build = { ...options, signal, onLine: told.onLine, onProgress: told.onProgress };
        const variables = isForProcessor ? await processorTorch(build.onLine) : {};
        return await make(folder, interpreter, packages, { ...build, environment: { ...build.environment, ...variables } });
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
async function make(folder: string, interpreter: Interpreter, packages: string[], build: BuildOptions): Promise<string> {
  const { environment, signal, onLine, onProgress } = build;
  await discardUnfinished(folder);
  await mkdir(folder, { recursive: true });
  const name = randomUUID().slice(0, 8);
  const place = path.join(folder, name);
  const uv = await findUv(build);
  onProgress(`Making a Python ${interpreter.version} environment`);
  onLine(`Making a Python ${interpreter.version} environment with ${uv ? 'uv' : 'venv and pip'}.`);
  const bin = path.join(place, process.platform === 'win32' ? 'Scripts' : 'bin');
  const python = path.join(bin, 'python');
  const run = (command: string, args: string[], heard: (line: string) => void = () => {}) =>
    runTool(command, args, {
      environment: { ...environment, VIRTUAL_ENV: place, PIP_NO_INPUT: '1' },
      signal,
      onLine: (line) => {
        onLine(line);
        heard(line);
      },
      onStart: (pid) => writeFileSync(`${place}.installer`, JSON.stringify(processIdentity(pid) ?? {})),
    });
  // As pip does, uv is to take the best version of all indexes, not that of the first index which has the package.
  const install = (args: string[], heard?: (line: string) => void) =>
    uv
      ? run(uv, ['pip', 'install', '--python', python, '--index-strategy', 'unsafe-best-match', ...args], heard)
      : run(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', ...args], heard);
  const made = uv
    ? await run(uv, ['venv', '--quiet', '--no-python-downloads', '--python', interpreter.path, place])
    : await run(interpreter.path, ['-m', 'venv', place]);
  if (made.code !== 0) throw failure('The Python environment could not be made', made.output);
  const named = new Set(packages.map(packageOf));
  const unnamed = Object.entries(seeds).flatMap(([name, requirement]) => (named.has(name) ? [] : [requirement]));
  if (unnamed.length && (await install(unnamed)).code !== 0) {
    onLine("pip, setuptools and wheel could not be got. Python's own copy of pip is taken.");
    await run(python, ['-m', 'ensurepip', '--default-pip']);
  }
  if (packages.length) {
    onProgress(`Installing ${plural(packages.length, 'package')}: ${packages.slice(0, 4).join(', ')}${packages.length > 4 ? ', …' : ''}`);
    onLine(`Installing ${packages.join(', ')}`);
    const lines = await withFiles(packages, path.join(place, filesFolder), build);
    const file = `${place}.requirements.txt`;
    await writeFile(file, lines.map((line) => `${line}\n`).join(''));
    // uv passes these over in a file.
    const options = uv ? lines.filter((line) => /^--(?:pre|trusted-host)\b/.test(line)).flatMap((line) => line.split(/[\s=]+/)) : [];
    const progress = new InstallProgress(packages.length);
    const installed = await install([...options, '-r', file], (line) => {
      const text = progress.read(line);
      if (text !== undefined) onProgress(text);
    });
    if (installed.code !== 0) throw failure('The packages could not be installed', installed.output);
  }
  await onFirstPython(bin);
  const layered = await run(python, ['-c', layerScript, layerOf(place), place]);
  if (layered.code !== 0) throw failure('The Python environment could not be got ready for jobs', layered.output);
  writeProgramsOf(place);
  await notePackages(place, { uv, python, version: interpreter.version, variables: { ...environment, VIRTUAL_ENV: place }, signal });
  await writeFile(`${place}.ready`, name, { flush: true });
  await rename(`${place}.ready`, path.join(folder, 'ready'));
  return place;
}

/** The lines with paths in place of addresses. What they lead to is brought below `folder` and stays there, for packages that are editable. */
async function withFiles(lines: string[], folder: string, { fetchFiles }: BuildOptions): Promise<string[]> {
  const result: string[] = [];
  for (const [index, line] of lines.entries()) {
    const address = /azureml:\/\/[^\s[\];]+/.exec(line)?.[0];
    if (address === undefined) {
      result.push(line);
      continue;
    }
    const uri = decodeURI(address);
    // Installers take a blank for the end of a path.
    const target = path.join(folder, String(index), path.posix.basename(uri.replace(/\/+$/, '')).replace(/\s/g, '_'));
    await mkdir(path.dirname(target), { recursive: true });
    await fetchFiles(uri, target);
    result.push(line.replace(address, target));
  }
  return result;
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
