import type { ModelFacts } from '../modelFacts.ts';
import { HeaderReader } from './headerReader.ts';
import { fileTypes, tensorTypes } from './tensorTypes.ts';

/** Bytes that a header may have: the vocabularies of today's models take up to about 20 MB. */
const mostBytes = 64 << 20;
const mostKeys = 10_000;
const mostTensors = 100_000;
const longestName = 1000;
/** Bytes of a value that is kept; chat templates have some thousands. */
const longestText = 1 << 20;
/** Values of a list that are kept; of a longer one none is. */
const longestList = 1000;
const deepestList = 4;

export type GgufValue = string | number | bigint | boolean | GgufValue[];

/** A part of a file. */
export interface Span {
  from: number;
  to: number;
}

export interface GgufTensor extends Span {
  name: string;
  /** Numbers along each dimension; those of the first lie side by side. */
  shape: number[];
  /** Of the table `tensorTypes`. */
  type: number;
}

/** What stands before the tensors of a GGUF file, and where everything is. */
export interface GgufHeader {
  /** Of the format. */
  version: number;
  /** Of each key that is small enough to be kept; of a longer value none. */
  keys: ReadonlyMap<string, GgufValue>;
  /** Every key with its value, as it lies in the file. */
  places: ReadonlyMap<string, Span>;
  tensors: GgufTensor[];
}

/** Bytes of a value by its type: u8, i8, u16, i16, u32, i32, f32, bool, then text (8) and list (9), then u64, i64, f64. */
const widths: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

/** What a GGUF file is, from its header. Throws as `readGgufHeader` does. */
export const readGguf = async (file: string): Promise<ModelFacts> => factsOf(await readGgufHeader(file));

/**
 * Reads the header of a GGUF file (versions 2 and 3, little-endian), and whether all of its tensors are there. The format is described in `docs/gguf.md` of ggml.
 * @throws {UserError} where it is no such file, or its header can't be so.
 */
export function readGgufHeader(file: string): Promise<GgufHeader> {
  return HeaderReader.use(file, mostBytes, async (reader) => {
    if (Buffer.from(await reader.bytes(4)).toString('latin1') !== 'GGUF') throw reader.broken('it does not begin as a GGUF file');
    const version = await reader.u32();
    if (version === 0x02000000 || version === 0x03000000) throw reader.broken('its numbers are big-endian, which no engine here reads');
    if (version !== 2 && version !== 3) throw reader.broken(`it has version ${version} of the format; versions 2 and 3 are known`);
    const tensorCount = await reader.count('tensors', mostTensors);
    const keyCount = await reader.count('keys', mostKeys);
    const keys = new Map<string, GgufValue>();
    const places = new Map<string, Span>();
    for (let i = 0; i < keyCount; i++) {
      const from = reader.at;
      const key = await text(reader, longestName);
      if (key === undefined) throw reader.broken(`the name of a key has more than ${longestName} bytes`);
      const value = await readValue(reader, await reader.u32(), 0);
      if (value !== undefined) keys.set(key, value);
      places.set(key, { from, to: reader.at });
    }
    return { version, keys, places, tensors: await readTensors(reader, tensorCount, keys) };
  });
}

/**
 * Reads the value of a key, however long it is: a vocabulary, of which the header keeps nothing. `place` is that of `GgufHeader.places`.
 * @throws {UserError} where the file has changed since its header was read.
 */
export function readGgufValue(file: string, place: Span): Promise<GgufValue | undefined> {
  return HeaderReader.use(file, place.to, async (reader) => {
    reader.skip(place.from);
    await text(reader, longestName);
    return readValue(reader, await reader.u32(), 0, Number.MAX_SAFE_INTEGER);
  });
}

/** A text; undefined, and passed over, where it is longer than `longest`. */
async function text(reader: HeaderReader, longest: number): Promise<string | undefined> {
  const length = await reader.count('bytes in a text', reader.left);
  if (length > longest) {
    reader.skip(length);
    return undefined;
  }
  return Buffer.from(await reader.bytes(length)).toString('utf8');
}

async function readValue(reader: HeaderReader, type: number, depth: number, longest = longestList): Promise<GgufValue | undefined> {
  switch (type) {
    case 4:
      return reader.u32();
    case 5:
      return reader.i32();
    case 6:
      return reader.f32();
    case 7:
      return (await reader.u8()) !== 0;
    case 8:
      return text(reader, longestText);
    case 9:
      return list(reader, depth, longest);
    case 10:
    case 11:
      return reader.u64();
    case 12:
      return reader.f64();
    default: {
      const width = widths[type];
      if (width === undefined) throw reader.broken(`a value has type ${type}, which is not known`);
      const bytes = await reader.bytes(width);
      return bytes[0]! + (bytes[1] ?? 0) * 256;
    }
  }
}

async function list(reader: HeaderReader, depth: number, longest: number): Promise<GgufValue[] | undefined> {
  if (depth >= deepestList) throw reader.broken(`its lists lie more than ${deepestList} deep`);
  const type = await reader.u32();
  const width = widths[type];
  // A text has its length before it, a list its type and its length.
  const count = await reader.count('values in a list', Math.floor(reader.left / (width ?? 8)));
  if (width !== undefined && count > longest) {
    reader.skip(count * width);
    return undefined;
  }
  const values: GgufValue[] = [];
  for (let i = 0; i < count; i++) {
    const value = await readValue(reader, type, depth + 1, longest);
    if (value !== undefined && count <= longest) values.push(value);
  }
  return count <= longest ? values : undefined;
}

async function readTensors(reader: HeaderReader, count: number, keys: ReadonlyMap<string, GgufValue>): Promise<GgufTensor[]> {
  const tensors: GgufTensor[] = [];
  let end = 0;
  for (let i = 0; i < count; i++) {
    const name = await text(reader, longestName);
    const dimensions = await reader.u32();
    if (dimensions > 8) throw reader.broken(`a tensor has ${dimensions} dimensions`);
    const shape: number[] = [];
    for (let d = 0; d < dimensions; d++) shape.push(await reader.count('numbers in a row', Number.MAX_SAFE_INTEGER));
    const type = await reader.u32();
    const known = tensorTypes.get(type);
    const offset = await reader.count('bytes before a tensor', reader.size);
    if (name === undefined) throw reader.broken(`the name of a tensor has more than ${longestName} bytes`);
    if (!known) throw reader.broken(`${name} has numbers of a type that is not known; a newer engine may read it`);
    const bytes = (weightsOf({ shape }) / known[1]) * known[2];
    if (!(bytes <= reader.size)) throw reader.broken(`${name} would be larger than the file: a part of it is missing`);
    tensors.push({ name, shape, type, from: offset, to: offset + bytes });
    end = Math.max(end, offset + bytes);
  }
  const alignment = Number(keys.get('general.alignment') ?? 32);
  if (!(alignment >= 1 && alignment <= 1 << 20)) throw reader.broken(`its tensors are aligned to ${alignment} bytes`);
  const start = Math.ceil(reader.at / alignment) * alignment;
  if (start + end > reader.size)
    throw reader.broken(
      `it has ${reader.size.toLocaleString('en')} bytes of ${(start + end).toLocaleString('en')}: a part of it is missing`,
    );
  return tensors.map((tensor) => ({ ...tensor, from: start + tensor.from, to: start + tensor.to }));
}

/** Numbers of a tensor. */
export const weightsOf = ({ shape }: Pick<GgufTensor, 'shape'>): number => shape.reduce((product, each) => product * each, 1);

function factsOf({ keys, tensors }: GgufHeader): ModelFacts {
  const types = new Map<string, number>();
  let [parameters, weightBytes] = [0, 0];
  for (const tensor of tensors) {
    const [type] = tensorTypes.get(tensor.type)!;
    const weights = weightsOf(tensor);
    types.set(type, (types.get(type) ?? 0) + weights);
    parameters += weights;
    weightBytes += tensor.to - tensor.from;
  }
  const word = (key: string) => {
    const value = keys.get(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const whole = (key: string) => {
    const value = keys.get(key);
    // Some models have a number a layer: the largest is meant.
    const number = Array.isArray(value) ? Math.max(...value.map(Number)) : typeof value === 'object' ? Number.NaN : Number(value);
    return Number.isSafeInteger(number) && number > 0 ? number : undefined;
  };
  const architecture = word('general.architecture');
  const of = (key: string) => whole(`${architecture}.${key}`);
  const [layers, width, heads] = [of('block_count'), of('embedding_length'), of('attention.head_count')];
  const head = width && heads ? width / heads : undefined;
  const [keyHead, valueHead] = [of('attention.key_length') ?? head, of('attention.value_length') ?? head];
  const cacheHeads = of('attention.head_count_kv') ?? heads;
  const [title, license, contextLength] = [word('general.name'), word('general.license'), of('context_length')];
  const languages = keys.get('general.languages');
  const most = [...types].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'none';
  return {
    format: 'gguf',
    ...(architecture ? { architecture } : {}),
    ...(title ? { title } : {}),
    ...(license ? { license } : {}),
    parameters,
    quantization: fileTypes.get(Number(keys.get('general.file_type') ?? -1)) ?? most,
    weightBytes,
    ...(contextLength ? { contextLength } : {}),
    ...(layers && cacheHeads && keyHead && valueHead ? { cacheBytesPerToken: layers * cacheHeads * (keyHead + valueHead) * 2 } : {}),
    ...(Array.isArray(languages) ? { languages: languages.filter((each) => typeof each === 'string') } : {}),
    hasChatTemplate: keys.has('tokenizer.chat_template'),
    isAdapter: word('general.type') === 'adapter',
  };
}
