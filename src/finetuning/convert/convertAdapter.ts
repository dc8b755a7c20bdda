import { open } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { readAdapterConfig } from './adapterConfig.ts';
import { type AdapterMatrix, readAdapter } from './adapterParts.ts';
import { keyBytes } from './ggufKeys.ts';
import { readBase } from './readBase.ts';
import { readMatrix } from './readMatrix.ts';
import { bytesOfWeights, largestHalf, largestOf } from './weights.ts';
import { writeGguf } from './writeGguf.ts';

export interface ConvertOptions {
  /** GGUF file of the model that the adapter was trained from; its header is read. */
  base: string;
  /** Folder that `save_pretrained` of PEFT has written. */
  adapter: string;
  /** File that is made. */
  out: string;
  type?: 'f16' | 'f32';
  signal?: AbortSignal;
}

export interface Converted {
  file: string;
  bytes: number;
  /** Tensors of the base model that it changes. */
  changes: number;
}

const alignment = 32;

/**
 * Makes a GGUF adapter of a LoRA adapter of PEFT. One matrix at a time is in memory.
 * @throws {UserError} where it can't be converted, or does not fit the base model.
 */
export async function convertAdapter({ base, adapter, out, type = 'f16', signal }: ConvertOptions): Promise<Converted> {
  const { file, architecture, config, matrices, changes } = await readAdapter(
    adapter,
    await readAdapterConfig(adapter),
    await readBase(base),
  );
  // llama.cpp has one alpha for all, and divides it by the rank of each matrix. Where that gives another scale than PEFT's, the matrix makes up for it.
  const alpha = Math.fround(config.alpha * (config.isRankStabilized ? Math.sqrt(config.rank) : 1));
  const keys = [
    keyBytes('general.architecture', architecture),
    keyBytes('general.type', 'adapter'),
    keyBytes('adapter.type', 'lora'),
    keyBytes('adapter.lora.alpha', { f32: alpha }),
    keyBytes('general.name', path.basename(path.resolve(adapter))),
  ];
  const handle = await open(file);
  try {
    const content = async function* (matrix: AdapterMatrix): AsyncIterable<Uint8Array> {
      const weights = await readMatrix(handle, matrix);
      const { scale, rank } = matrix.change;
      if (matrix.which === 'b') multiply(weights, scale / (alpha / rank));
      const largest = largestOf(weights);
      if (type === 'f16' && largest > largestHalf)
        throw new UserError(
          'OutOfRange',
          `${matrix.name} has ${largest}, and 16 bits go up to ${largestHalf}.`,
          'Convert it with 32 bits: f32.',
        );
      yield bytesOfWeights(weights, type === 'f16' ? 'F16' : 'F32');
    };
    const bytes = await writeGguf(
      out,
      {
        keyCount: keys.length,
        keys,
        alignment,
        tensors: matrices.map((matrix) => ({
          name: `${matrix.change.tensor}.lora_${matrix.which}`,
          shape: matrix.shape.toReversed(),
          type: type === 'f16' ? 1 : 0,
          bytes: matrix.shape[0]! * matrix.shape[1]! * (type === 'f16' ? 2 : 4),
          content: () => content(matrix),
        })),
      },
      signal,
    );
    return { file: out, bytes, changes: changes.size };
  } finally {
    await handle.close();
  }
}

function multiply(weights: Float32Array, factor: number): void {
  // Equal but for rounding: the weights stay as they are.
  if (Math.abs(factor - 1) < 1e-6) return;
  for (let at = 0; at < weights.length; at++) weights[at]! *= factor;
}
