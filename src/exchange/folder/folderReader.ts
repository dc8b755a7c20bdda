import { createReadStream } from 'node:fs';
import { lstat, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Static, TSchema } from 'typebox';
import { UserError } from '../../base/userError.ts';
import { sha256OfFile } from '../../files/hash.ts';
import { check } from '../../protocol/check.ts';
import { formatVersion, Manifest, manifestFile, sumsFile } from './format.ts';

/** Most bytes of a JSON file that is read as a whole. */
const mostText = 64 * 1024 * 1024;

/** Reads an export. Nothing is read but files that its list names, which lie in the folder itself, and have the content that the list says. */
export class FolderReader {
  readonly folder: string;
  /** SHA-256 in hex, by path with `/`. */
  readonly sums: ReadonlyMap<string, string>;

  private constructor(folder: string, sums: ReadonlyMap<string, string>) {
    this.folder = folder;
    this.sums = sums;
  }

  /** Throws `InvalidValue` for a folder that is no whole export of this format, or one that was changed. */
  static async open(given: string): Promise<FolderReader> {
    const folder = await realpath(given);
    const manifest = await manifestOf(folder);
    if (manifest.version !== formatVersion)
      throw new UserError(
        'InvalidValue',
        `${folder} has version ${manifest.version} of the format, and this Updraft reads version ${formatVersion}.`,
        'Use a newer Updraft.',
      );
    if (!manifest.complete || !manifest.sums)
      throw new UserError(
        'InvalidValue',
        `The export in ${folder} is not complete.`,
        'Export to it again: it goes on where it was cut off.',
      );
    const sums = new Map<string, string>();
    const file = path.join(folder, sumsFile);
    await mustBeFile(file);
    if ((await sha256OfFile(file)) !== manifest.sums)
      throw new UserError(
        'InvalidValue',
        `${file} is not what ${manifestFile} says: it was changed.`,
        'Export again, or take it from a backup.',
      );
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      const [, sha256, name] = /^([0-9a-f]{64}) {2}(.+)$/.exec(text) ?? [];
      if (!sha256 || !name || !isInside(name) || sums.has(name))
        throw new UserError('InvalidValue', `Line ${line} of ${file} names no file of the folder: "${text.slice(0, 200)}".`);
      sums.set(name, sha256);
    }
    return new FolderReader(folder, sums);
  }

  /** The paths below a folder with their hashes, without that folder. */
  below(folder: string): Map<string, string> {
    const prefix = `${folder}/`;
    return new Map([...this.sums].filter(([name]) => name.startsWith(prefix)).map(([name, sha256]) => [name.slice(prefix.length), sha256]));
  }

  /** The true path of a file whose content is what the list says. Throws `InvalidValue` for any other. */
  async verified(name: string): Promise<string> {
    const sha256 = this.sums.get(name);
    const file = path.join(this.folder, ...name.split('/'));
    if (sha256 === undefined) throw new UserError('InvalidValue', `${file} is not in ${sumsFile}.`);
    await mustBeFile(file);
    // No folder on the way is a link.
    if ((await realpath(file)) !== file) throw new UserError('InvalidValue', `${file} is behind a link, which is not followed.`);
    if ((await sha256OfFile(file)) !== sha256)
      throw new UserError('InvalidValue', `${file} has other content than ${sumsFile} says.`, 'Export again, or take it from a backup.');
    return file;
  }

  /** A JSON file of the given shape. */
  async json<T extends TSchema>(name: string, schema: T): Promise<Static<T>> {
    return readJson(await this.verified(name), schema);
  }
}

async function manifestOf(folder: string): Promise<Manifest> {
  const file = path.join(folder, manifestFile);
  await mustBeFile(file);
  return readJson(file, Manifest);
}

async function readJson<T extends TSchema>(file: string, schema: T): Promise<Static<T>> {
  const { size } = await lstat(file);
  if (size > mostText) throw new UserError('InvalidValue', `${file} has ${size} bytes, which no export writes.`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new UserError('InvalidValue', `${file} is no JSON.`);
  }
  return check(schema, value, file);
}

async function mustBeFile(file: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined);
  if (!found) throw new UserError('InvalidValue', `${file} is missing.`, 'Export again, or take it from a backup.');
  if (!found.isFile()) throw new UserError('InvalidValue', `${file} is a link or a folder, where a file is to be.`);
}

const isInside = (name: string): boolean =>
  !/[\\\0]/.test(name) && !path.isAbsolute(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
