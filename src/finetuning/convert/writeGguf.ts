import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { flushFolder } from '../../files/flushFolder.ts';
import { textBytes, u32Bytes, u64Bytes } from './ggufKeys.ts';

/** A tensor that is to be written. */
export interface WrittenTensor {
  name: string;
  /** Numbers along each dimension; those of the first lie side by side. */
  shape: number[];
  /** Number of the type of GGUF. */
  type: number;
  bytes: number;
  /** Its content, in pieces. */
  content(): AsyncIterable<Uint8Array>;
}

export interface WrittenGguf {
  keyCount: number;
  /** The keys with their values, one behind the other. */
  keys: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  tensors: WrittenTensor[];
  alignment: number;
}

/** Pieces are gathered up to so many bytes before they are written. */
const gathered = 1 << 20;

/**
 * Writes a GGUF file of version 3. It has its name when all of it is on the disk: what was broken off leaves nothing. Answers its size.
 * @throws {UserError} where the disk is full, or the folder can't be written to.
 */
export async function writeGguf(file: string, { keyCount, keys, tensors, alignment }: WrittenGguf, signal?: AbortSignal): Promise<number> {
  const part = `${file}.${randomUUID()}.part`;
  const padding = (size: number) => Buffer.alloc((alignment - (size % alignment)) % alignment);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(part, 'wx');
    try {
      const out = new Output((bytes) => handle.writeFile(bytes));
      await out.add(Buffer.concat([Buffer.from('GGUF'), u32Bytes(3), u64Bytes(tensors.length), u64Bytes(keyCount)]));
      for await (const piece of keys) await out.add(piece);
      let offset = 0;
      for (const { name, shape, type, bytes } of tensors) {
        await out.add(Buffer.concat([textBytes(name), u32Bytes(shape.length), ...shape.map(u64Bytes), u32Bytes(type), u64Bytes(offset)]));
        offset += bytes + padding(bytes).length;
      }
      await out.add(padding(out.size));
      for (const { content, bytes, name } of tensors) {
        signal?.throwIfAborted();
        const before = out.size;
        for await (const piece of content()) {
          signal?.throwIfAborted();
          await out.add(piece);
        }
        if (out.size - before !== bytes) throw new Error(`${name} has ${out.size - before} bytes of ${bytes}.`);
        await out.add(padding(bytes));
      }
      await out.flush();
      await handle.sync();
      await handle.close();
      await rename(part, file);
      await flushFolder(path.dirname(file));
      return out.size;
    } finally {
      await handle.close().catch(() => {});
    }
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw ofDisk(error, file, tensors);
  }
}

function ofDisk(error: unknown, file: string, tensors: WrittenTensor[]): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') {
    const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
    return new UserError('DiskFull', `The disk is full: ${file} takes ${formatBytes(bytes)}.`);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST' || code === 'EISDIR')
    return new UserError('InvalidArgument', `${file} can't be written: ${(error as Error).message}`);
  return error;
}

/** Many small pieces as few large writes. */
class Output {
  size = 0;
  private readonly write: (bytes: Uint8Array) => Promise<void>;
  private pieces: Uint8Array[] = [];
  private waiting = 0;

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.write = write;
  }

  async add(piece: Uint8Array): Promise<void> {
    this.pieces.push(piece);
    this.size += piece.length;
    this.waiting += piece.length;
    if (this.waiting >= gathered) await this.flush();
  }

  async flush(): Promise<void> {
    const pieces = this.pieces;
    this.pieces = [];
    this.waiting = 0;
    if (pieces.length) await this.write(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
  }
}
