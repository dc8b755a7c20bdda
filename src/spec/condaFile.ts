import { parse } from 'yaml';
import { UserError } from '../base/userError.ts';

/** What a conda file asks for, in pip's words. */
export interface CondaRequirements {
  /** `3.11` of `python=3.11`; undefined when any will do. */
  python: string | undefined;
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
/** What a virtual environment brings along, or what pip can't and need not install. */
const dropped = new Set(['pip', 'setuptools', 'wheel', 'cudatoolkit', 'pytorch-cuda', 'gcc', 'gxx']);

/** Reads a conda file's text; throws `UserError` when it is none. `name=1.2` means `1.2.*`, as in conda. */
export function parseCondaFile(text: string): CondaRequirements {
  let file: unknown;
  try {
    file = parse(text);
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
    if (typeof entry === 'object' && entry !== null && Array.isArray((entry as { pip?: unknown }).pip)) {
      result.pip.push(...(entry as { pip: unknown[] }).pip.map(String));
      continue;
    }
    const match = /^(?:[\w.-]+::)?([A-Za-z0-9_.-]+)\s*(==|>=|<=|=|>|<|~=|!=)?\s*(.*)$/.exec(String(entry).trim());
    if (!match) throw new UserError('EnvironmentFailed', `The conda file's dependency "${entry}" can't be read.`);
    const [, name, operator, version] = match as unknown as [string, string, string | undefined, string];
    if (name.toLowerCase() === 'python') {
      result.python = operator && operator !== '!=' ? /^\d+(?:\.\d+)?/.exec(version)?.[0] : undefined;
      continue;
    }
    if (dropped.has(name.toLowerCase())) continue;
    const pip = pypiName[name.toLowerCase()] ?? name;
    const wanted = version.split('=')[0]!;
    result.translated.push(
      !operator || !wanted
        ? pip
        : operator === '='
          ? `${pip}==${/[*]/.test(wanted) ? wanted : `${wanted}.*`}`
          : `${pip}${operator}${version}`,
    );
  }
  return result;
}
