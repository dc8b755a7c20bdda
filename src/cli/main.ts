import path from 'node:path';
import { cacheFolderOf } from '../plane/cacheFolder.ts';
import { keepCompiled } from '../tuning/compileCache.ts';

/** The program `updraft`: what has to happen before the rest of it is loaded. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `error: Updraft needs Node 22.13 or newer; this is ${process.versions.node}. From a checkout, "npm run -s updraft -- …" brings its own.\n`,
  );
  process.exit(2);
}
keepCompiled(path.join(cacheFolderOf(process.env), 'compiled'));
const { commandLine } = await import('./commandLine.ts');
process.exitCode = await commandLine(process.argv.slice(2));
