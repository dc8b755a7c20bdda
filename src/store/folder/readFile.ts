import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { UserError } from '../../base/userError.ts';
import type { ByteRange } from '../blobs.ts';

/** Streams a part of a file that is open by then. Throws `NotFound` with `missing` when there is no such file. */
export async function readFile(file: string, { start, end = Number.POSITIVE_INFINITY }: ByteRange, missing: string): Promise<Readable> {
  const isEmpty = end < start;
  const stream = createReadStream(file, isEmpty ? {} : { start, end });
  try {
    await once(stream, 'open');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' || code === 'ENOTDIR' ? new UserError('NotFound', missing) : error;
  }
  if (!isEmpty) return stream;
  stream.destroy();
  return Readable.from([]);
}
