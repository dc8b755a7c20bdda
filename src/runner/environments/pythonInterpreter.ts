import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { isTooOld, oldestPython, type PythonWish, pythonWish } from '../../spec/pythonVersion.ts';
import { runTool } from './runTool.ts';

export interface Interpreter {
  path: string;
  /** `3.11.7` */
  version: string;
}

/** Where `bring` may get an interpreter that is not here: answers its path, or undefined and why in `said`. */
export type BringPython = (wish: PythonWish) => Promise<{ path: string | undefined; said: string }>;

/** What is taken when any Python will do: one that the tools of today still support. */
const preferred = pythonWish('>=3.9')!;
const oldest = pythonWish(`>=${oldestPython}`)!;
/** Minor versions that are looked for by name. */
const knownMinors = [14, 13, 12, 11, 10, 9, 8, 7];

/**
 * An interpreter that suits `wanted` (`3.11`, `>=3.8,<3.12`, or any): one of this machine if there is one, else what `bring` gets. `own` is a folder with
 * further ones. Throws `PythonNotFound` and names what there is.
 */
export async function findPython(
  wanted: string | undefined,
  environment: Record<string, string>,
  signal?: AbortSignal,
  { own, bring }: { own?: string; bring?: BringPython } = {},
): Promise<Interpreter> {
  const wish = wanted === undefined ? preferred : pythonWish(wanted);
  if (!wish) throw new UserError('EnvironmentFailed', `"${wanted}" is no version of Python.`, 'Write it as 3.11 or >=3.8,<3.12.');
  if (wanted !== undefined && isTooOld(wanted))
    throw new UserError(
      'PythonNotFound',
      `The environment asks for Python ${wanted}, but environments are made from Python ${oldestPython} on.`,
      'Change the version in the conda file.',
    );
  const suits = ({ version }: Interpreter) => wish.accepts(version) && oldest.accepts(version);
  const seen: Interpreter[] = [];
  for await (const found of interpreters(wish, environment, own, signal)) {
    if (suits(found)) return found;
    seen.push(found);
  }
  const brought = await bring?.(wish);
  const found = brought?.path === undefined ? undefined : await probe(brought.path, environment, signal);
  if (found && suits(found)) return found;
  const have = seen.length ? `Found: ${seen.map((each) => `${each.version} (${each.path})`).join(', ')}.` : 'None was found at all.';
  const newest = wish.minors.find((minor) => knownMinors.includes(minor)) ?? wish.minors[0]!;
  const install = wanted === undefined ? '3.11' : `3.${newest}`;
  throw new UserError(
    'PythonNotFound',
    [
      `The environment asks for Python ${wanted ?? '3.9 or newer'}, which is not on this machine. ${have}`,
      ...(brought ? [`uv could not bring it: ${brought.said}`] : []),
    ].join('\n'),
    [
      `Install Python ${install} so that "python${wanted === undefined ? '3' : install}" is on the PATH, or with pyenv`,
      ...(brought ? ['; or let this machine reach github.com, from where uv gets it, or a mirror of it (UV_PYTHON_INSTALL_MIRROR)'] : []),
      '; or change the version in the conda file.',
    ].join(''),
  );
}

/** Interpreters of this machine, each version once, those first that are likelier to suit. */
export async function* interpreters(
  wish: PythonWish,
  environment: Record<string, string>,
  own?: string,
  signal?: AbortSignal,
): AsyncGenerator<Interpreter> {
  const seen = new Set<string>();
  for (const candidate of candidates(wish, environment, own)) {
    const found = await probe(candidate, environment, signal);
    if (!found || seen.has(found.version)) continue;
    seen.add(found.version);
    yield found;
  }
}

function* candidates(wish: PythonWish, environment: Record<string, string>, own: string | undefined): Generator<string> {
  const home = environment.HOME ?? environment.USERPROFILE ?? '';
  const folders = [
    path.join(environment.PYENV_ROOT ?? path.join(home, '.pyenv'), 'versions'),
    path.join(home, '.local/share/uv/python'),
    ...(own ? [own] : []),
  ];
  const installed = folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : []));
  const suits = (folder: string) => {
    const version = /\d+\.\d+\.\d+/.exec(path.basename(folder))?.[0];
    return version !== undefined && wish.accepts(version);
  };
  const byName = knownMinors.filter((minor) => wish.minors.includes(minor)).map((minor) => `python3.${minor}`);
  const isRange = byName.length > 1;
  const inFolder = (folder: string) => path.join(folder, 'bin', 'python3');
  // Of a range, the machine's usual one.
  if (isRange) yield* ['python3', 'python'];
  yield* byName;
  yield* installed.filter(suits).map(inFolder);
  if (!isRange) yield* ['python3', 'python'];
  for (const minor of knownMinors) if (!wish.minors.includes(minor)) yield `python3.${minor}`;
  yield* installed.filter((folder) => !suits(folder)).map(inFolder);
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
