import type { Pooling } from '../../catalog/embeddingRecipe.ts';

/** The vectors of a text's tokens, one behind the other. Tokens that only fill up a batch are not among them. */
export interface TokenVectors {
  data: Float32Array;
  tokens: number;
  /** Numbers of a vector. */
  width: number;
}

/** One vector from those of all tokens. Of several kinds the results stand behind each other. */
export function pooled(vectors: TokenVectors, poolings: readonly Pooling[]): Float32Array {
  const { width } = vectors;
  const result = new Float32Array(width * poolings.length);
  poolings.forEach((pooling, at) => {
    result.set(poolOf[pooling](vectors), at * width);
  });
  return result;
}

/** One unit long; a vector of zeros stays as it is. */
export function normalized(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const each of vector) squares += each * each;
  const length = Math.sqrt(squares);
  return length > 0 ? vector.map((each) => each / length) : vector;
}

const poolOf: Record<Pooling, (vectors: TokenVectors) => Float32Array> = {
  cls_token: ({ data, width }) => data.subarray(0, width),
  lasttoken: ({ data, tokens, width }) => data.subarray((tokens - 1) * width, tokens * width),
  max_tokens({ data, tokens, width }) {
    const most = data.slice(0, width);
    for (let token = 1; token < tokens; token++)
      for (let at = 0; at < width; at++) most[at] = Math.max(most[at]!, data[token * width + at]!);
    return most;
  },
  mean_tokens: (vectors) => weighted(vectors, () => 1 / vectors.tokens),
  mean_sqrt_len_tokens: (vectors) => weighted(vectors, () => 1 / Math.sqrt(vectors.tokens)),
  // The later a token, the more it counts.
  weightedmean_tokens(vectors) {
    const { tokens } = vectors;
    return weighted(vectors, (token) => (token + 1) / ((tokens * (tokens + 1)) / 2));
  },
};

/** Sums are kept with 64 bits: they would lose digits with 32. */
function weighted({ data, tokens, width }: TokenVectors, weightOf: (token: number) => number): Float32Array {
  const sums = new Float64Array(width);
  for (let token = 0; token < tokens; token++) {
    const weight = weightOf(token);
    for (let at = 0; at < width; at++) sums[at] = sums[at]! + weight * data[token * width + at]!;
  }
  return Float32Array.from(sums);
}
