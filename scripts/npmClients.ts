import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cacheFolder.ts';
import { runNpm } from './npm.ts';

/** The official TypeScript client of Azure ML and its credentials. */
export const armClient = (): Promise<string> => npmClient('arm-client', ['@azure/arm-machinelearning@2.1.1', '@azure/identity@4.13.0']);

/** OpenAI's own client of npm. */
export const openAiClient = (): Promise<string> => npmClient('openai-client', ['openai@7.57.0']);

/**
 * A folder in the cache that holds packages of npm, installed when there is none: a script below it imports them by name. Only tests need them, so they are no
 * dependencies of the project.
 */
async function npmClient(name: string, packages: string[], progress: (line: string) => void = console.error): Promise<string> {
  const folder = join(cacheFolder(), `${name}-${packages.map((each) => each.split('@').pop()).join('-')}`);
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
