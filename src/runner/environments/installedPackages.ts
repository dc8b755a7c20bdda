import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runTool } from './runTool.ts';

const fileIn = (environment: string): string => path.join(environment, 'updraft-packages.txt');

/** The file with the packages that a virtual environment of ours has; undefined where they could not be listed. */
export function packagesFileOf(environment: string): string | undefined {
  const file = fileIn(environment);
  return existsSync(file) ? file : undefined;
}

/** Notes which packages were installed, as lines of a requirements file. It is done once, when the environment is made; one that can't be listed is as good. */
export async function notePackages(
  environment: string,
  {
    uv,
    python,
    version,
    variables,
    signal,
  }: { uv: string | undefined; python: string; version: string; variables: Record<string, string>; signal: AbortSignal },
): Promise<void> {
  const [tool, args] = uv
    ? [uv, ['pip', 'freeze', '--python', python]]
    : [python, ['-m', 'pip', 'freeze', '--all', '--disable-pip-version-check']];
  const { code, output } = await runTool(tool, args, { environment: variables, signal });
  if (code !== 0) return;
  // Tools say other things too.
  const lines = output.split(/\r?\n/).filter((line) => /^(?:[\w.-]+(?:==|===| @ )|-e )\S/.test(line));
  await writeFile(fileIn(environment), [`# Python ${version}`, ...lines, ''].join('\n'));
}
