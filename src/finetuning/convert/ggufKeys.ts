/** A value of a key that is written: a text, or a 32-bit float, or a whole number of 32 bits. */
export type WrittenValue = string | { f32: number } | { u32: number };

/** A key of a GGUF file with its value, as it lies in the file. */
export function keyBytes(key: string, value: WrittenValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([textBytes(key), u32Bytes(8), textBytes(value)]);
  const number = Buffer.alloc(4);
  if ('f32' in value) number.writeFloatLE(value.f32);
  else number.writeUInt32LE(value.u32);
  return Buffer.concat([textBytes(key), u32Bytes('f32' in value ? 6 : 4), number]);
}

/** A text with its length before it. */
export const textBytes = (text: string): Buffer => Buffer.concat([u64Bytes(Buffer.byteLength(text)), Buffer.from(text)]);

export function u32Bytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64Bytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
