/**
 * `node scripts/lockEngine.ts VERSION`: writes the lock of the engine that runs language models, `src/inference/install/llamaPackages.json`: which npm packages make up
 * node-llama-cpp, each with its hash. Only those that its code reaches are in it; what compiles llama.cpp is not.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { EnginePackage, PackageLock } from '../src/inference/install/packageLock.ts';

const [version] = process.argv.slice(2);
if (!version) throw new Error('Give the version of node-llama-cpp.');
const engine = 'node-llama-cpp';
const folder = await mkdtemp(path.join(tmpdir(), 'engine-'));
const npm = (...args: string[]) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
try {
  await writeFile(path.join(folder, 'package.json'), '{}');
  npm('install', '--ignore-scripts', '--omit=optional', '--save-exact', `${engine}@${version}`);
  const { packages } = JSON.parse(await readFile(path.join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; name?: string }>;
  };
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [`node_modules/${engine}/dist/index.js`],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: ['@node-llama-cpp/*', 'typescript'],
    logLevel: 'error',
  });
  const reached = new Set(
    Object.keys(metafile.inputs).flatMap((file) => /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  const nameAt = (at: string) => at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const { optionalDependencies: natives } = JSON.parse(
    await readFile(path.join(folder, 'node_modules', engine, 'package.json'), 'utf8'),
  ) as {
    optionalDependencies: Record<string, string>;
  };
  const lock: PackageLock = {
    engine,
    version,
    packages: await inTurn([...reached].sort(), (at) => lockOf(at, packages[at]!.name ?? nameAt(at), packages[at]!.version)),
    natives: Object.fromEntries(
      await inTurn(
        Object.entries(natives).sort(),
        async ([name, exact]) => [path.posix.basename(name), await lockOf(`node_modules/${name}`, name, exact)] as const,
      ),
    ),
  };
  await writeFile(path.resolve(import.meta.dirname, '../src/inference/install/llamaPackages.json'), `${JSON.stringify(lock, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function lockOf(at: string, name: string, version: string): Promise<EnginePackage> {
  try {
    const { tarball, integrity } = JSON.parse(npm('view', `${name}@${version}`, 'dist', '--json')) as {
      tarball: string;
      integrity: string;
    };
    const bytes = Number((await fetch(tarball, { method: 'HEAD' })).headers.get('content-length'));
    return { path: at, name, version, integrity, bytes };
  } catch {
    console.warn(`This registry does not have ${name} ${version}: its hash is asked for when it is installed.`);
    return { path: at, name, version };
  }
}

async function inTurn<T, R>(all: readonly T[], of: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const each of all) results.push(await of(each));
  return results;
}
