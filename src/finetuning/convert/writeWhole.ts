import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { flushFolder } from '../../files/flushFolder.ts';

/** Takes the bytes of a file, one piece after the other. */
export interface Output {
  /** Bytes so far. */
  readonly size: number;
  add(piece: Uint8Array): Promise<void>;
}

/** Pieces are gathered up to so many bytes before they are written. */
const gathered = 1 << 20;

/**
 * Writes a large file. It has its name when all of it is on the disk: what was broken off leaves nothing. `expected`: bytes that it takes at least. Answers its size.
 * @throws {UserError} where the disk is full, or the folder can't be written to.
 */
export async function writeWhole(file: string, expected: number, work: (out: Output) => Promise<void>): Promise<number> {
  const part = `${file}.${randomUUID()}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(part, 'wx');
    try {
      const out = new GatheredOutput((bytes) => handle.writeFile(bytes));
      await work(out);
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
    throw ofDisk(error, file, expected);
  }
}

function ofDisk(error: unknown, file: string, expected: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return new UserError('DiskFull', `The disk is full: ${file} takes ${formatBytes(expected)}.`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST' || code === 'EISDIR')
    return new UserError('InvalidArgument', `${file} can't be written: ${(error as Error).message}`);
  return error;
}

/** Many small pieces as few large writes. */
class GatheredOutput implements Output {
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
