/** `npm run -s updraft -- ARGS`: the command from this checkout, built first when the sources are newer. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureBuilt } from './ensureBuilt.ts';

const bundle = path.resolve(import.meta.dirname, '../dist/updraft.mjs');
const built = ensureBuilt(true);
if (built !== 0) process.exit(built);
// npm starts scripts in the checkout; paths on the command line are meant from where the person is.
const cwd = process.env.INIT_CWD ?? process.cwd();
const run = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], { stdio: 'inherit', cwd });
process.exit(run.status ?? 1);
