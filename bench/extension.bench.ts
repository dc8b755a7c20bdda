import { globSync, statSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../scripts/runCommand.ts';
import { type Benchmark, figure } from './figure.ts';

const root = path.resolve(import.meta.dirname, '..');

export const benchmark: Benchmark = {
  name: 'extension',
  what: 'what of the extension is read at activation and what is shipped',
  async run() {
    await runCommand(process.execPath, [path.join(root, 'scripts/package.ts')]);
    const size = (file: string) => statSync(path.join(root, file)).size;
    const [vsix] = globSync('*.vsix', { cwd: root });
    return [
      figure('main bundle', [size('dist/extension.mjs') / 1e3], 'kB', { atMost: 400 }),
      figure('VSIX', [size(vsix!) / 1e6], 'MB', { atMost: 6 }),
    ];
  },
};
