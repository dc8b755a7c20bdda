import { UserError } from '../../base/userError.ts';
import type { Distribution, TrialValue } from '../../protocol/sweep.ts';

/**
 * One hyperparameter. Samplers draw from the unit interval; `valueAt` makes a value of it by the distribution's own inverse, and `unitOf` leads back.
 * `options` are all its values where there is a limited number of them.
 */
export interface Parameter {
  name: string;
  valueAt(unit: number): TrialValue;
  unitOf(value: TrialValue): number;
  options: TrialValue[] | undefined;
  /** Whether neighbouring values are alike: choices are not. */
  isOrdered: boolean;
}

/** More options than this are treated like a range of numbers. */
const mostOptions = 1000;

/** Reads a job's `searchSpace`; throws `InvalidValue` for a range that is none. Parameters are in the order of their names. */
export function searchSpaceOf(searchSpace: Record<string, unknown>): Parameter[] {
  return Object.entries(searchSpace)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, distribution]) => parameterOf(name, distribution as Distribution));
}

function parameterOf(name: string, [kind, parameters]: Distribution): Parameter {
  if (kind === 'choice') return discrete(name, parameters[0] as TrialValue[], false);
  const [a, b, q] = parameters as number[] as [number, number, number];
  if (kind === 'randint')
    return a <= mostOptions
      ? discrete(
          name,
          Array.from({ length: a }, (_each, index) => index),
          true,
        )
      : ordered(
          name,
          (unit) => Math.min(a - 1, Math.floor(unit * a)),
          (value) => (Number(value) + 0.5) / a,
        );
  const isNormal = kind.endsWith('normal');
  const isLog = kind.includes('log');
  const step = kind.startsWith('q') ? (isNormal ? q : q) : undefined;
  if (!isNormal && !(b > a))
    throw new UserError(
      'InvalidValue',
      `The search space of "${name}" is empty: ${kind} from ${a} to ${b}.`,
      'The maximum must be greater than the minimum.',
    );
  const raw = isNormal ? (unit: number) => a + b * inverseNormal(unit) : (unit: number) => a + (b - a) * unit;
  const unitOfRaw = isNormal ? (x: number) => normal((x - a) / b) : (x: number) => (x - a) / (b - a);
  const rounded = (x: number) => (step === undefined ? x : Number((Math.round(x / step) * step).toPrecision(12)));
  const valueAt = (unit: number) => rounded(isLog ? Math.exp(raw(unit)) : raw(unit));
  const unitOf = (value: TrialValue) => clamp(unitOfRaw(isLog ? Math.log(Math.max(Number(value), Number.MIN_VALUE)) : Number(value)));
  if (step !== undefined && !isNormal) {
    const [from, to] = [Math.round((isLog ? Math.exp(a) : a) / step), Math.round((isLog ? Math.exp(b) : b) / step)];
    if (to - from < mostOptions && !isLog)
      return discrete(
        name,
        Array.from({ length: to - from + 1 }, (_each, index) => Number(((from + index) * step).toPrecision(12))),
        true,
      );
  }
  return ordered(name, valueAt, unitOf);
}

function discrete(name: string, options: TrialValue[], isOrdered: boolean): Parameter {
  return {
    name,
    options,
    isOrdered,
    valueAt: (unit) => options[Math.min(options.length - 1, Math.floor(unit * options.length))]!,
    unitOf: (value) =>
      (Math.max(
        0,
        options.findIndex((option) => String(option) === String(value)),
      ) +
        0.5) /
      options.length,
  };
}

const ordered = (name: string, valueAt: Parameter['valueAt'], unitOf: Parameter['unitOf']): Parameter => ({
  name,
  valueAt,
  unitOf,
  options: undefined,
  isOrdered: true,
});

const clamp = (unit: number): number => (Number.isFinite(unit) ? Math.min(1 - 1e-12, Math.max(1e-12, unit)) : 0.5);

/** How many different trials there are; undefined where a parameter is a range. */
export function sizeOf(space: Parameter[]): number | undefined {
  let size = 1;
  for (const { options } of space) {
    if (!options) return undefined;
    size *= options.length;
  }
  return size;
}

/** Distribution function of the standard normal: Abramowitz and Stegun 7.1.26, error below 2e-7. */
export function normal(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-z * z);
  return x >= 0 ? 1 - tail / 2 : tail / 2;
}

/** Inverse of the standard normal's distribution function, by bisection of an interval that holds all that a double in (0, 1) can mean. */
export function inverseNormal(unit: number): number {
  let [low, high] = [-8, 8];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normal(middle) < unit) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
