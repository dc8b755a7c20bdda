/** `npm start`: builds, then runs the example pipeline on the embedded control plane and follows it. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const run = (args: string[]) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

const built = run(['scripts/build.ts']);
process.exitCode = built || run(['dist/updraft.mjs', 'example', '--file', 'examples/digits/pipeline.yml']);
