import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cacheFolder.ts';
import { runNpm } from './npm.ts';

const packages = ['plotly.js-dist-min@4.1.2', 'echarts@6.1.0'];

/** The scripts of two chart libraries that benchmarks compare with. Installed into the cache folder when they are not there; no dependency of the project. */
export async function chartPeers(progress: (line: string) => void = console.error): Promise<{ plotly: string; echarts: string }> {
  const folder = join(cacheFolder(), `chart-peers-${packages.map((each) => each.split('@').pop()).join('-')}`);
  if (!existsSync(folder)) {
    const work = `${folder}.part-${process.pid}`;
    await mkdir(work, { recursive: true });
    try {
      progress(`Installing ${packages.join(', ')} ...`);
      await writeFile(join(work, 'package.json'), JSON.stringify({ private: true }));
      await runNpm(['install', ...packages, '--ignore-scripts', '--no-audit', '--no-fund'], work);
      await rename(work, folder).catch((error) => {
        // Another process was faster: its installation is as good as ours.
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return {
    plotly: join(folder, 'node_modules/plotly.js-dist-min/plotly.min.js'),
    echarts: join(folder, 'node_modules/echarts/dist/echarts.min.js'),
  };
}
