import type { Answer, Generation, Usage } from '../chat.ts';

/** Makes several answers to one request at the same time, as far as the model has room. The first that fails ends the others. */
export async function severalAnswers(
  count: number,
  make: (index: number, signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer[]> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const answers = Array.from({ length: count }, (_, index) => make(index, both));
  try {
    return await Promise.all(answers);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(answers);
    throw error;
  }
}

/** With the same seed all answers would be the same. */
export const seededFor = <T extends Generation>(request: T, index: number): T =>
  request.sampling.seed === undefined
    ? request
    : { ...request, sampling: { ...request.sampling, seed: (request.sampling.seed + index) >>> 0 } };

/** Of all answers. They have one prompt, which is told once. */
export const wholeUsage = (answers: readonly Answer[]): Usage => ({
  ...answers[0]!.usage,
  completionTokens: answers.reduce((sum, { usage }) => sum + usage.completionTokens, 0),
});
