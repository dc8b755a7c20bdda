import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../scripts/runCommand.ts';
import { type Benchmark, figure } from './figure.ts';

const root = path.resolve(import.meta.dirname, '..');

/** The bundle with every part that it imports outright; what `import()` brings is read when it is first used. */
function readAtActivation(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, part] of readFileSync(path.join(root, 'dist', file), 'utf8').matchAll(/\b(?:from|import)\s*"\.\/([\w.-]+\.mjs)"/g))
    readAtActivation(part!, seen);
  return seen;
}

export const benchmark: Benchmark = {
  name: 'extension',
  what: 'what of the extension is read at activation and what is shipped',
  async run() {
    await runCommand(process.execPath, [path.join(root, 'scripts/package.ts')]);
    const size = (file: string) => statSync(path.join(root, file)).size;
    const [vsix] = globSync('*.vsix', { cwd: root });
    const sum = [...readAtActivation('extension.mjs')].reduce((total, file) => total + size(`dist/${file}`), 0);
    return [
      figure('main bundle with what it imports at once', [sum / 1e3], 'kB', { atMost: 400 }),
      figure('VSIX', [size(vsix!) / 1e6], 'MB', { atMost: 6 }),
    ];
  },
};
