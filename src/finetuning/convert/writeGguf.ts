import { textBytes, u32Bytes, u64Bytes } from './ggufKeys.ts';
import { writeWhole } from './writeWhole.ts';

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

/**
 * Writes a GGUF file of version 3. It has its name when all of it is on the disk: what was broken off leaves nothing. Answers its size.
 * @throws {UserError} where the disk is full, or the folder can't be written to.
 */
export async function writeGguf(file: string, { keyCount, keys, tensors, alignment }: WrittenGguf, signal?: AbortSignal): Promise<number> {
  const padding = (size: number) => Buffer.alloc((alignment - (size % alignment)) % alignment);
  const expected = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  return await writeWhole(file, expected, async (out) => {
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
  });
}
