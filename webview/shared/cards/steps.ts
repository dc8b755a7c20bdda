import type { LoggedFile } from '../../../src/protocol/loggedFiles.ts';

/** Steps of several runs as one list, each once. */
export const allSteps = (lists: Iterable<readonly number[]>): number[] => [...new Set([...lists].flat())].sort((a, b) => a - b);

export const stepsOf = (files: readonly LoggedFile[]): number[] =>
  files.flatMap(({ step }) => (step !== undefined && Number.isFinite(step) ? [step] : []));

/** Of what is sorted by step, the last one at or before a step; the last of all where none is asked for. What has no step is there at every one. */
export function atStep<T extends { step?: number }>(sorted: readonly T[], step: number | undefined): T | undefined {
  if (step === undefined) return sorted.at(-1);
  return sorted.findLast((each) => each.step === undefined || each.step <= step);
}
