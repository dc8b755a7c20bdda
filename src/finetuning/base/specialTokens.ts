import type { GgufHeader } from '../../catalog/headers/readGguf.ts';

/** Numbers of tokens with a role. */
export interface SpecialTokens {
  bos_token_id?: number;
  eos_token_id?: number;
  unk_token_id?: number;
  pad_token_id?: number;
}

const roles = { bos_token_id: 'bos', eos_token_id: 'eos', unk_token_id: 'unknown', pad_token_id: 'padding' } as const;

/** By the header of a GGUF file. What fills up short rows is the token that ends a text where the file names none. */
export function specialTokensOf({ keys }: GgufHeader): SpecialTokens {
  const tokens: SpecialTokens = {};
  for (const [name, key] of Object.entries(roles)) {
    const value = keys.get(`tokenizer.ggml.${key}_token_id`);
    if (value !== undefined && Number.isSafeInteger(Number(value))) tokens[name as keyof SpecialTokens] = Number(value);
  }
  if (tokens.pad_token_id === undefined && tokens.eos_token_id !== undefined) tokens.pad_token_id = tokens.eos_token_id;
  return tokens;
}
