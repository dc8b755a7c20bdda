import { writeWhole } from '../convert/writeWhole.ts';

/** A tensor that is to be written. */
export interface SafetensorToWrite {
  name: string;
  /** Numbers along each dimension; those of the last lie side by side. */
  shape: number[];
  type: 'F32' | 'F16' | 'BF16';
  bytes: number;
  /** Its content, in pieces. */
  content(): AsyncIterable<Uint8Array>;
}

/** Writes a safetensors file, as `writeWhole` does. `format: pt` tells transformers that the tensors are laid out as torch has them. */
export async function writeSafetensors(file: string, tensors: SafetensorToWrite[]): Promise<number> {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const { name, type, shape, bytes } of tensors) {
    header[name] = { dtype: type, shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  // The tensors begin at a multiple of 8 bytes; spaces fill up to there.
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return await writeWhole(file, padded.length + end, async (out) => {
    await out.add(length);
    await out.add(padded);
    for (const { name, bytes, content } of tensors) {
      const before = out.size;
      for await (const piece of content()) await out.add(piece);
      if (out.size - before !== bytes) throw new Error(`${name} has ${out.size - before} bytes of ${bytes}.`);
    }
  });
}
