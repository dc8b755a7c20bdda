import { UserError } from '../../base/userError.ts';

/** The first numbers of each vector, one unit long again, as OpenAI's `dimensions` asks for. Models that were not trained for it lose accuracy. */
export function shortened(vectors: readonly Float32Array[], dimensions: number | null | undefined): readonly Float32Array[] {
  const width = vectors[0]?.length ?? 0;
  if (!dimensions || dimensions === width) return vectors;
  if (dimensions > width)
    throw new UserError('InvalidRequest', `dimensions: The vectors of this model have ${width} numbers, not ${dimensions}.`);
  return vectors.map((vector) => {
    const first = vector.slice(0, dimensions);
    const length = Math.hypot(...first);
    return length > 0 ? first.map((each) => each / length) : first;
  });
}
