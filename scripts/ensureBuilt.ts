import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
/** What the bundles are made from; the last one stands for the packages of `node_modules`. */
const sources = ['src/**/*', 'webview/**/*', 'scripts/build.ts', 'scripts/docs.ts', 'package.json', 'package-lock.json'];

/** Bundles what is in `dist/` when a source is newer; answers the exit code. */
export function ensureBuilt(quiet: boolean): number {
  // Written last by a build.
  const last = path.join(root, 'dist/ThirdPartyNotices.txt');
  const newest = () => Math.max(...globSync(sources, { cwd: root }).map((file) => statSync(path.join(root, file)).mtimeMs));
  if (existsSync(last) && statSync(last).mtimeMs >= newest()) return 0;
  const args = [path.join(root, 'scripts/build.ts'), ...(quiet ? ['--quiet'] : [])];
  return spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1;
}
