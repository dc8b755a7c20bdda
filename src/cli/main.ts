import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { cacheFolderOf } from '../plane/cacheFolder.ts';

/** The program `updraft`: what has to happen before the rest of it is loaded. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `error: Updraft needs Node 22.13 or newer; this is ${process.versions.node}. From a checkout, "npm run -s updraft -- …" brings its own.\n`,
  );
  process.exit(2);
}
// What Node compiles of the program is kept for its next start, which takes a third less. Where that can't be written it starts as before.
enableCompileCache(path.join(cacheFolderOf(process.env), 'compiled'));
const { commandLine } = await import('./commandLine.ts');
process.exitCode = await commandLine(process.argv.slice(2));
