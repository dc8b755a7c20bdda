import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { type GgufHeader, type GgufTensor, weightsOf } from '../../catalog/headers/readGguf.ts';
import { tensorTypes } from '../../catalog/headers/tensorTypes.ts';
import { readSpan } from '../../files/readSpan.ts';
import { type Architecture, architectures } from '../convert/architectures.ts';
import { readers } from '../convert/blocks.ts';
import { headsOf } from '../convert/heads.ts';
import { unpermuteRows } from '../convert/permuteRows.ts';
import { isSplit, readBase } from '../convert/readBase.ts';
import { modelConfigOf } from './modelConfig.ts';
import { specialTokensOf } from './specialTokens.ts';
import { hfNameOf } from './tensorNames.ts';
import { tokenizerFilesOf } from './tokenizerFiles.ts';
import { readVocabulary } from './vocabulary.ts';
import { type SafetensorToWrite, writeSafetensors } from './writeSafetensors.ts';

export interface ImportedBase {
  /** Numbers that the model has. */
  parameters: number;
  /** Bytes of its weights in the folder. */
  bytes: number;
}

/** Bytes of weights that are read at once. */
const readAtOnce = 16 << 20;

/**
 * Makes of a GGUF file the folder that transformers trains from: configuration, tokenizer, and weights as 32 bit numbers.
 * @throws {UserError} where the model can't be trained, or the disk is full.
 */
export async function importBase(file: string, folder: string): Promise<ImportedBase> {
  const header = await readBase(file);
  const name = String(header.keys.get('general.architecture'));
  const architecture = architectures.get(name);
  if (!architecture)
    throw untrainable(file, `its architecture ${JSON.stringify(name.slice(0, 100))} is not among ${[...architectures.keys()].join(', ')}`);
  if (isSplit(header)) throw untrainable(file, 'its weights go on in other files', 'Join the parts with gguf-split of llama.cpp.');
  const special = specialTokensOf(header);
  const { tokenizer, config: tokenizerConfig } = tokenizerFilesOf(header, await readVocabulary(file, header), special);
  const tensors = header.tensors.filter((tensor) => !isOfRope(tensor.name));
  const model = await open(file);
  try {
    const config = modelConfigOf(header, special, await ropeFactorsOf(header, model));
    const written = tensors.map((tensor) => toWrite(file, tensor, header, architecture, name, (from, to) => readSpan(model, { from, to })));
    await mkdir(folder, { recursive: true });
    const bytes = await writeSafetensors(path.join(folder, 'model.safetensors'), written);
    for (const [to, content] of Object.entries({
      'config.json': config,
      'generation_config.json': special,
      'tokenizer.json': tokenizer,
      'tokenizer_config.json': tokenizerConfig,
    }))
      await writeFile(path.join(folder, to), `${JSON.stringify(content)}\n`);
    return { parameters: tensors.reduce((sum, tensor) => sum + weightsOf(tensor), 0), bytes };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new UserError('DiskFull', `The disk is full: the base model can't be written to ${folder}.`);
    throw error;
  } finally {
    await model.close();
  }
}

/** What is no part of the weights: it follows from the configuration. */
const isOfRope = (name: string) => name === 'rope_freqs.weight' || name.endsWith('.attn_rot_embd');

async function ropeFactorsOf({ tensors }: GgufHeader, model: FileHandle): Promise<Float32Array | undefined> {
  const tensor = tensors.find(({ name, type }) => name === 'rope_freqs.weight' && type === 0);
  if (!tensor) return undefined;
  const factors = new Float32Array(weightsOf(tensor));
  readers.get(0)!(await readSpan(model, tensor), factors);
  return factors;
}

function toWrite(
  file: string,
  tensor: GgufTensor,
  { keys }: GgufHeader,
  architecture: Architecture,
  named: string,
  bytesOf: (from: number, to: number) => Promise<Buffer>,
): SafetensorToWrite {
  const { name, shape, type, from, to } = tensor;
  const hfName = hfNameOf(name, named, architecture);
  if (!hfName)
    throw untrainable(file, `it has a tensor ${JSON.stringify(name.slice(0, 100))}, which models of its architecture do not have`);
  const read = readers.get(type);
  if (!read)
    throw untrainable(
      file,
      `${name} has numbers of type ${tensorTypes.get(type)?.[0] ?? type}, which are not read`,
      `Take a file with numbers of type ${[...readers.keys()].map((each) => tensorTypes.get(each)![0]).join(', ')}.`,
    );
  const [width = 1, rows = 1] = shape;
  const rowBytes = (to - from) / rows;
  if (!Number.isInteger(rowBytes)) throw untrainable(file, `the rows of ${name} are no whole blocks`);
  const heads = architecture.isPermuted ? headsOfTensor(keys, name) : undefined;
  if (heads && weightsOf({ shape }) % (heads * 2)) throw untrainable(file, `the rows of ${name} are not those of ${heads} heads`);
  // Gemma's norms multiply by 1 more than what transformers keeps.
  const less = named.startsWith('gemma') && name.endsWith('norm.weight') ? 1 : 0;
  const atOnce = heads ? rows : Math.max(1, Math.floor(readAtOnce / (width * 4)));

  async function* content(): AsyncIterable<Uint8Array> {
    for (let first = 0; first < rows; first += atOnce) {
      const count = Math.min(atOnce, rows - first);
      let weights = new Float32Array(count * width);
      read!(await bytesOf(from + first * rowBytes, from + (first + count) * rowBytes), weights);
      // A bias is one row, of which each number belongs to a row of the matrix.
      if (heads) weights = shape.length === 1 ? unpermuteRows(weights, width, 1, heads) : unpermuteRows(weights, rows, width, heads);
      if (less) for (let at = 0; at < weights.length; at++) weights[at]! -= less;
      yield new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);
    }
  }
  return { name: hfName, shape: shape.toReversed(), type: 'F32', bytes: width * rows * 4, content };
}

function headsOfTensor(keys: GgufHeader['keys'], name: string): number | undefined {
  const [, layer, which] = /^blk\.(\d+)\.(attn_[qk])\.(?:weight|bias)$/.exec(name) ?? [];
  return which === undefined ? undefined : headsOf(keys, which as 'attn_q' | 'attn_k', Number(layer));
}

const untrainable = (file: string, why: string, advice = 'Take another model.'): UserError =>
  new UserError('InvalidModelFile', `${path.basename(file)} can't be trained: ${why}.`, advice);
