import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cacheFolder.ts';
import { nodeHeaders } from './nodeHeaders.ts';
import { runNpm } from './npm.ts';

/** code-server 4.139.1 carries VS Code 1.139.1: the real workbench and the real extension host, from npm. */
const version = '4.139.1';
const nativeModules = ['@vscode/spdlog', 'node-pty', '@vscode/fs-copyfile'];
/** Ends an extension host whose server was killed, and is not missed where it can't be built. */
const modulesWithLibuv = ['@vscode/native-watchdog'];

/**
 * The `lib/vscode` folder of code-server, installed into the cache folder if it isn't there yet (1-2 minutes, 600 MB).
 * Each finished step leaves a marker in the work folder, so an interrupted installation goes on where it stopped;
 * the finished one appears under its final name in one step.
 */
export async function installCodeServer(progress: (line: string) => void = console.error): Promise<string> {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 24)
    throw new Error(`code-server ${version} needs Node 24; this is Node ${process.version}. Run it through npm: \`npm run vscode\`.`);
  const root = join(cacheFolder(), `code-server-${version}-${process.platform}-${process.arch}`);
  const inside = join('node_modules', 'code-server', 'lib', 'vscode');
  if (existsSync(root)) return join(root, inside);

  await mkdir(cacheFolder(), { recursive: true });
  const work = await workFolder(root);
  const step = async (name: string, line: string, run: () => Promise<unknown>) => {
    const marker = join(work, `.${name}.done`);
    if (existsSync(marker)) return;
    progress(`code-server ${version}: ${line} ...`);
    await run();
    await writeFile(marker, '');
  };
  await step('package', 'downloading the workbench (1 of 3)', async () => {
    await writeFile(join(work, 'package.json'), JSON.stringify({ private: true }));
    await runNpm(['install', `code-server@${version}`, '--ignore-scripts', '--no-audit', '--no-fund'], work);
  });
  await step('dependencies', 'downloading its extension host (2 of 3)', () =>
    runNpm(['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], join(work, inside)),
  );
  await step('natives', 'building its native modules (3 of 3)', async () => {
    const { options, withLibuv } = await nodeHeaders(work);
    const modules = [...nativeModules, ...(withLibuv ? modulesWithLibuv : [])];
    await runNpm(['rebuild', ...modules, ...options], join(work, inside)).catch((error) => {
      throw new Error(buildFailure(String(error)));
    });
  });
  await rename(work, root).catch(async (error) => {
    // Another process finished first: its installation is as good as ours.
    if (!existsSync(root)) throw error;
    await rm(work, { recursive: true, force: true });
  });
  progress(`code-server ${version}: ready`);
  return join(root, inside);
}

/** The one line of npm's output that says why native modules could not be built, and what it takes. */
export function buildFailure(output: string): string {
  const said = ['fatal error: ', 'gyp ERR! find Python ', 'gyp ERR! stack Error: ', ' error: '].map((mark) =>
    output
      .split('\n')
      .find((line) => line.includes(mark))
      ?.split(mark)
      .at(-1)
      ?.trim(),
  );
  const reason = said.find(Boolean) ?? output.trim().split('\n').at(-1)!;
  return `The native modules of code-server could not be built (${reason}): it takes Python 3, make, a C++ compiler and Node's headers ("npm config set nodedir FOLDER").`;
}

/** This process's own work folder, taken over from a process that has died if there is one. */
async function workFolder(root: string): Promise<string> {
  const mine = `${root}.part-${process.pid}`;
  for (const name of await readdir(cacheFolder())) {
    const path = join(cacheFolder(), name);
    const owner = Number(/\.part-(\d+)$/.exec(name)?.[1]);
    if (!path.startsWith(`${root}.part-`) || !owner || isAlive(owner)) continue;
    try {
      await rename(path, mine);
      return mine;
    } catch {
      // Another process took it at the same moment.
    }
  }
  await mkdir(mine, { recursive: true });
  return mine;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The VS Code version inside an installation, such as `1.139.1`. */
export async function workbenchVersion(installation: string): Promise<string> {
  return (JSON.parse(await readFile(join(installation, 'package.json'), 'utf8')) as { version: string }).version;
}
