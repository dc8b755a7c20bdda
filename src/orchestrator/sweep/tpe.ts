import type { TrialValue } from '../../protocol/sweep.ts';
import { randomUnits } from './random.ts';
import { normal, type Parameter } from './searchSpace.ts';

/** A trial whose result is known. Smaller is better. */
export interface Observation {
  values: Record<string, TrialValue>;
  loss: number;
}

/** Trials at random before the first that is chosen. */
export const warmUp = 5;
const candidates = 24;

/**
 * The next trial by a tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011), each parameter by itself: of values drawn from where good trials lie, the one where good
 * trials are most likely against bad ones. The same observations, seed and index give the same values.
 */
export function tpe(space: Parameter[], observations: Observation[], seed: string | number, index: number): Record<string, TrialValue> {
  const sorted = [...observations].sort((a, b) => a.loss - b.loss);
  const good = sorted.slice(0, Math.min(25, Math.max(1, Math.ceil(0.25 * sorted.length))));
  const bad = sorted.slice(good.length);
  return Object.fromEntries(
    space.map((parameter) => {
      const draw = randomUnits('tpe', seed, index, parameter.name);
      const values = (of: Observation[]) => of.map((each) => each.values[parameter.name]).filter((value) => value !== undefined);
      return [
        parameter.name,
        parameter.options && !parameter.isOrdered
          ? choose(parameter.options, values(good), values(bad), draw)
          : within(parameter, values(good), values(bad), draw),
      ];
    }),
  );
}

/** Of an unordered set: each option weighs what it was worth so far, and one more, so that none is given up. */
function choose(options: TrialValue[], good: TrialValue[], bad: TrialValue[], draw: () => number): TrialValue {
  const weights = (of: TrialValue[]) =>
    options.map((option) => (1 + of.filter((value) => String(value) === String(option)).length) / (of.length + options.length));
  const [likely, unlikely] = [weights(good), weights(bad)];
  const pick = () => {
    let rest = draw();
    return likely.findIndex((weight) => (rest -= weight) < 0);
  };
  let best = -1;
  for (let candidate = 0; candidate < candidates; candidate++) {
    const option = Math.max(0, pick());
    if (best < 0 || likely[option]! / unlikely[option]! > likely[best]! / unlikely[best]!) best = option;
  }
  return options[best]!;
}

/** Of a range: a mixture of bells around the trials, and an even share for the whole range. */
function within(parameter: Parameter, good: TrialValue[], bad: TrialValue[], draw: () => number): TrialValue {
  const likely = mixture(good.map(parameter.unitOf));
  const unlikely = mixture(bad.map(parameter.unitOf));
  let best = { unit: 0.5, ratio: Number.NEGATIVE_INFINITY };
  for (let candidate = 0; candidate < candidates; candidate++) {
    const unit = likely.sample(draw);
    const ratio = Math.log(likely.density(unit)) - Math.log(unlikely.density(unit));
    if (ratio > best.ratio) best = { unit, ratio };
  }
  return parameter.valueAt(best.unit);
}

function mixture(centres: number[]) {
  const sorted = [...centres].sort((a, b) => a - b);
  const least = 1 / Math.min(100, centres.length + 1) / 2;
  // A bell is as wide as the way to its farther neighbour, the ends of the range counting as neighbours.
  const bells = sorted.map((centre, at) => {
    const width = Math.min(1, Math.max(least, centre - (sorted[at - 1] ?? 0), (sorted[at + 1] ?? 1) - centre));
    return { centre, width, inside: normal((1 - centre) / width) - normal(-centre / width) };
  });
  const share = 1 / (bells.length + 1);
  return {
    density: (unit: number) =>
      share *
      (1 +
        bells.reduce(
          (sum, { centre, width, inside }) =>
            sum + Math.exp(-(((unit - centre) / width) ** 2) / 2) / (width * Math.sqrt(2 * Math.PI) * inside),
          0,
        )),
    sample(draw: () => number): number {
      const bell = bells[Math.floor(draw() / share)];
      if (!bell) return draw();
      for (let attempt = 0; attempt < 50; attempt++) {
        // Box and Muller's way to a normal number.
        const unit = bell.centre + bell.width * Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
        if (unit >= 0 && unit < 1) return unit;
      }
      return bell.centre;
    },
  };
}
