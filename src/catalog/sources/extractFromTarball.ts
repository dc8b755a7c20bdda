import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { brokenArchive, type Extracting, notInArchive } from './archive.ts';
import { saveStream } from './saveStream.ts';

const block = 512;
/** Bytes of a long name at most. */
const mostName = 64 << 10;

interface Entry {
  name: string;
  bytes: number;
}

/**
 * Writes one file of a `.tgz` as `target`, as a stream; answers its SHA-256 and size. The format: POSIX's pax, with GNU's long names.
 * @throws {UserError} where there is no such file in it, or it has another hash than `sha256`.
 */
export async function extractFromTarball(
  archive: string,
  name: string,
  target: string,
  { sha256, signal }: Extracting = {},
): Promise<{ sha256: string; bytes: number }> {
  const file = createReadStream(archive);
  const unpacked = createGunzip();
  file.on('error', (error) => unpacked.destroy(error));
  const bytes = new Bytes(file.pipe(unpacked)[Symbol.asyncIterator](), archive);
  try {
    const names: string[] = [];
    for await (const entry of entriesOf(bytes, archive)) {
      if (entry.name === name)
        return await saveStream(Readable.from(bytes.upTo(entry.bytes)), target, { name, bytes: entry.bytes, sha256, signal });
      names.push(entry.name);
      for await (const _ of bytes.upTo(padded(entry.bytes))) signal?.throwIfAborted();
    }
    throw notInArchive(archive, name, names);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code?.startsWith('Z_') ? brokenArchive(archive) : error;
  } finally {
    file.destroy();
    unpacked.destroy();
  }
}

const padded = (bytes: number) => Math.ceil(bytes / block) * block;

/** The ordinary files; who wants the next one has read the content of the one before. */
async function* entriesOf(bytes: Bytes, archive: string): AsyncGenerator<Entry> {
  let longName: string | undefined;
  for (;;) {
    const header = await bytes.take(block);
    // Two empty blocks are the end; without them, it is where the bytes end.
    if (header === undefined || header[0] === 0) return;
    const size = /^\s*([0-7]+)/.exec(textOf(header, 124, 12))?.[1];
    if (size === undefined) throw brokenArchive(archive);
    const length = Number.parseInt(size, 8);
    const type = String.fromCharCode(header[156]!);
    if (type === 'x' || type === 'L') {
      if (length > mostName) throw brokenArchive(archive);
      const content = (await bytes.take(padded(length)))?.toString('utf8', 0, length) ?? '';
      longName = type === 'L' ? content.replace(/\0.*$/s, '') : (/^\d+ path=(.*)$/m.exec(content)?.[1] ?? longName);
      continue;
    }
    const prefix = textOf(header, 257, 5) === 'ustar' ? textOf(header, 345, 155) : '';
    const name = longName ?? `${prefix ? `${prefix}/` : ''}${textOf(header, 0, 100)}`;
    longName = undefined;
    if (type === '0' || type === '\0') yield { name, bytes: length };
    else for await (const _ of bytes.upTo(padded(length)));
  }
}

const textOf = (header: Buffer, at: number, length: number) => header.toString('utf8', at, at + length).replace(/\0.*$/s, '');

/** Bytes of a stream, taken from its front. */
class Bytes {
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly archive: string;
  private rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterator<Buffer>, archive: string) {
    this.chunks = chunks;
    this.archive = archive;
  }

  /** Just so many bytes; undefined at the end. */
  async take(count: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    if (this.rest.length === 0 && !(await this.more())) return undefined;
    for await (const part of this.upTo(count)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** So many bytes, piece by piece. */
  async *upTo(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.rest.length === 0 && !(await this.more())) throw brokenArchive(this.archive);
      const part = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  private async more(): Promise<boolean> {
    const { value, done } = await this.chunks.next();
    if (done) return false;
    this.rest = value;
    return true;
  }
}
