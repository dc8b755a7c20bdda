import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { runTool } from './runTool.ts';

/** Oldest Python that jobs may use. */
const oldest = [3, 9] as const;

export interface Interpreter {
  path: string;
  /** `3.11.7` */
  version: string;
}

/** An interpreter of `wanted` (`3.11`, `3`, or any from 3.9 on); throws `PythonNotFound` and names what there is. */
export async function findPython(
  wanted: string | undefined,
  environment: Record<string, string>,
  signal?: AbortSignal,
): Promise<Interpreter> {
  const seen: Interpreter[] = [];
  for (const candidate of candidates(wanted, environment)) {
    const found = await probe(candidate, environment, signal);
    if (!found || seen.some((each) => each.version === found.version)) continue;
    const [major = 0, minor = 0] = found.version.split('.').map(Number);
    seen.push(found);
    const newEnough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
    if (newEnough && (wanted === undefined || `${found.version}.`.startsWith(`${wanted}.`))) return found;
  }
  const have = seen.length ? `Found: ${seen.map((each) => `${each.version} (${each.path})`).join(', ')}.` : 'None was found at all.';
  throw new UserError(
    'PythonNotFound',
    `The environment asks for Python ${wanted ?? `${oldest.join('.')} or newer`}, which is not on this machine. ${have}`,
    `Install Python ${wanted ?? '3.11'} so that "python${wanted ?? '3'}" is on the PATH, or change the version in the conda file.`,
  );
}

function* candidates(wanted: string | undefined, environment: Record<string, string>): Generator<string> {
  if (wanted) yield `python${wanted}`;
  yield 'python3';
  yield 'python';
  for (const minor of [14, 13, 12, 11, 10, 9]) yield `python3.${minor}`;
  const home = environment.HOME ?? environment.USERPROFILE ?? '';
  for (const folder of [
    path.join(environment.PYENV_ROOT ?? path.join(home, '.pyenv'), 'versions'),
    path.join(home, '.local/share/uv/python'),
  ]) {
    if (existsSync(folder)) for (const name of readdirSync(folder)) yield path.join(folder, name, 'bin', 'python3');
  }
}

async function probe(command: string, environment: Record<string, string>, signal?: AbortSignal): Promise<Interpreter | undefined> {
  const { code, output } = await runTool(
    command,
    ['-c', 'import sys; print(sys.executable); print(".".join(map(str, sys.version_info[:3])))'],
    { environment, ...(signal ? { signal } : {}) },
  );
  const [executable, version] = output.trim().split(/\r?\n/);
  return code === 0 && executable && version ? { path: executable, version } : undefined;
}
