import { UserError } from '../../base/userError.ts';
import type { GgufHeader } from '../../catalog/headers/readGguf.ts';
import { ArchitectureKeys } from './architectureKeys.ts';
import { ropeOf } from './rope.ts';
import type { SpecialTokens } from './specialTokens.ts';

/** `config.json` of a model in the folders of transformers. */
export type ModelConfig = Record<string, unknown>;

/** What an architecture has beside what all have; `of` reads a key of the architecture. */
interface Family {
  /** Name of the class, and of the model, in transformers. */
  class: string;
  type: string;
  own(of: ArchitectureKeys, header: GgufHeader): ModelConfig;
}

const gelu = { hidden_act: 'gelu_pytorch_tanh', hidden_activation: 'gelu_pytorch_tanh' };

/** By `general.architecture`. What llama.cpp itself takes as given (`src/llama-model.cpp`) has its number here. */
const families: Record<string, Family> = {
  llama: {
    class: 'LlamaForCausalLM',
    type: 'llama',
    own: (_, header) => ({ hidden_act: 'silu', attention_bias: hasTensor(header, 'blk.0.attn_q.bias'), mlp_bias: false }),
  },
  qwen2: { class: 'Qwen2ForCausalLM', type: 'qwen2', own: () => ({ hidden_act: 'silu', use_sliding_window: false }) },
  qwen3: {
    class: 'Qwen3ForCausalLM',
    type: 'qwen3',
    own: () => ({ hidden_act: 'silu', use_sliding_window: false, attention_bias: false }),
  },
  gemma: { class: 'GemmaForCausalLM', type: 'gemma', own: () => gelu },
  gemma2: {
    class: 'Gemma2ForCausalLM',
    type: 'gemma2',
    own: (of) => ({
      ...gelu,
      sliding_window: of.number('attention.sliding_window') ?? 4096,
      attn_logit_softcapping: of.number('attn_logit_softcapping') ?? 50,
      final_logit_softcapping: of.number('final_logit_softcapping') ?? 30,
      query_pre_attn_scalar: queryScalar(of, 46),
    }),
  },
  gemma3: {
    class: 'Gemma3ForCausalLM',
    type: 'gemma3_text',
    own: (of) => ({
      ...gelu,
      sliding_window: of.needed('attention.sliding_window'),
      sliding_window_pattern: 6,
      attn_logit_softcapping: null,
      final_logit_softcapping: of.number('final_logit_softcapping') ?? null,
      query_pre_attn_scalar: queryScalar(of, 62),
    }),
  },
  phi3: {
    class: 'Phi3ForCausalLM',
    type: 'phi3',
    own: (of) => ({ hidden_act: 'silu', sliding_window: of.number('attention.sliding_window') || null }),
  },
};

/**
 * The configuration of a model by the header of its GGUF file. `ropeFactors` as `ropeOf` has them.
 * @throws {UserError} where the header lacks something, or has what transformers can't be told.
 */
export function modelConfigOf(header: GgufHeader, tokens: SpecialTokens, ropeFactors: Float32Array | undefined): ModelConfig {
  const name = String(header.keys.get('general.architecture'));
  const family = families[name];
  if (!family)
    throw new UserError('InvalidModelFile', `Models of the architecture ${JSON.stringify(name.slice(0, 100))} can't be trained.`);
  const of = new ArchitectureKeys(header.keys, name);
  const [width, heads] = [of.needed('embedding_length'), of.needed('attention.head_count')];
  const headWidth = of.headWidth();
  const embedding = header.tensors.find((tensor) => tensor.name === 'token_embd.weight');
  if (!embedding)
    throw new UserError('InvalidModelFile', "The model can't be trained: its file has no tensor token_embd.weight.", 'Get the file again.');
  return {
    architectures: [family.class],
    model_type: family.type,
    dtype: 'float32',
    vocab_size: embedding.shape[1],
    hidden_size: width,
    intermediate_size: of.needed('feed_forward_length'),
    num_hidden_layers: of.needed('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: of.number('attention.head_count_kv') ?? heads,
    head_dim: headWidth,
    max_position_embeddings: of.needed('context_length'),
    rms_norm_eps: of.needed('attention.layer_norm_rms_epsilon'),
    attention_dropout: 0,
    tie_word_embeddings: !hasTensor(header, 'output.weight'),
    rope_parameters: ropeOf(header, of, headWidth, ropeFactors),
    ...family.own(of, header),
    ...tokens,
  };
}

const hasTensor = ({ tensors }: GgufHeader, name: string) => tensors.some((tensor) => tensor.name === name);

/** What scores of attention are divided by the root of. The largest Gemma, which is known by its layers, takes another number than the width of a head. */
const queryScalar = (of: ArchitectureKeys, layersOfLargest: number): number =>
  of.needed('block_count') === layersOfLargest ? of.needed('embedding_length') / of.needed('attention.head_count') : of.headWidth();
