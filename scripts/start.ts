/** `npm start`: builds when something has changed, then runs the example pipeline on the embedded control plane and follows it. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureBuilt } from './ensureBuilt.ts';

const root = path.resolve(import.meta.dirname, '..');
const example = ['dist/updraft.mjs', 'example', '--file', 'examples/digits/pipeline.yml'];
process.exitCode = ensureBuilt(false) || (spawnSync(process.execPath, example, { cwd: root, stdio: 'inherit' }).status ?? 1);
