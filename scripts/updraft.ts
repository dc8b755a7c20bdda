/** `npm run -s updraft -- ARGS`: the command from this checkout, built first when the sources are newer. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const bundle = path.join(root, 'dist/updraft.mjs');
const newest = () =>
  Math.max(...globSync(['src/**/*.ts', 'package.json'], { cwd: root }).map((file) => statSync(path.join(root, file)).mtimeMs));
if (!existsSync(bundle) || statSync(bundle).mtimeMs < newest()) {
  const built = spawnSync(process.execPath, [path.join(root, 'scripts/build.ts'), '--quiet'], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
// npm starts scripts in the checkout; paths on the command line are meant from where the person is.
const cwd = process.env.INIT_CWD ?? process.cwd();
const run = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], { stdio: 'inherit', cwd });
process.exit(run.status ?? 1);
