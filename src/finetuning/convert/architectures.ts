/** How the layers of a family of models are named, and what llama.cpp keeps otherwise than Hugging Face does. */
export interface Architecture {
  /** Names of modules within a layer, and of the tensors that they are in GGUF files. */
  modules: ReadonlyMap<string, string>;
  /**
   * The rows of queries and keys lie in another order: llama.cpp turns numbers that are neighbours, Hugging Face turns those that are half a head apart.
   * Only where `llama` is the architecture, which Mistral has too.
   */
  isPermuted: boolean;
}

const separate = new Map([
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
]);

/** Phi-3 has queries, keys and values in one matrix, and gate and up in another. GGUF files have them so too. */
const fused = new Map([
  ['self_attn.qkv_proj', 'attn_qkv'],
  ['self_attn.o_proj', 'attn_output'],
  ['mlp.gate_up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
]);

/** By `general.architecture` of the base model's GGUF file. */
export const architectures: ReadonlyMap<string, Architecture> = new Map([
  ['llama', { modules: separate, isPermuted: true }],
  ['qwen2', { modules: separate, isPermuted: false }],
  ['qwen3', { modules: separate, isPermuted: false }],
  ['gemma', { modules: separate, isPermuted: false }],
  ['gemma2', { modules: separate, isPermuted: false }],
  ['gemma3', { modules: separate, isPermuted: false }],
  ['phi3', { modules: fused, isPermuted: false }],
]);
