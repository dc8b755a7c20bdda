import type { ModelFacts } from '../modelFacts.ts';
import { HeaderReader } from './headerReader.ts';

/** Bytes that a header may have. The format allows 100 MB; models of 500 billion weights have about 10. */
const mostBytes = 32 << 20;

/** Bits of a number by its type. From the table of types of the format's own library, `safetensors/src/tensor.rs`. */
const bits: Record<string, number> = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F4: 4,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
  C64: 64,
};

export interface SafeTensor {
  name: string;
  /** `F32`, `BF16`: of the format's own list. */
  type: string;
  /** Numbers along each dimension; those of the last lie side by side. */
  shape: number[];
  /** Where in the file it lies. */
  from: number;
  to: number;
}

/** What a safetensors file is, from its header. Throws as `readSafetensorsHeader` does. */
export async function readSafetensors(file: string): Promise<ModelFacts> {
  const tensors = await readSafetensorsHeader(file);
  const types = new Map<string, number>();
  let [parameters, weightBytes] = [0, 0];
  for (const { type, shape, from, to } of tensors) {
    const weights = shape.reduce((product, each) => product * each, 1);
    types.set(type, (types.get(type) ?? 0) + weights);
    parameters += weights;
    weightBytes += to - from;
  }
  return {
    format: 'safetensors',
    parameters,
    quantization: [...types].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'none',
    weightBytes,
    hasChatTemplate: false,
    isAdapter: tensors.some(({ name }) => /\.lora_[AB]\./.test(name)),
  };
}

/**
 * Reads the header of a safetensors file: its tensors in the order of the header. Looks whether its tensors lie one behind the other to the file's end, as the format asks for.
 * @throws {UserError} where it is no such file, or its header can't be so.
 */
export function readSafetensorsHeader(file: string): Promise<SafeTensor[]> {
  return HeaderReader.use(file, mostBytes + 8, async (reader) => {
    const length = await reader.count('bytes in its header', Math.min(mostBytes, Math.max(0, reader.left - 8)));
    const bytes = await reader.bytes(length);
    let header: unknown;
    try {
      header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      throw reader.broken('its header is no JSON');
    }
    if (typeof header !== 'object' || header === null || Array.isArray(header)) throw reader.broken('its header is no JSON object');
    const tensors: SafeTensor[] = [];
    for (const [name, tensor] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      const { dtype, shape, data_offsets: place } = (tensor ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
      const width = typeof dtype === 'string' ? bits[dtype] : undefined;
      if (width === undefined || !isSizes(shape) || !isSizes(place) || place.length !== 2)
        throw reader.broken(`${JSON.stringify(name.slice(0, 100))} of its header does not describe a tensor`);
      const weights = shape.reduce((product, each) => product * each, 1);
      if ((weights * width) / 8 !== place[1]! - place[0]!)
        throw reader.broken(`${JSON.stringify(name.slice(0, 100))} has another size than its shape says`);
      tensors.push({ name, type: dtype as string, shape, from: place[0]!, to: place[1]! });
    }
    let end = 0;
    for (const { from, to } of tensors.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
      if (from !== end) throw reader.broken('its tensors do not lie one behind the other');
      end = to;
    }
    if (reader.at + end !== reader.size)
      throw reader.broken(
        `it has ${reader.size.toLocaleString('en')} bytes of ${(reader.at + end).toLocaleString('en')}: ${reader.at + end > reader.size ? 'a part of it is missing' : 'there is more in it than its tensors'}`,
      );
    return tensors.map((tensor) => ({ ...tensor, from: reader.at + tensor.from, to: reader.at + tensor.to }));
  });
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 16 && value.every((each) => Number.isSafeInteger(each) && each >= 0);
