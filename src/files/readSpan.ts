import type { FileHandle } from 'node:fs/promises';

/** The bytes of a file from one place to another. Throws where it ends before. */
export async function readSpan(handle: FileHandle, { from, to }: { from: number; to: number }): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(to - from);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, from + filled);
    if (bytesRead === 0) throw new Error(`The file ends at ${from + filled} bytes, before ${to}: it was cut while it was read.`);
    filled += bytesRead;
  }
  return bytes;
}
