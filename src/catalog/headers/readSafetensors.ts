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

/**
 * Reads the header of a safetensors file, and whether its tensors lie one behind the other to the file's end, as the format asks for.
 * @throws {UserError} where it is no such file, or its header can't be so.
 */
export function readSafetensors(file: string): Promise<ModelFacts> {
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
    const places: [from: number, to: number][] = [];
    const types = new Map<string, number>();
    let [parameters, weightBytes] = [0, 0];
    for (const [name, tensor] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      const { dtype, shape, data_offsets: place } = (tensor ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
      const width = typeof dtype === 'string' ? bits[dtype] : undefined;
      if (width === undefined || !isSizes(shape) || !isSizes(place) || place.length !== 2)
        throw reader.broken(`${JSON.stringify(name.slice(0, 100))} of its header does not describe a tensor`);
      const weights = shape.reduce((product, each) => product * each, 1);
      if ((weights * width) / 8 !== place[1]! - place[0]!)
        throw reader.broken(`${JSON.stringify(name.slice(0, 100))} has another size than its shape says`);
      parameters += weights;
      weightBytes += place[1]! - place[0]!;
      types.set(dtype as string, (types.get(dtype as string) ?? 0) + weights);
      places.push([place[0]!, place[1]!]);
    }
    places.sort(([a, b], [c, d]) => a - c || b - d);
    let end = 0;
    for (const [from, to] of places) {
      if (from !== end) throw reader.broken('its tensors do not lie one behind the other');
      end = to;
    }
    if (reader.at + end !== reader.size)
      throw reader.broken(
        `it has ${reader.size.toLocaleString('en')} bytes of ${(reader.at + end).toLocaleString('en')}: ${reader.at + end > reader.size ? 'a part of it is missing' : 'there is more in it than its tensors'}`,
      );
    return {
      format: 'safetensors',
      parameters,
      quantization: [...types].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'none',
      weightBytes,
      hasChatTemplate: false,
      isAdapter: Object.keys(header).some((name) => /\.lora_[AB]\./.test(name)),
    };
  });
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 16 && value.every((each) => Number.isSafeInteger(each) && each >= 0);
