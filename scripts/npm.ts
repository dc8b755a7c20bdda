import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runCommand } from './runCommand.ts';

/**
 * Runs npm under the Node that runs this script, whatever Node the machine's own npm would take: native modules are then
 * built for it. `node` is first on the path of npm's children for the same reason.
 */
export function runNpm(args: string[], cwd: string): Promise<string> {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return runCommand(process.execPath, [npmEntry(), ...args], { cwd, env: { ...process.env, PATH: path } });
}

function npmEntry(): string {
  const candidates: string[] = [];
  if (process.env.npm_execpath?.endsWith('npm-cli.js')) candidates.push(process.env.npm_execpath);
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    candidates.push(join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'));
    const link = join(folder, 'npm');
    if (!existsSync(link)) continue;
    const target = realpathSync(link);
    candidates.push(target, join(dirname(target), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'));
  }
  const found = candidates.find((file) => file.endsWith('npm-cli.js') && existsSync(file));
  if (!found) throw new Error('npm was not found. Install Node.js with npm and make sure that `npm` is on the PATH.');
  return found;
}
