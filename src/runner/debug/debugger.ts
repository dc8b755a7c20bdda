import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { runTool } from '../environments/runTool.ts';
import { findUv } from '../environments/uv.ts';
import type { BuildOptions } from '../environments/virtualEnvironment.ts';

const requirement = 'debugpy>=1.8,<2';

/** A Python that is to be debugged. */
export interface DebuggedPython {
  executable: string;
  /** Major and minor. */
  version: readonly [number, number];
  /** The folder of a debugpy that its environment brings. */
  debugpy: string | undefined;
}

/**
 * The folder of debugpy's adapter for a Python: that of the environment itself where it has one, else one of our own beside all environments, got from PyPI once for each
 * version of Python. Nothing is installed into the environment.
 */
export async function debugAdapter(python: DebuggedPython, options: BuildOptions): Promise<string> {
  const version = python.version.join('.');
  const [major, minor] = python.version;
  if (major < 3 || (major === 3 && minor < 8))
    throw new UserError(
      'PythonNotFound',
      `The step runs on Python ${version}, but debugpy needs Python 3.8 or newer.`,
      'Ask for a newer Python in the conda file and submit the job again.',
    );
  if (python.debugpy) return path.join(python.debugpy, 'adapter');
  const folder = path.join(options.folder, 'tools', 'debugpy', version);
  const adapter = path.join(folder, 'debugpy', 'adapter');
  if (existsSync(adapter)) return adapter;
  options.onProgress('Getting debugpy');
  // Half of it is never taken for the whole.
  const unfinished = `${folder}-${randomUUID().slice(0, 8)}`;
  await mkdir(path.dirname(folder), { recursive: true });
  try {
    const { code, output } = await install(python.executable, unfinished, options);
    if (code !== 0) throw notGot(output, version, folder);
    // Another one may have been faster.
    await rename(unfinished, folder).catch((error) => {
      if (!existsSync(adapter)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return adapter;
}

/** With the environment's own pip, and with uv where it has none. */
async function install(python: string, target: string, options: BuildOptions) {
  const { environment, signal, onLine } = options;
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--quiet', '--target', target, requirement];
  const byPip = await runTool(python, pip, { environment: { ...environment, PIP_ROOT_USER_ACTION: 'ignore' }, signal, onLine });
  if (!/No module named pip/.test(byPip.output)) return byPip;
  const uv = await findUv(options);
  if (!uv) return byPip;
  return runTool(uv, ['pip', 'install', '--python', python, '--target', target, requirement], { environment, signal, onLine });
}

function notGot(output: string, version: string, folder: string): UserError {
  const lines = output
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line && !/^(?:warning|\[notice\])/i.test(line));
  return new UserError(
    'EnvironmentFailed',
    `The debugger, the package debugpy, is not on this machine and could not be got from PyPI: ${lines.at(-1) ?? 'the installer said nothing.'}`,
    [
      `Let this machine reach PyPI, or set PIP_INDEX_URL to an index that has debugpy. Or install it on a machine with the same system and Python ${version}:`,
      `python -m pip install --target debugpy-files "${requirement}", and copy that folder to ${folder}.`,
    ].join(' '),
  );
}
