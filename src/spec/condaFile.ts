import { parse } from 'yaml';
import { UserError } from '../base/userError.ts';
import { parseCommon } from './commonYaml.ts';
import { plainValue } from './plainValue.ts';
import { pythonWish } from './pythonVersion.ts';

/** What a conda file asks for, in pip's words. */
export interface CondaRequirements {
  /** What it asks of Python's version, such as `3.11` or `>=3.8,<3.12`; undefined when any will do. */
  python: string | undefined;
  /** Lines as in a requirements file, pip's options among them. */
  pip: string[];
  /** conda packages that pip installs under the same (or a known other) name. */
  translated: string[];
}

/** conda names whose package on PyPI is called otherwise. */
const pypiName: Record<string, string> = {
  pytorch: 'torch',
  'pytorch-cpu': 'torch',
  'matplotlib-base': 'matplotlib',
  opencv: 'opencv-python',
  'py-xgboost': 'xgboost',
};
/** What pip can't and need not install. */
const dropped = new Set(['cudatoolkit', 'pytorch-cuda', 'gcc', 'gxx']);
/** What every environment has, in whatever version: only a version is a wish. */
const always = new Set(['pip', 'setuptools', 'wheel']);

/** Reads a conda file's text; throws `UserError` when it is none. `name=1.2` means `1.2.*`, as in conda. */
export function parseCondaFile(text: string): CondaRequirements {
  let file: unknown;
  try {
    const common = parseCommon(text);
    file = common === undefined ? parse(text) : plainValue(common, (node) => node);
  } catch (error) {
    throw new UserError('EnvironmentFailed', `The conda file is not valid YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  const dependencies = (file as { dependencies?: unknown })?.dependencies ?? [];
  if (!Array.isArray(dependencies))
    throw new UserError(
      'EnvironmentFailed',
      'The conda file has no list "dependencies".',
      'Add one, for example "dependencies: [python=3.11, pip, {pip: [numpy]}]".',
    );
  const result: CondaRequirements = { python: undefined, pip: [], translated: [] };
  for (const entry of dependencies) {
    if (typeof entry === 'object' && entry !== null && 'pip' in entry) {
      const lines: unknown[] = [entry.pip ?? []].flat();
      result.pip.push(...lines.map((line) => String(line).trim()));
    } else addConda(result, String(entry).trim());
  }
  return result;
}

/** Adds a conda package as it stands in `dependencies` or behind `conda install`. */
export function addConda(result: Pick<CondaRequirements, 'python' | 'translated'>, entry: string): void {
  const match = /^(?:[\w./-]+::)?([A-Za-z0-9_.-]+)\s*(==|>=|<=|=|>|<|~=|!=)?\s*(.*)$/.exec(entry);
  if (!match) throw new UserError('EnvironmentFailed', `The conda file's dependency "${entry}" can't be read.`);
  const [, given, operator, version] = match as unknown as [string, string, string | undefined, string];
  const name = given.toLowerCase();
  if (name === 'python') {
    result.python = version ? versionOfPython(`${operator ?? ''}${version}`, entry) : undefined;
    return;
  }
  if (dropped.has(name) || (always.has(name) && !version)) return;
  const pip = pypiName[name] ?? given;
  // Behind the version may stand a build.
  const wanted = version.split(/[=\s]/)[0]!;
  const isExact = operator === '=' || operator === undefined;
  result.translated.push(
    !wanted ? pip : isExact ? `${pip}==${/[*]/.test(wanted) ? wanted : `${wanted}.*`}` : `${pip}${operator}${version}`,
  );
}

function versionOfPython(text: string, entry: string): string {
  const wish = pythonWish(text);
  if (!wish)
    throw new UserError(
      'EnvironmentFailed',
      `The version of Python in "${entry}" can't be read.`,
      'Write it as python=3.11 or python>=3.8,<3.12.',
    );
  return wish.text.replace(/^==?\s*/, '');
}
