/** `npm run package`: builds and makes `updraft-VERSION.vsix`, which "Install from VSIX…" takes. `--as-built FILE`: makes FILE of what was built before. */
import { spawnSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import manifest from '../package.json' with { type: 'json' };

const root = path.resolve(import.meta.dirname, '..');
const { 'as-built': asBuilt } = parseArgs({ options: { 'as-built': { type: 'string' } } }).values;
const target = asBuilt ?? path.join(root, `updraft-${manifest.version}.vsix`);

if (!asBuilt) {
  const built = spawnSync(process.execPath, [path.join(root, 'scripts/build.ts')], { stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
}

// Everything is bundled: nothing of node_modules goes along.
await createVSIX({ cwd: root, packagePath: target, dependencies: false, allowMissingRepository: true, rewriteRelativeLinks: false });
console.log(`${path.basename(target)}: ${((await stat(target)).size / 1e6).toFixed(2)} MB`);
