import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { SharedWork } from '../../base/sharedWork.ts';
import { pythonWish } from '../../spec/pythonVersion.ts';
import type { BringPython } from './pythonInterpreter.ts';
import { interpreters } from './pythonInterpreter.ts';
import { runTool } from './runTool.ts';
import type { BuildOptions } from './virtualEnvironment.ts';

/** The Pythons that uv itself is for. It has an environment of its own, whatever Python a job asks for. */
const forUvItself = pythonWish('>=3.8')!;
const getting = new SharedWork<string | undefined>();

/** Where interpreters lie that uv brought. */
export const ownPythons = (folder: string): string => path.join(folder, 'tools', 'python');

/** uv on the PATH, or from PyPI into our own folder; undefined when it can't be had, then venv and pip do. */
export async function findUv({ folder, environment, signal, onProgress, onLine }: BuildOptions): Promise<string | undefined> {
  if ((await runTool('uv', ['--version'], { environment, signal })).code === 0) return 'uv';
  const target = path.join(folder, 'tools', 'uv');
  const own = path.join(target, 'bin', process.platform === 'win32' ? 'uv.exe' : 'uv');
  if (existsSync(own)) return own;
  return getting.run(own, signal, async (stop) => {
    for await (const interpreter of interpreters(forUvItself, environment, ownPythons(folder), stop)) {
      if (!forUvItself.accepts(interpreter.version)) continue;
      onProgress('Getting uv');
      // Half of it is never taken for the whole.
      const unfinished = `${target}-${randomUUID().slice(0, 8)}`;
      const { code } = await runTool(
        interpreter.path,
        ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '--target', unfinished, 'uv'],
        { environment: { ...environment, PIP_ROOT_USER_ACTION: 'ignore' }, signal: stop, onLine },
      );
      if (code === 0 && !existsSync(own)) {
        await rm(target, { recursive: true, force: true });
        await rename(unfinished, target);
      } else await rm(unfinished, { recursive: true, force: true });
      break;
    }
    return existsSync(own) ? own : undefined;
  });
}

/** Lets uv download an interpreter into the runner's own folder. */
export const bringByUv =
  (options: BuildOptions): BringPython =>
  async (wish) => {
    const uv = await findUv(options);
    if (!uv) return { path: undefined, said: 'uv itself is not on the PATH and could not be got from PyPI.' };
    const place = ownPythons(options.folder);
    await mkdir(place, { recursive: true });
    options.onProgress(`Getting Python ${wish.text}`);
    options.onLine(`Python ${wish.text} is not on this machine: uv gets it.`);
    const environment = { ...options.environment, UV_PYTHON_INSTALL_DIR: place, UV_PYTHON_INSTALL_BIN: '0' };
    const run = (args: string[]) => runTool(uv, args, { environment, signal: options.signal });
    const installed = await run(['python', 'install', wish.forUv]);
    if (installed.code !== 0) return { path: undefined, said: reasonIn(installed.output) };
    const found = await run(['python', 'find', '--no-project', '--managed-python', wish.forUv]);
    const path = found.output.trim().split(/\r?\n/).at(-1);
    return found.code === 0 && path ? { path, said: '' } : { path: undefined, said: reasonIn(found.output) };
  };

/** The lines of an error and its causes as one. */
const reasonIn = (output: string): string =>
  output
    .trim()
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^(?:error|cause|Caused by):\s*/i, ''))
    .filter((line) => line && !/^(?:hint|Searching|warning)/i.test(line))
    .slice(-6)
    .join(': ');
