import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import { mapParallel } from '../../base/parallel.ts';
import { formatBytes } from '../../base/text.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { headersFor, type NpmRegistry, tarballAddress } from '../../catalog/sources/npmRegistry.ts';
import { withFileLock } from '../../files/fileLock.ts';
import { downloadFromWeb, type WebFile } from '../../transfer/web/downloadFromWeb.ts';
import { WebAddress } from '../../transfer/web/webAddress.ts';
import type { Device, DeviceChoice } from './engineDevice.ts';
import type { EnginePackage, PackageLock } from './packageLock.ts';

/** An engine of this machine: where it is or will be, and how much has to be got for it. */
export interface EnginePlan {
  /** `node-llama-cpp 3.22.1`. */
  title: string;
  /** What it is for: `language models`. */
  runs: string;
  folder: string;
  packages: EnginePackage[];
  /** To download. */
  bytes: number;
  device: Device;
  /** Folders of libraries that the engine's process needs. */
  libraries: string[];
  /** What would make a GPU of this machine of use. */
  advice?: string;
}

export interface InstallOptions {
  registry: NpmRegistry;
  fetch: typeof fetch;
  /** Bytes of tarballs so far. */
  onProgress?: (bytes: number) => void;
  signal?: AbortSignal;
}

/** Packages at a time: most are small, and each is a request. */
const atOnce = 6;
/** What a package of compiled code has about, where the lock doesn't say. */
const unknownBytes = 15e6;
/** What no program reads: TypeScript, source maps, and what compiles llama.cpp anew, but for facts about the build. Names as they are below the package's folder. */
const isUnused = (file: string) => /\.ts$|\.map$/.test(file) || (/^llama\//.test(file) && !/\.json$|^llama\/grammars\//.test(file));

/** What an engine consists of for a device. Below `engines`, a folder that all workspaces share. */
export function enginePlan(lock: PackageLock, { device, natives, libraries, advice }: DeviceChoice, engines: string): EnginePlan {
  const plan = planOf(lock, natives, 'language models', engines);
  const title = device === 'cpu' || device === 'metal' ? plan.title : `${plan.title} for ${device === 'cuda' ? 'CUDA' : 'Vulkan'}`;
  return { ...plan, title, device, libraries, ...(advice ? { advice } : {}) };
}

/** An engine that computes on the processor. `natives`: names of the lock's packages of compiled code. */
export function planOf(lock: PackageLock, natives: readonly string[], runs: string, engines: string): EnginePlan {
  const packages = [...lock.packages, ...natives.map((each) => lock.natives[each]!)];
  return {
    title: `${lock.engine} ${lock.version}`,
    runs,
    folder: path.join(engines, [lock.engine, lock.version, ...natives.slice(-1)].join('-')),
    packages,
    bytes: packages.reduce((sum, { bytes }) => sum + (bytes ?? unknownBytes), 0),
    device: 'cpu',
    libraries: [],
  };
}

export const isInstalled = async ({ folder }: EnginePlan): Promise<boolean> => (await stat(folder).catch(() => undefined)) !== undefined;

/**
 * Gets the packages of an engine, verifies each by its hash, and unpacks them. No script of any package is run. The folder gets its name when everything is in it: what was cut off is
 * no engine, and what had come of it is not got again. Of several processes one does it, and the others wait.
 */
export async function installEngine(plan: EnginePlan, options: InstallOptions): Promise<void> {
  if (await isInstalled(plan)) return;
  const engines = path.dirname(plan.folder);
  const { registry, signal } = options;
  try {
    await withFileLock(path.join(engines, '.lock'), () => install(plan, options), { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as { code?: string }).code === 'ENOSPC')
      throw new UserError('DiskFull', `The disk is full: ${plan.title} takes some ${formatBytes(plan.bytes * 2)} in ${engines}.`);
    if (error instanceof UserError && error.code === 'DiskFull') throw error;
    throw new UserError(
      'RemoteError',
      `${plan.title}, which runs ${plan.runs}, can't be got from ${registry.url}: ${messageOf(error)}`,
      'Check the network and the registry that npm is set to, and try again.',
    );
  }
}

async function install(plan: EnginePlan, options: InstallOptions): Promise<void> {
  // Another process may have done it meanwhile.
  if (await isInstalled(plan)) return;
  const engines = path.dirname(plan.folder);
  const temporary = path.join(engines, `.${randomUUID()}.part`);
  const archives = path.join(engines, '.downloads');
  const came = new Map<EnginePackage, number>();
  try {
    await mapParallel(plan.packages, atOnce, async (each) => {
      const archive = path.join(archives, `${each.name.replace('/', '-')}-${each.version}.tgz`);
      const file = await fileOf(each, options);
      await downloadFromWeb(file, archive, {
        web: { fetch: options.fetch },
        signal: options.signal,
        onProgress: (bytes) => {
          came.set(each, bytes);
          options.onProgress?.([...came.values()].reduce((sum, one) => sum + one, 0));
        },
      });
      await unpack(archive, each, path.join(temporary, ...each.path.split('/')));
    });
    await rename(temporary, plan.folder);
    await rm(archives, { recursive: true, force: true });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function unpack(archive: string, { unpacked }: EnginePackage, folder: string): Promise<void> {
  const isOfOthers = (file: string) => unpacked !== undefined && file.startsWith(unpacked.of) && !file.startsWith(unpacked.only);
  await mkdir(folder, { recursive: true });
  await pipeline(
    createReadStream(archive),
    createGunzip(),
    unpackTar(folder, {
      strip: 1,
      // What is packed is files in folders; links could lead out of here.
      filter: ({ name: file, type }) => type === 'file' && !isUnused(file) && !isOfOthers(file),
    }),
  );
}

/** Where a package is, and which one it must be: what the lock says, or else the registry. */
async function fileOf({ name, version, integrity, bytes }: EnginePackage, { registry, fetch, signal }: InstallOptions): Promise<WebFile> {
  const url = tarballAddress(registry, name, version);
  const headers = headersFor(registry, url);
  if (integrity) return { url, hash: integrity, size: bytes, headers };
  const address = `${registry.url}${name}/${version}`;
  const { dist } = (await (await new WebAddress(address, { fetch }, { headers }).open({}, signal)).json()) as {
    dist?: { integrity?: unknown };
  };
  if (typeof dist?.integrity !== 'string' || !dist.integrity.startsWith('sha512-'))
    throw new UserError('RemoteError', `${address} does not say which hash the package has.`);
  return { url, hash: dist.integrity, headers };
}
