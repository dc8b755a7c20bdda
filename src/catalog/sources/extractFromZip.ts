import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { UserError } from '../../base/userError.ts';
import { brokenArchive, type Extracting, notInArchive } from './archive.ts';
import { saveStream } from './saveStream.ts';

/** Bytes of a list of contents that is read at most. */
const mostBytes = 16 << 20;

interface Entry {
  isPacked: boolean;
  packed: number;
  bytes: number;
  offset: number;
}

/**
 * Writes one file of a ZIP archive as `target`, as a stream; answers its SHA-256 and size. Lengths that the archive states are not believed further than there
 * are bytes. The format: PKWARE's APPNOTE.TXT.
 * @throws {UserError} where there is no such file in it, or it has another hash than `sha256`.
 */
export async function extractFromZip(
  archive: string,
  name: string,
  target: string,
  { sha256, signal }: Extracting = {},
): Promise<{ sha256: string; bytes: number }> {
  const handle = await open(archive);
  try {
    const { isPacked, packed, bytes, offset } = await find(handle, archive, name);
    const local = await read(handle, offset, 30, archive);
    if (local.readUInt32LE(0) !== 0x04034b50) throw brokenArchive(archive);
    const start = offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    const content = packed > 0 ? handle.createReadStream({ start, end: start + packed - 1, autoClose: false }) : Readable.from([]);
    return await saveStream(isPacked ? inflated(content) : content, target, { name, bytes, sha256, signal });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code?.startsWith('Z_') ? brokenArchive(archive) : error;
  } finally {
    await handle.close();
  }
}

/** The bytes that were packed. */
export function inflated(content: Readable): Readable {
  const unpacked = createInflateRaw();
  content.on('error', (error) => unpacked.destroy(error));
  return content.pipe(unpacked);
}

async function find(handle: FileHandle, archive: string, name: string): Promise<Entry> {
  const { size } = await handle.stat();
  // The end has a comment of at most 64 kB behind it.
  const tail = await read(handle, Math.max(0, size - 65_557), Math.min(size, 65_557), archive);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || end + 22 > tail.length) throw brokenArchive(archive);
  const [length, start] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (length > mostBytes || start + length > size) throw brokenArchive(archive);
  const list = await read(handle, start, length, archive);
  const names: string[] = [];
  for (let at = 0; at + 46 <= length && list.readUInt32LE(at) === 0x02014b50; ) {
    const nameEnd = at + 46 + list.readUInt16LE(at + 28);
    const found = list.toString('utf8', at + 46, nameEnd);
    if (found === name) {
      const method = list.readUInt16LE(at + 10);
      const [packed, bytes, offset] = [list.readUInt32LE(at + 20), list.readUInt32LE(at + 24), list.readUInt32LE(at + 42)];
      if ([packed, bytes, offset].includes(0xffffffff))
        throw new UserError('NotImplemented', `${path.basename(archive)} is an archive of more than 4 GB, which is not read.`);
      if ((method !== 0 && method !== 8) || (list.readUInt16LE(at + 8) & 1) !== 0)
        throw new UserError('NotImplemented', `${name} in ${path.basename(archive)} is packed in a way that is not read.`);
      return { isPacked: method === 8, packed, bytes, offset };
    }
    names.push(found);
    at = nameEnd + list.readUInt16LE(at + 30) + list.readUInt16LE(at + 32);
  }
  throw notInArchive(archive, name, names);
}

async function read(handle: FileHandle, at: number, length: number, archive: string): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, at);
  if (bytesRead < length) throw brokenArchive(archive);
  return buffer;
}
