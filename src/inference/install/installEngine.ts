import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import { mapParallel } from '../../base/parallel.ts';
import { formatBytes } from '../../base/text.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { type Device, nativesFor } from './engineVariant.ts';
import { type NpmRegistry, tarballAddress } from './npmRegistry.ts';
import type { EnginePackage, PackageLock } from './packageLock.ts';

/** An engine of this machine: where it is or will be, and how much has to be got for it. */
export interface EnginePlan {
  /** `node-llama-cpp 3.22.1`. */
  title: string;
  folder: string;
  packages: EnginePackage[];
  /** To download. */
  bytes: number;
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
/** What no program reads: type declarations, source maps, and what compiles llama.cpp anew, but for facts about the build. Names as they are below the package's folder. */
const isUnused = (file: string) => /\.d\.ts$|\.map$/.test(file) || (/^llama\//.test(file) && !/\.json$|^llama\/grammars\//.test(file));

/** What an engine consists of on a machine. Below `engines`, a folder that all workspaces share. */
export function enginePlan(
  lock: PackageLock,
  device: Device,
  engines: string,
  platform = process.platform,
  arch = process.arch,
): EnginePlan {
  const natives = nativesFor(device, platform, arch, Object.keys(lock.natives));
  const packages = [...lock.packages, ...natives.map((each) => lock.natives[each]!)];
  return {
    title: `${lock.engine} ${lock.version}`,
    folder: path.join(engines, [lock.engine, lock.version, ...natives.slice(-1)].join('-')),
    packages,
    bytes: packages.reduce((sum, { bytes }) => sum + (bytes ?? unknownBytes), 0),
  };
}

export const isInstalled = async ({ folder }: EnginePlan): Promise<boolean> => (await stat(folder).catch(() => undefined)) !== undefined;

/**
 * Gets the packages of an engine, verifies each by its hash, and unpacks them. No script of any package is run. The folder gets its name when everything is in it: what was cut off is
 * no engine. Two installations at a time do no harm: the second one's is thrown away.
 */
export async function installEngine(plan: EnginePlan, { registry, fetch, onProgress = () => {}, signal }: InstallOptions): Promise<void> {
  if (await isInstalled(plan)) return;
  const temporary = path.join(path.dirname(plan.folder), `.${randomUUID()}.part`);
  let bytes = 0;
  try {
    await mkdir(temporary, { recursive: true });
    await mapParallel(plan.packages, atOnce, async (each) => {
      await unpack(each, path.join(temporary, ...each.path.split('/')), { registry, fetch, signal }, (more) => {
        bytes += more;
        onProgress(bytes);
      });
    });
    await rename(temporary, plan.folder).catch(async (error) => {
      if (!(await isInstalled(plan))) throw error;
    });
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as { code?: string }).code === 'ENOSPC')
      throw new UserError(
        'DiskFull',
        `The disk is full: ${plan.title} takes some ${formatBytes(plan.bytes * 2)} in ${path.dirname(plan.folder)}.`,
      );
    throw error instanceof UserError
      ? error
      : new UserError(
          'RemoteError',
          `${plan.title}, which runs language models, can't be got from ${registry.url}: ${messageOf(error)}`,
          'Check the network and the registry that npm is set to, and try again.',
        );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Downloads a package into its folder; throws when it is not the one that the lock names. */
async function unpack(wanted: EnginePackage, folder: string, options: InstallOptions, onBytes: (more: number) => void): Promise<void> {
  const { name, version } = wanted;
  const { integrity, bytes = Number.POSITIVE_INFINITY } = wanted.integrity ? wanted : await asked(wanted, options);
  const address = tarballAddress(options.registry, name, version);
  const response = await get(address, options);
  const hash = createHash('sha512');
  let arrived = 0;
  const verified = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      arrived += chunk.length;
      // Whoever sends more than the lock says would fill the disk.
      if (arrived > bytes) return done(new UserError('RemoteError', `${address} is longer than the ${bytes} bytes that it should have.`));
      hash.update(chunk);
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  await mkdir(folder, { recursive: true });
  await pipeline(
    Readable.fromWeb(response.body as NodeStream<Uint8Array>),
    verified,
    createGunzip(),
    unpackTar(folder, {
      strip: 1,
      // What is packed is files in folders; links could lead out of here.
      filter: ({ name: file, type }) => (type === 'file' || type === 'directory') && !isUnused(file),
    }),
  );
  if (`sha512-${hash.digest('base64')}` !== integrity)
    throw new UserError('RemoteError', `${address} is not what was expected: its hash is not ${integrity}.`);
}

/** What the registry says of a package. */
async function asked({ name, version }: EnginePackage, options: InstallOptions): Promise<{ integrity: string; bytes?: number }> {
  const address = `${options.registry.url}${name}/${version}`;
  const { dist } = (await (await get(address, options)).json()) as { dist?: { integrity?: unknown } };
  if (typeof dist?.integrity !== 'string' || !dist.integrity.startsWith('sha512-'))
    throw new UserError('RemoteError', `${address} does not say which hash the package has.`);
  return { integrity: dist.integrity };
}

async function get(address: string, { registry, fetch, signal }: InstallOptions): Promise<Response> {
  const response = await fetch(address, {
    headers: registry.token ? { authorization: `Bearer ${registry.token}` } : {},
    ...(signal ? { signal } : {}),
  });
  if (!response.ok || !response.body) throw new UserError('RemoteError', `${address} answered ${response.status}.`);
  return response;
}
