import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cacheFolder.ts';
import { runNpm } from './npm.ts';

const version = '2.0.0';

/** The program of yaml-language-server, Red Hat's, installed into the cache folder if it isn't there yet (seconds, 20 MB). */
export async function installYamlLanguageServer(): Promise<string> {
  const root = join(cacheFolder(), `yaml-language-server-${version}`);
  const program = join('node_modules', 'yaml-language-server', 'bin', 'yaml-language-server');
  if (!existsSync(root)) {
    const work = `${root}.${process.pid}.tmp`;
    await mkdir(work, { recursive: true });
    await writeFile(join(work, 'package.json'), JSON.stringify({ private: true }));
    await runNpm(['install', `yaml-language-server@${version}`, '--ignore-scripts', '--no-audit', '--no-fund'], work);
    // Another run may have been quicker.
    if (existsSync(root)) await rm(work, { recursive: true, force: true });
    else await rename(work, root);
  }
  return join(root, program);
}
