import { UserError } from '../../base/userError.ts';
import type { SweepJobProperties } from '../../protocol/job.ts';
import type { TrialValue } from '../../protocol/sweep.ts';
import { randomUnits } from './random.ts';
import { type Parameter, searchSpaceOf, sizeOf } from './searchSpace.ts';
import { sobol, sobolDimensions } from './sobol.ts';
import { type Observation, tpe, warmUp } from './tpe.ts';

export type TrialValues = Record<string, TrialValue>;

/** Draws the values of a sweep's trials. They depend on the job, the trial's number and (Bayesian) on the results so far alone, so that a restart draws the same. */
export interface Sampler {
  /** How many different trials there are; undefined for no limit. */
  size: number | undefined;
  values(index: number, observations: Observation[]): TrialValues;
}

/** Throws `InvalidValue` for a search space that can't be searched that way. `name` seeds a sweep that names no seed. */
export function samplerOf(
  { searchSpace, samplingAlgorithm }: Pick<SweepJobProperties, 'searchSpace' | 'samplingAlgorithm'>,
  name: string,
): Sampler {
  const space = searchSpaceOf(searchSpace);
  const seed = samplingAlgorithm.seed ?? name;
  const size = sizeOf(space);
  const type = samplingAlgorithm.samplingAlgorithmType.toLowerCase();
  if (type === 'grid') return grid(space, size);
  if (type === 'bayesian')
    return {
      size: undefined,
      values: (index, observations) =>
        observations.length < warmUp ? atRandom(space, seed, index) : tpe(space, observations, seed, index),
    };
  if (samplingAlgorithm.rule?.toLowerCase() === 'sobol') {
    if (space.length > sobolDimensions)
      throw new UserError(
        'InvalidValue',
        `Sobol sampling is for at most ${sobolDimensions} parameters, and the search space has ${space.length}.`,
        'Use rule: random.',
      );
    const shifts = space.map(({ name: parameter }) => randomUnits('sobol', seed, parameter)());
    return { size: undefined, values: (index) => named(space, (_parameter, at) => sobol(index, at, shifts[at]!)) };
  }
  return size === undefined ? { size, values: (index) => atRandom(space, seed, index) } : withoutRepeats(space, seed, size);
}

function grid(space: Parameter[], size: number | undefined): Sampler {
  const range = space.find(({ options }) => !options);
  if (size === undefined || range)
    throw new UserError(
      'InvalidValue',
      `Grid sampling needs a limited number of values, and "${range!.name}" is a range.`,
      'Use choice, randint or quniform, or another sampling algorithm.',
    );
  return {
    size,
    values(index) {
      // The last parameter turns fastest, as in nested loops.
      let rest = index;
      const picks = [...space].reverse().map(({ name, options }) => {
        const value = options![rest % options!.length]!;
        rest = Math.floor(rest / options!.length);
        return [name, value] as const;
      });
      return Object.fromEntries(picks.reverse());
    },
  };
}

const named = (space: Parameter[], unit: (parameter: Parameter, at: number) => number): TrialValues =>
  Object.fromEntries(space.map((parameter, at) => [parameter.name, parameter.valueAt(unit(parameter, at))]));

function atRandom(space: Parameter[], seed: string | number, index: number): TrialValues {
  const draw = randomUnits('random', seed, index);
  return named(space, draw);
}

/** Where there are few different trials, none is run twice: a random order of the grid. */
function withoutRepeats(space: Parameter[], seed: string | number, size: number): Sampler {
  if (size > 100_000) return { size, values: (index) => atRandom(space, seed, index) };
  const all = grid(space, size);
  const draw = randomUnits('order', seed);
  const order = Array.from({ length: size }, (_each, index) => index);
  for (let at = size - 1; at > 0; at--) {
    const other = Math.floor(draw() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return { size, values: (index) => all.values(order[index]!, []) };
}
