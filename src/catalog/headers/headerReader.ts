import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../../base/userError.ts';

/** Bytes that are read of a file at a time. */
const windowBytes = 1 << 20;

/** What a header says can't be so: the file is cut, damaged, or made to do harm. */
export function brokenHeader(file: string, why: string): UserError {
  return new UserError('InvalidModelFile', `${file} can't be read as a model: ${why}.`, 'Get the file again.');
}

/**
 * Reads the header of a file from front to back. A length that the file itself states is believed only as far as there are bytes, and no more than `most` bytes
 * of the file are read: the work and the memory stay bounded, whatever the file says.
 */
export class HeaderReader {
  readonly file: string;
  readonly size: number;
  private readonly handle: FileHandle;
  private readonly most: number;
  private window = new DataView(new ArrayBuffer(0));
  private start = 0;
  /** Place in the file. */
  at = 0;

  private constructor(file: string, handle: FileHandle, size: number, most: number) {
    this.file = file;
    this.handle = handle;
    this.size = size;
    this.most = most;
  }

  /** Opens a file, hands it to `work`, and closes it. `most`: bytes that a header may have. */
  static async use<T>(file: string, most: number, work: (reader: HeaderReader) => Promise<T>): Promise<T> {
    const handle = await open(file);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw brokenHeader(file, 'it is no file');
      return await work(new HeaderReader(file, handle, found.size, most));
    } finally {
      await handle.close();
    }
  }

  /** Bytes that are left of the file. */
  get left(): number {
    return this.size - this.at;
  }

  broken(why: string): UserError {
    return brokenHeader(this.file, why);
  }

  async bytes(count: number): Promise<Uint8Array> {
    const offset = await this.need(count);
    return new Uint8Array(this.window.buffer, this.window.byteOffset + offset, count);
  }

  async u8(): Promise<number> {
    const at = await this.need(1);
    return this.window.getUint8(at);
  }

  async u32(): Promise<number> {
    const at = await this.need(4);
    return this.window.getUint32(at, true);
  }

  async i32(): Promise<number> {
    const at = await this.need(4);
    return this.window.getInt32(at, true);
  }

  async f32(): Promise<number> {
    const at = await this.need(4);
    return this.window.getFloat32(at, true);
  }

  async f64(): Promise<number> {
    const at = await this.need(8);
    return this.window.getFloat64(at, true);
  }

  /** A whole number of 64 bits that says how many there are of something. */
  async count(what: string, most: number): Promise<number> {
    const value = await this.u64();
    if (value > BigInt(most)) throw this.broken(`it says that it has ${value} ${what}, of which there may be ${most.toLocaleString('en')}`);
    return Number(value);
  }

  async u64(): Promise<bigint> {
    const at = await this.need(8);
    return this.window.getBigUint64(at, true);
  }

  skip(count: number): void {
    if (count > this.left) throw this.broken('it ends in the middle of its header');
    this.at += count;
    this.limit();
  }

  private limit(): void {
    if (this.at > this.most) throw this.broken(`its header is larger than ${this.most.toLocaleString('en')} bytes`);
  }

  /** The place in the window of the next `count` bytes, which are read when they are not there: the window may be another one afterwards. */
  private async need(count: number): Promise<number> {
    const from = this.at;
    this.skip(count);
    if (from < this.start || this.at > this.start + this.window.byteLength) {
      const wanted = Math.min(Math.max(count, windowBytes), this.size - from);
      const buffer = Buffer.allocUnsafe(wanted);
      let filled = 0;
      while (filled < wanted) {
        const { bytesRead } = await this.handle.read(buffer, filled, wanted - filled, from + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      // Somebody cut the file after it was opened.
      if (filled < count) throw this.broken('it ends in the middle of its header');
      this.window = new DataView(buffer.buffer, buffer.byteOffset, filled);
      this.start = from;
    }
    return from - this.start;
  }
}
