import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cacheFolder.ts';
import { runNpm } from './npm.ts';

const packages = ['@azure/arm-machinelearning@2.1.1', '@azure/identity@4.13.0'];

/**
 * A folder in the cache that holds the official TypeScript client of Azure ML and its credentials, installed when there is none: a script below it imports them by
 * name. Only tests need them, so they are no dependency of the project.
 */
export async function armClient(progress: (line: string) => void = console.error): Promise<string> {
  const folder = join(cacheFolder(), `arm-client-${packages.map((each) => each.split('@').pop()).join('-')}`);
  if (existsSync(folder)) return folder;
  const work = `${folder}.part-${process.pid}`;
  await mkdir(work, { recursive: true });
  try {
    progress(`Installing ${packages.join(', ')} ...`);
    await writeFile(join(work, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await runNpm(['install', ...packages, '--ignore-scripts', '--no-audit', '--no-fund'], work);
    await rename(work, folder).catch((error) => {
      // Another process was faster: its installation is as good as ours.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}
