import type { Readable } from 'node:stream';
import type { ByteRange } from './blobs.ts';

/** Logs of jobs, by job and a path relative to it, that only grow. They may be of many gigabytes: nothing here holds one whole. */
export interface Logs {
  /**
   * Writes `bytes` at `offset`; answers the size after it, when it is on the disk. What is there already is not written again, so a repeated append is harmless;
   * an offset behind the end is refused with `Conflict`, since it would leave a hole.
   */
  append(job: string, file: string, offset: number, bytes: Uint8Array): Promise<number>;
  /** Streams a log, or a part of it. Throws `NotFound` before the first byte when there is none. The stream must be read to its end or destroyed. */
  read(job: string, file: string, range?: ByteRange): Promise<Readable>;
  /** Size in bytes, or undefined when there is no such log. */
  size(job: string, file: string): Promise<number | undefined>;
  /** Every log of a job with its size in bytes, paths relative to the job with `/`, by path. */
  list(job: string): Promise<{ path: string; size: number }[]>;
  remove(job: string): Promise<void>;
}
