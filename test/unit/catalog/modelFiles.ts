import { tensorTypes } from '../../../src/catalog/headers/tensorTypes.ts';

/** A value of a GGUF key: a text, a whole number, yes or no, a 32-bit float, or a list of texts or of whole numbers. */
export type GgufValue = string | number | boolean | { f32: number } | string[] | number[];

export interface GgufTensor {
  name: string;
  shape: number[];
  /** Of the table `tensorTypes`. */
  type?: number;
  /** Its content; zeros when absent. */
  bytes?: Buffer;
}

/** A GGUF file of version 3 with these keys and tensors. */
export function ggufFile(keys: Record<string, GgufValue>, tensors: GgufTensor[] = [{ name: 'token_embd.weight', shape: [8, 4] }]): Buffer {
  const parts: Buffer[] = [];
  const u32 = (value: number) => parts.push(numbers(4, (bytes) => bytes.writeUInt32LE(value)));
  const u64 = (value: number) => parts.push(numbers(8, (bytes) => bytes.writeBigUInt64LE(BigInt(value))));
  const text = (value: string) => {
    u64(Buffer.byteLength(value));
    parts.push(Buffer.from(value));
  };
  parts.push(Buffer.from('GGUF'));
  u32(3);
  u64(tensors.length);
  u64(Object.keys(keys).length);
  for (const [key, value] of Object.entries(keys)) {
    text(key);
    if (typeof value === 'string') {
      u32(8);
      text(value);
    } else if (typeof value === 'number') {
      u32(4);
      u32(value);
    } else if (Array.isArray(value)) {
      const areTexts = typeof value[0] === 'string';
      u32(9);
      u32(areTexts ? 8 : 4);
      u64(value.length);
      for (const each of value) areTexts ? text(each as string) : u32(each as number);
    } else if (typeof value === 'boolean') {
      u32(7);
      parts.push(Buffer.from([value ? 1 : 0]));
    } else {
      u32(6);
      parts.push(numbers(4, (bytes) => bytes.writeFloatLE(value.f32)));
    }
  }
  let offset = 0;
  for (const { name, shape, type = 0 } of tensors) {
    text(name);
    u32(shape.length);
    for (const size of shape) u64(size);
    u32(type);
    u64(offset);
    offset += Math.ceil(bytesOf(shape, type) / 32) * 32;
  }
  const header = Buffer.concat(parts);
  const contents = Buffer.alloc(offset);
  let at = 0;
  for (const { shape, type = 0, bytes } of tensors) {
    bytes?.copy(contents, at);
    at += Math.ceil(bytesOf(shape, type) / 32) * 32;
  }
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), contents]);
}

function bytesOf(shape: number[], type: number): number {
  const weights = shape.reduce((product, each) => product * each, 1);
  const [, block, bytes] = tensorTypes.get(type)!;
  return (weights / block) * bytes;
}

function numbers(size: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return bytes;
}

/** A safetensors file with this header and so many bytes of data. */
export function safetensorsFile(header: unknown, dataBytes: number): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  return Buffer.concat([numbers(8, (bytes) => bytes.writeBigUInt64LE(BigInt(text.length))), text, Buffer.alloc(dataBytes)]);
}

/** A tensor of an ONNX file; type 1 is float, 3 is int8; `file` has its numbers. */
export interface OnnxTensor {
  name: string;
  shape: number[];
  type: number;
  file?: string;
}

/** An ONNX file with a graph of these tensors, of zeros, and with inputs and outputs of these names. */
export function onnxFile(graph: string, tensors: OnnxTensor[], { inputs = [], outputs = [] }: Record<string, string[]> = {}): Buffer {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]);
  const whole = (field: number, value: number) => Buffer.from([...varint(field * 8), ...varint(value)]);
  const part = (field: number, content: Buffer | string) =>
    Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(Buffer.byteLength(content))]), Buffer.from(content)]);
  const initializers = tensors.map(({ name, shape, type, file }) => {
    const bytes = shape.reduce((product, each) => product * each, 1) * (type === 1 ? 4 : 1);
    return part(
      5,
      Buffer.concat([
        part(1, Buffer.from(shape.flatMap(varint))),
        whole(2, type),
        part(8, name),
        file ? part(13, Buffer.concat([part(1, 'location'), part(2, file)])) : part(9, Buffer.alloc(bytes)),
      ]),
    );
  });
  const shape = part(2, part(1, part(2, 'batch')));
  const value = (field: number, name: string) =>
    part(field, Buffer.concat([part(1, name), part(2, part(1, Buffer.concat([whole(1, 1), shape])))]));
  const node = part(1, Buffer.concat([part(1, 'a'), part(2, 'out'), part(4, 'Relu')]));
  return Buffer.concat([
    whole(1, 8),
    part(2, 'test'),
    part(
      7,
      Buffer.concat([
        node,
        part(2, graph),
        ...initializers,
        ...inputs.map((name) => value(11, name)),
        ...outputs.map((name) => value(12, name)),
      ]),
    ),
    part(8, whole(2, 17)),
  ]);
}

/** Numbers that look like chance and are the same in each run (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The same file with some bytes changed, cut, doubled, or with a length that is a lie. */
export function mutated(file: Buffer, next: () => number): Buffer {
  const at = (size: number) => Math.floor(next() * size);
  const copy = Buffer.from(file);
  const kind = at(5);
  if (kind === 0) return copy.subarray(0, at(copy.length));
  if (kind === 1) {
    for (let i = 0; i < 1 + at(8); i++) copy[at(copy.length)] = at(256);
    return copy;
  }
  if (kind === 2) {
    const place = at(Math.max(1, copy.length - 8));
    const lies = [0n, 1n, 0xffffffffn, 1n << 40n, (1n << 63n) - 1n, (1n << 64n) - 1n];
    copy.writeBigUInt64LE(lies[at(lies.length)]!, place);
    return copy;
  }
  if (kind === 3) {
    const [from, to] = [at(copy.length), at(copy.length)].sort((a, b) => a - b) as [number, number];
    return Buffer.concat([copy.subarray(0, to), copy.subarray(from)]);
  }
  copy.fill(at(256), at(copy.length), at(copy.length));
  return copy;
}
