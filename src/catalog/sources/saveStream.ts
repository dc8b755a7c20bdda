import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../base/userError.ts';
import { flushFolder } from '../../files/flushFolder.ts';
import { asDiskFull } from '../../transfer/web/partFile.ts';

interface Announced {
  /** For messages. */
  name: string;
  bytes: number;
  sha256?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Saves a stream as `target`, which gets its name when it is whole and on the disk; answers its SHA-256 and size.
 * @throws {UserError} where it has another size or hash than was announced.
 */
export async function saveStream(
  content: Readable,
  target: string,
  { name, bytes, sha256, signal }: Announced,
): Promise<{ sha256: string; bytes: number }> {
  const temporary = path.join(path.dirname(target), '.extracted.part');
  const hash = createHash('sha256');
  let written = 0;
  const wrongSize = () =>
    new UserError(
      'InputUnavailable',
      `${name} has another size than the ${bytes.toLocaleString('en')} bytes that were announced.`,
      'Get it from another source.',
    );
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      written += chunk.length;
      if (written > bytes) return done(wrongSize());
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(content, counted, createWriteStream(temporary, { flush: true }), signal ? { signal } : {}).catch((error) => {
      throw asDiskFull(error, target, bytes);
    });
    if (written !== bytes) throw wrongSize();
    const found = hash.digest('hex');
    if (sha256 !== undefined && found !== sha256)
      throw new UserError(
        'InputUnavailable',
        `${name} has the hash ${found}, and ${sha256} was announced. It was thrown away.`,
        'Get it from another source.',
      );
    await rename(temporary, target);
    await flushFolder(path.dirname(target));
    return { sha256: found, bytes };
  } finally {
    await rm(temporary, { force: true });
  }
}
