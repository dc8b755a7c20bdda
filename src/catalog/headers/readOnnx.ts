import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelFacts } from '../modelFacts.ts';
import { HeaderReader } from './headerReader.ts';

/** Fields that are read at most; models of a billion weights have some ten thousands. */
const mostFields = 300_000;
const longestText = 64 << 10;
const mostDimensions = 16;
/** Inputs, and outputs, that are told of; models of tables have one for each column. Longer names are not kept. */
const mostValues = 5000;
const longestName = 200;

/** Name and bits of a number by its type. From `TensorProto.DataType` in `onnx.proto`. */
const types: ReadonlyMap<number, readonly [name: string, bits: number]> = new Map([
  [1, ['F32', 32]],
  [2, ['U8', 8]],
  [3, ['I8', 8]],
  [4, ['U16', 16]],
  [5, ['I16', 16]],
  [6, ['I32', 32]],
  [7, ['I64', 64]],
  [8, ['TEXT', 0]],
  [9, ['BOOL', 8]],
  [10, ['F16', 16]],
  [11, ['F64', 64]],
  [12, ['U32', 32]],
  [13, ['U64', 64]],
  [14, ['C64', 64]],
  [15, ['C128', 128]],
  [16, ['BF16', 16]],
  [17, ['F8_E4M3', 8]],
  [18, ['F8_E4M3', 8]],
  [19, ['F8_E5M2', 8]],
  [20, ['F8_E5M2', 8]],
  [21, ['U4', 4]],
  [22, ['I4', 4]],
  [23, ['F4', 4]],
]);

interface Tensor {
  name?: string | undefined;
  weights: number;
  type: number;
  /** The file beside it that has its numbers. */
  file?: string;
}

interface Found {
  version: number;
  hasGraph: boolean;
  name: string | undefined;
  tensors: Tensor[];
  inputs: string[];
  outputs: string[];
}

/**
 * Reads what an ONNX file is, without its numbers and nodes: it is a message of protobuf, of which only some fields are looked at. The format is described in
 * `onnx.proto` of onnx.
 * @throws {UserError} where it is no such file, it can't be so, or numbers of it are in a file that is not there.
 */
export function readOnnx(file: string): Promise<ModelFacts> {
  return HeaderReader.use(file, Number.MAX_SAFE_INTEGER, async (reader) => {
    const found: Found = { version: 0, hasGraph: false, name: undefined, tensors: [], inputs: [], outputs: [] };
    const message = new Message(reader);
    await message.each(reader.size, async (field, end) => {
      if (field === 1) found.version = await message.whole();
      else if (field === 7) {
        found.hasGraph = true;
        await readGraph(message, end, found);
      }
    });
    if (!(found.version >= 1 && found.version <= 100) || !found.hasGraph) throw reader.broken('it does not begin as an ONNX file');
    for (const name of new Set(found.tensors.map((each) => each.file)))
      if (name !== undefined && !(await isBeside(file, name)))
        throw reader.broken(`its weights are in the file ${JSON.stringify(name.slice(0, 200))}, which is not there`);
    return factsOf(found);
  });
}

async function readGraph(message: Message, end: number, found: Found): Promise<void> {
  await message.each(end, async (field, to) => {
    if (field === 2) found.name = await message.text(to);
    else if (field === 5) found.tensors.push(await readTensor(message, to));
    else if (field === 11) await readName(message, to, found.inputs);
    else if (field === 12) await readName(message, to, found.outputs);
  });
}

/** The name of an input or output. */
async function readName(message: Message, end: number, names: string[]): Promise<void> {
  await message.each(end, async (field, to) => {
    if (field !== 1 || to - message.at > longestName) return;
    if (names.length === mostValues) throw message.broken(`it has more than ${mostValues} inputs or outputs`);
    names.push((await message.text(to)) ?? '');
  });
}

async function readTensor(message: Message, end: number): Promise<Tensor> {
  const tensor: Tensor = { weights: 1, type: 0 };
  let dimensions = 0;
  const dimension = async () => {
    if (++dimensions > mostDimensions) throw message.broken(`a tensor has more than ${mostDimensions} dimensions`);
    tensor.weights *= await message.whole();
  };
  await message.each(end, async (field, to, isPacked) => {
    if (field === 1) {
      // One by one, or all in one field.
      if (!isPacked) await dimension();
      else while (message.at < to) await dimension();
    } else if (field === 2) tensor.type = await message.whole();
    else if (field === 8 && to - message.at <= longestName) tensor.name = await message.text(to);
    else if (field === 13) {
      const [key, value] = await readPair(message, to);
      if (key === 'location' && value) tensor.file = value;
    }
  });
  if (!types.has(tensor.type)) throw message.broken(`a tensor has numbers of type ${tensor.type}, which is not known`);
  if (!Number.isSafeInteger(tensor.weights)) throw message.broken('a tensor has more numbers than there can be');
  return tensor;
}

async function readPair(message: Message, end: number): Promise<[key: string | undefined, value: string | undefined]> {
  let [key, value]: (string | undefined)[] = [];
  await message.each(end, async (field, to) => {
    if (field === 1) key = await message.text(to);
    else if (field === 2) value = await message.text(to);
  });
  return [key, value];
}

/** Whether a file that a model names lies below the model's own folder. */
async function isBeside(model: string, name: string): Promise<boolean> {
  const file = path.resolve(path.dirname(model), name);
  const isBelow = file.startsWith(path.dirname(path.resolve(model)) + path.sep) && !name.includes('\0');
  return isBelow && Boolean((await stat(file).catch(() => undefined))?.isFile());
}

function factsOf({ name, tensors, inputs, outputs }: Found): ModelFacts {
  const counts = new Map<string, number>();
  const known = new Set(tensors.map((each) => each.name));
  let [parameters, weightBytes] = [0, 0];
  for (const { weights, type } of tensors) {
    const [label, bits] = types.get(type)!;
    counts.set(label, (counts.get(label) ?? 0) + weights);
    parameters += weights;
    weightBytes += Math.ceil((weights * bits) / 8);
  }
  return {
    format: 'onnx',
    ...(name ? { title: name } : {}),
    parameters,
    quantization: [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'none',
    weightBytes,
    hasChatTemplate: false,
    isAdapter: false,
    // Old files list their weights among the inputs.
    inputs: inputs.filter((each) => !known.has(each)),
    outputs,
  };
}

/** Reads messages of protobuf. */
class Message {
  private readonly reader: HeaderReader;
  private fields = 0;

  constructor(reader: HeaderReader) {
    this.reader = reader;
  }

  get at(): number {
    return this.reader.at;
  }

  broken(why: string): Error {
    return this.reader.broken(why);
  }

  /** Shows `look` each field of the message that ends at `end`, and where that field's own content ends; what it leaves of that is passed over. */
  async each(end: number, look: (field: number, end: number, hasLength: boolean) => Promise<void>): Promise<void> {
    while (this.reader.at < end) {
      if (++this.fields > mostFields) throw this.reader.broken(`it has more than ${mostFields.toLocaleString('en')} parts`);
      const tag = await this.whole();
      const [field, kind] = [Math.floor(tag / 8), tag % 8];
      if (kind === 0) {
        const before = this.reader.at;
        await look(field, before, false);
        if (this.reader.at === before) await this.whole();
      } else if (kind === 1 || kind === 5) this.reader.skip(kind === 1 ? 8 : 4);
      else if (kind === 2) {
        const length = await this.whole();
        const to = this.reader.at + length;
        if (to > end) throw this.reader.broken('a part of it is missing, or longer than what it is in');
        await look(field, to, true);
        if (this.reader.at > to) throw this.reader.broken('a part of it is longer than it says');
        this.reader.skip(to - this.reader.at);
      } else throw this.reader.broken('it does not begin as an ONNX file');
    }
    if (this.reader.at > end) throw this.reader.broken('a part of it is longer than it says');
  }

  /** A whole number of at most 53 bits. */
  async whole(): Promise<number> {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = await this.reader.u8();
      value |= BigInt(byte & 127) << shift;
      if (byte >= 128) continue;
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.reader.broken('it has a number that is too large');
      return Number(value);
    }
    throw this.reader.broken('it has a number that does not end');
  }

  /** The text up to `end`; undefined where it is too long to be kept. */
  async text(end: number): Promise<string | undefined> {
    const length = end - this.reader.at;
    if (length < 0 || length > longestText) return undefined;
    return Buffer.from(await this.reader.bytes(length)).toString('utf8');
  }
}
