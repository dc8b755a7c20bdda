import { createReadStream } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { UserError } from '../../base/userError.ts';
import type { GgufHeader, GgufTensor, Span } from '../../catalog/headers/readGguf.ts';
import { tensorTypes } from '../../catalog/headers/tensorTypes.ts';
import { readSpan } from '../../files/readSpan.ts';
import { readAdapterConfig } from './adapterConfig.ts';
import { type Change, readAdapter } from './adapterParts.ts';
import { blockSize, eightBits, readers } from './blocks.ts';
import type { Converted, ConvertOptions } from './convertAdapter.ts';
import { keyBytes } from './ggufKeys.ts';
import { isSplit, readBase } from './readBase.ts';
import { readMatrix } from './readMatrix.ts';
import { bytesOfWeights, largestHalf, largestOf } from './weights.ts';
import { type WrittenTensor, writeGguf } from './writeGguf.ts';

export interface MergeOptions extends Omit<ConvertOptions, 'type'> {
  /** Of the tensors that the adapter changes. */
  type?: string;
}

type Type = 'f16' | 'q8_0';
/** Number of the type of a tensor, and of the file. */
const written: Record<Type, { tensor: number; file: number; bytes: number }> = {
  f16: { tensor: 1, file: 1, bytes: 2 },
  q8_0: { tensor: 8, file: 7, bytes: 34 / blockSize },
};
/** Bytes of a tensor that are read at a time. */
const readAtOnce = 1 << 20;

/**
 * Makes a GGUF model of a base model and a LoRA adapter of PEFT. Keys and the tokenizer are those of the base model, and so is, byte for byte, every tensor that the adapter does not change.
 * One matrix and some rows at a time are in memory.
 * @throws {UserError} where it can't be done, or the adapter does not fit the base model.
 */
export async function mergeAdapter({ base, adapter, out, type: asked = 'q8_0', signal }: MergeOptions): Promise<Converted> {
  const type = typeOf(asked);
  const header = await readBase(base);
  if (isSplit(header))
    throw new UserError(
      'NotImplemented',
      `${base} is a part of a model in several files, which can't be merged with.`,
      'Serve the model with the adapter instead.',
    );
  const parts = await readAdapter(adapter, await readAdapterConfig(adapter), header);
  for (const tensor of header.tensors) if (parts.changes.has(tensor.name)) expectReadable(tensor);
  if ((await realpath(base)) === (await realpath(out).catch(() => undefined)))
    throw new UserError('InvalidArgument', `${out} is the base model itself.`, 'Name another file for what is made.');
  const handles = await Promise.all([open(base), open(parts.file)]);
  try {
    const [model, weights] = handles;
    const bytes = await writeGguf(
      out,
      {
        keyCount: header.places.size,
        keys: keysOf(header, base, type),
        alignment: Number(header.keys.get('general.alignment') ?? 32),
        tensors: header.tensors.map((tensor): WrittenTensor => {
          const change = parts.changes.get(tensor.name);
          return change
            ? changed(tensor, change, type, model, weights)
            : { ...tensor, bytes: tensor.to - tensor.from, content: () => spanOf(base, tensor) };
        }),
      },
      signal,
    );
    return { file: out, bytes, changes: parts.changes.size };
  } finally {
    for (const handle of handles) await handle.close();
  }
}

function typeOf(type: string): Type {
  const lower = type.toLowerCase();
  if (lower === 'f16' || lower === 'q8_0') return lower;
  if (/^(?:i?q|tq|mxfp)\d/.test(lower))
    throw new UserError(
      'InvalidArgument',
      `An adapter is not merged into ${type}: what it changes is about as large as a step of so few bits, and is lost. Such a model gave wrong answers to all questions.`,
      'Merge into q8_0 or f16, or serve the model together with the adapter.',
    );
  throw new UserError('InvalidArgument', `An adapter is merged into f16 or q8_0, not into ${type}.`);
}

function expectReadable({ name, type, shape }: GgufTensor): void {
  const [label, block] = tensorTypes.get(type)!;
  if (!readers.has(type)) {
    const known = [...readers.keys()].map((each) => tensorTypes.get(each)![0]);
    throw new UserError(
      'NotImplemented',
      `${name} of the base model is ${label}: weights of ${known.join(', ')} can be merged with.`,
      'Serve the model together with the adapter, or take a base model of another quantisation.',
    );
  }
  if (shape[0]! % block)
    throw new UserError('InvalidModelFile', `${name} of the base model has rows of ${shape[0]}, which are no whole blocks.`);
}

/** The keys of the base model as they lie in its file, but for the type of most weights. */
async function* keysOf({ places }: GgufHeader, base: string, type: Type): AsyncIterable<Uint8Array> {
  for (const [key, place] of places)
    if (key === 'general.file_type') yield keyBytes(key, { u32: written[type].file });
    else yield* spanOf(base, place);
}

async function* spanOf(file: string, { from, to }: Span): AsyncIterable<Uint8Array> {
  if (to > from) yield* createReadStream(file, { start: from, end: to - 1, highWaterMark: readAtOnce });
}

/** A tensor of the base model with the change that the adapter makes. */
function changed(
  { name, shape, type, from, to }: GgufTensor,
  change: Change,
  asked: Type,
  model: FileHandle,
  weights: FileHandle,
): WrittenTensor {
  const [inputs, outputs] = shape as [number, number];
  // Rows that are no whole blocks of 8 bits have 16.
  const own: Type = inputs % blockSize ? 'f16' : asked;
  const read = readers.get(type)!;
  const rowBytes = (to - from) / outputs;
  const rowsAtOnce = Math.max(1, Math.floor(readAtOnce / rowBytes));

  async function* content(): AsyncIterable<Uint8Array> {
    const [a, b] = [await readMatrix(weights, change.a), await readMatrix(weights, change.b)];
    for (let first = 0; first < outputs; first += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, outputs - first);
      const merged = new Float32Array(rows * inputs);
      read(await readSpan(model, { from: from + first * rowBytes, to: from + (first + rows) * rowBytes }), merged);
      for (let row = 0; row < rows; row++)
        addRow(merged.subarray(row * inputs, (row + 1) * inputs), a, b.subarray((first + row) * change.rank), change);
      if (own === 'f16' && largestOf(merged) > largestHalf)
        throw new UserError('OutOfRange', `${name} has numbers that 16 bits can't hold.`, 'Merge into q8_0.');
      yield own === 'f16' ? bytesOfWeights(merged, 'F16') : eightBits(merged);
    }
  }
  return { name, shape, type: written[own].tensor, bytes: inputs * outputs * written[own].bytes, content };
}

/** Adds a row of `scale * b * a` to a row of the base model. */
function addRow(row: Float32Array, a: Float32Array, b: Float32Array, { rank, inputs, scale }: Change): void {
  const sum = new Float64Array(inputs);
  for (let k = 0; k < rank; k++) {
    const factor = b[k]! * scale;
    const from = k * inputs;
    for (let at = 0; at < inputs; at++) sum[at]! += factor * a[from + at]!;
  }
  for (let at = 0; at < inputs; at++) row[at] = row[at]! + sum[at]!;
}
