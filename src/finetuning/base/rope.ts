import { UserError } from '../../base/userError.ts';
import type { GgufHeader } from '../../catalog/headers/readGguf.ts';
import type { ArchitectureKeys } from './architectureKeys.ts';

/** `rope_parameters` of transformers: how places in a text are turned into angles. */
type Rope = Record<string, unknown>;

/** Llama 3.1 and its successors: which waves stay as they are, which become longer, from what context on. From `config.json` of those models. */
const llama3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

/**
 * By the header of a GGUF file. `factors`: the numbers of its tensor `rope_freqs.weight`, by which each wave is made longer, where it has one.
 * @throws {UserError} where transformers can't be told.
 */
export function ropeOf(header: GgufHeader, of: ArchitectureKeys, headWidth: number, factors: Float32Array | undefined): Rope {
  const architecture = String(header.keys.get('general.architecture'));
  const scaling = header.keys.get(`${architecture}.rope.scaling.type`);
  const factor = of.number('rope.scaling.factor') ?? 1;
  const plain = { rope_type: 'default', rope_theta: of.number('rope.freq_base') ?? 10_000 };
  if (header.tensors.some(({ name }) => /^rope_factors_(?:long|short)\.weight$/.test(name)))
    throw scaled('its waves are of two kinds, for short and for long texts, as those of Phi-3 with a context of 128k');
  if (factors) return { ...plain, rope_type: 'llama3', factor: factorOf(factors, plain.rope_theta, headWidth), ...llama3 };
  if (scaling !== undefined && scaling !== 'none' && scaling !== 'linear' && factor !== 1)
    throw scaled(`its places are scaled by ${JSON.stringify(scaling)}`);
  const full = scaling === 'linear' && factor !== 1 ? { ...plain, rope_type: 'linear', factor } : plain;
  if (architecture === 'gemma3')
    return {
      full_attention: full,
      sliding_attention: { rope_type: 'default', rope_theta: of.number('rope.freq_base_swa') ?? 10_000 },
    };
  const turned = of.number('rope.dimension_count') ?? headWidth;
  if (turned === headWidth) return full;
  if (architecture !== 'phi3') throw scaled(`only ${turned} of the ${headWidth} numbers of a head tell places`);
  return { ...full, partial_rotary_factor: turned / headWidth };
}

/** The one number that Llama 3's rule makes these factors of. */
function factorOf(factors: Float32Array, theta: number, headWidth: number): number {
  const factor = Math.max(...factors);
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: context } = llama3;
  const isSo = factors.every((own, at) => {
    const waves = context / (2 * Math.PI * theta ** ((2 * at) / headWidth));
    const share = Math.min(1, Math.max(0, (waves - low) / (high - low)));
    return Math.abs(own * ((1 - share) / factor + share) - 1) < 1e-3;
  });
  if (!isSo || factors.length !== headWidth / 2) throw scaled('its waves are made longer by another rule than that of Llama 3');
  return factor;
}

const scaled = (why: string): UserError =>
  new UserError('InvalidModelFile', `The model can't be trained here: ${why}.`, 'Take another model.');
