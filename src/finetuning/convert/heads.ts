import type { GgufValue } from '../../catalog/headers/readGguf.ts';

/** Heads of attention that the rows of a tensor belong to: keys may have fewer than queries. Undefined where the header does not tell. */
export function headsOf(keys: ReadonlyMap<string, GgufValue>, tensor: 'attn_q' | 'attn_k', layer: number): number | undefined {
  const architecture = keys.get('general.architecture');
  const all = keys.get(`${architecture}.attention.head_count`);
  const value = tensor === 'attn_k' ? (keys.get(`${architecture}.attention.head_count_kv`) ?? all) : all;
  // Some models have a number for each layer.
  const heads = Number(Array.isArray(value) ? value[layer] : value);
  return Number.isSafeInteger(heads) && heads > 0 ? heads : undefined;
}
