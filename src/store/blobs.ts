import type { Readable } from 'node:stream';

/** Bytes of a content or a log, `end` inclusive. What lies behind the end is left out; without `end` all that follows. */
export interface ByteRange {
  start: number;
  end?: number;
}

/** Contents by their SHA-256 in hex. A name stands for whole content, always: what is half written has none. */
export interface Blobs {
  /**
   * Keeps a stream; answers its address and size in bytes when it is on the disk. `expected` is what the content must turn out to be: another one is
   * refused with `InvalidRequest` and not kept, nor is anything of a stream that throws.
   */
  put(content: AsyncIterable<Uint8Array>, expected?: { sha256?: string; size?: number }): Promise<{ sha256: string; size: number }>;
  /** Streams the content, or a part of it. Throws `NotFound` before the first byte when there is none. The stream must be read to its end or destroyed. */
  read(sha256: string, range?: ByteRange): Promise<Readable>;
  /** The path of a file of this machine that has the content, for programs that read files. Nobody writes to it. Throws `NotFound` when there is none. */
  file(sha256: string): Promise<string>;
  /** Size in bytes, or undefined when there is no such content. */
  size(sha256: string): Promise<number | undefined>;
  /** Those of the contents that there are. */
  has(sha256: readonly string[]): Promise<Set<string>>;
  /** As `size`; content that is there counts as new from now on, so that a sweep lets it be until its new name is written. */
  hold(sha256: string): Promise<number | undefined>;
  /**
   * Removes contents that `isUsed` does not claim, and what interrupted writes left; answers how many. What was written or held after `olderThan`
   * (ms since 1970; an hour ago when absent) stays: its name may be on its way.
   */
  sweep(isUsed: (sha256: string) => boolean | Promise<boolean>, olderThan?: number): Promise<number>;
  /** Removes what this machine alone has for a while, where contents are elsewhere. Each server does it; a sweep is for one of them. */
  tidy?(): Promise<void>;
}
