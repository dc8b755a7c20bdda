/**
 * `node scripts/lockEngine.ts ENGINE@VERSION [PACKAGE@VERSION…]`: writes the lock of an engine below `src/inference/install/`: which npm packages make it up, each with its hash. Only those
 * that its code reaches are in it; what compiles llama.cpp is not. `node-llama-cpp@3.22.1` runs language models; `onnxruntime-node@1.30.0 @huggingface/tokenizers@0.2.0` runs ONNX models.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { EnginePackage, PackageLock } from '../src/inference/install/packageLock.ts';

/** Each engine: the file of its lock, and where its compiled code is. */
const engines: Record<string, { file: string; natives: () => Promise<Record<string, EnginePackage>> }> = {
  'node-llama-cpp': { file: 'llamaPackages.json', natives: packagesOfSystems },
  'onnxruntime-node': { file: 'onnxPackages.json', natives: () => foldersOfSystems('bin/napi-v6') },
};

const asked = process.argv.slice(2);
const [, engine = '', version = ''] = /^(.+)@(.+)$/.exec(asked[0] ?? '') ?? [];
const known = engines[engine];
if (!known) throw new Error(`Give one of ${Object.keys(engines).join(', ')} with its version: NAME@VERSION.`);
const folder = await mkdtemp(path.join(tmpdir(), 'engine-'));
const npm = (...args: string[]) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
try {
  await writeFile(path.join(folder, 'package.json'), '{}');
  npm('install', '--ignore-scripts', '--omit=optional', '--save-exact', ...asked);
  const { packages } = JSON.parse(await readFile(path.join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; name?: string }>;
  };
  const { metafile } = await build({
    absWorkingDir: folder,
    stdin: { contents: asked.map((each) => `import '${each.replace(/@[^@]+$/, '')}';`).join('\n'), resolveDir: folder },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: ['@node-llama-cpp/*', 'typescript', '*.node'],
    logLevel: 'error',
  });
  const reached = new Set(
    Object.keys(metafile.inputs).flatMap((file) => /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  const nameAt = (at: string) => at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const natives = await known.natives();
  const others = [...reached].filter((at) => !Object.values(natives).some((native) => native.path === at)).sort();
  const lock: PackageLock = {
    engine,
    version,
    packages: await inTurn(others, (at) => lockOf(at, packages[at]!.name ?? nameAt(at), packages[at]!.version)),
    natives,
  };
  await writeFile(path.resolve(import.meta.dirname, '../src/inference/install', known.file), `${JSON.stringify(lock, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** One package a system, which the engine names as optional. */
async function packagesOfSystems(): Promise<Record<string, EnginePackage>> {
  const manifest = await readFile(path.join(folder, 'node_modules', engine, 'package.json'), 'utf8');
  const { optionalDependencies } = JSON.parse(manifest) as { optionalDependencies: Record<string, string> };
  return Object.fromEntries(
    await inTurn(
      Object.entries(optionalDependencies).sort(),
      async ([name, exact]) => [path.posix.basename(name), await lockOf(`node_modules/${name}`, name, exact)] as const,
    ),
  );
}

/** All systems in one package: `PLATFORM/ARCH/` below a folder. */
async function foldersOfSystems(below: string): Promise<Record<string, EnginePackage>> {
  const at = `node_modules/${engine}`;
  const whole = await lockOf(at, engine, version);
  const natives: Record<string, EnginePackage> = {};
  for (const platform of (await readdir(path.join(folder, at, below))).sort())
    for (const arch of (await readdir(path.join(folder, at, below, platform))).sort())
      natives[`${platform}-${arch}`] = { ...whole, unpacked: { of: `${below}/`, only: `${below}/${platform}/${arch}/` } };
  return natives;
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
