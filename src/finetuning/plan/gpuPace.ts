import type { Range } from '../../protocol/finetuningForm.ts';
import type { ModelSize } from './adapterSize.ts';

/**
 * A training that was measured on an NVIDIA H100: a step of SmolLM2 135M with 8 rows of 70 tokens took 160 to 350 ms, on different days and machines. The GPU was idle most of it: the time goes into
 * starting its programs, so it grows with the layers and with how slow the processor is, and hardly with the rows.
 */
export const measuredOnGpu = { layers: 30, step: { from: 0.16, to: 0.35 } };

/** Computations a second, in 16 bits without sparsity, as NVIDIA's data sheets have them. The first that fits a name counts. */
const peaks: [name: RegExp, perSecond: number][] = [
  [/\bG?B[23]00\b/, 2250e12],
  [/\bG?H[12]00\b/, 989e12],
  [/\bL40S\b/, 362e12],
  [/\bA100\b/, 312e12],
  [/\bRTX 4090\b/, 165e12],
  [/\bA10\b|\bV100\b/, 125e12],
  [/\bL4\b/, 121e12],
  [/\bRTX 3090\b/, 71e12],
  [/\bT4\b/, 65e12],
];
/** Of a GPU that is not in the list. */
const anyGpu: Range = { from: 20e12, to: 400e12 };
/** Which part of its peak a GPU reaches in a training. */
const reached: Range = { from: 0.08, to: 0.5 };
/** Computations for a weight and a token: forwards, and back to the adapter; at worst as much again for weights that are converted to 16 bits in each step. */
const perWeight: Range = { from: 4, to: 8 };

/** Seconds of a GPU. */
export interface GpuPace {
  /** For a step of the training with so many tokens. */
  step(tokens: number): Range;
  /** To read so many tokens, which does not go backwards. */
  reading(tokens: number): Range;
  /** For the next token of each of some answers. */
  nextToken: Range;
}

/** The peak that is known of a GPU. */
export const peakOf = (name: string): number | undefined => peaks.find(([pattern]) => pattern.test(name))?.[1];

/** Whether torch, as it is installed, may use it. */
export const isNvidia = (name: string): boolean => /nvidia|geforce|tesla|quadro|\bRTX\b/i.test(name) || peakOf(name) !== undefined;

export function gpuPace({ parameters, layers }: ModelSize, name: string): GpuPace {
  const known = peakOf(name);
  const peak = known === undefined ? anyGpu : { from: known, to: known };
  const { step } = measuredOnGpu;
  const share = layers / measuredOnGpu.layers;
  // Other processors start programs faster or slower than those where it was measured.
  const starting = { from: (step.from * share) / 1.25, to: step.to * share * 1.5 };
  const computing = (tokens: number, bound: 'from' | 'to') => {
    const [speed, part] = bound === 'from' ? [peak.to, reached.to] : [peak.from, reached.from];
    return (perWeight[bound] * parameters * tokens) / (speed * part);
  };
  // Programs are started while others compute: at best one of the two is seen, at worst both.
  const seconds = (tokens: number, part: number): Range => ({
    from: Math.max(starting.from * part, computing(tokens, 'from') * part),
    to: starting.to * part + computing(tokens, 'to') * part,
  });
  return { step: (tokens) => seconds(tokens, 1), reading: (tokens) => seconds(tokens, 1 / 3), nextToken: seconds(1, 1 / 3) };
}
