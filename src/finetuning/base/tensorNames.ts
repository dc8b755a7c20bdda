import type { Architecture } from '../convert/architectures.ts';

/** Names within a layer that most architectures share, and what they are in GGUF files. */
const norms: [gguf: string, name: string][] = [
  ['attn_norm', 'input_layernorm'],
  ['attn_q_norm', 'self_attn.q_norm'],
  ['attn_k_norm', 'self_attn.k_norm'],
];
/** What follows attention has a norm before it; Gemma 2 and 3 have one behind it, too, and one behind what follows. */
const twoNorms: [string, string][] = [['ffn_norm', 'post_attention_layernorm']];
const fourNorms: [string, string][] = [
  ['post_attention_norm', 'post_attention_layernorm'],
  ['ffn_norm', 'pre_feedforward_layernorm'],
  ['post_ffw_norm', 'post_feedforward_layernorm'],
];

/** What a tensor of a GGUF file is called in the folders of transformers; undefined where the architecture has no such tensor there. */
export function hfNameOf(name: string, architecture: string, { modules }: Architecture): string | undefined {
  if (name === 'token_embd.weight') return 'model.embed_tokens.weight';
  if (name === 'output_norm.weight') return 'model.norm.weight';
  if (name === 'output.weight') return 'lm_head.weight';
  const [, layer, part, kind] = /^blk\.(\d{1,6})\.(\w+)\.(weight|bias)$/.exec(name) ?? [];
  if (!layer || !part) return undefined;
  const own = architecture === 'gemma2' || architecture === 'gemma3' ? fourNorms : twoNorms;
  const found = [...norms, ...own].find(([gguf]) => gguf === part)?.[1] ?? [...modules].find(([, gguf]) => gguf === part)?.[0];
  return found && `model.layers.${layer}.${found}.${kind}`;
}
