import { formatTicks } from './numbers.ts';
import type { Scale } from './scale.ts';

export interface Tick {
  at: number;
  label: string;
}

/** 1, 2 or 5 times a power of ten, so large that about `most` of them are in `span`, or fewer. */
export function niceStep(span: number, most: number): number {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = [1, 2, 5, 10].find((each) => each * power >= rough * 0.7) ?? 10;
  return digit * power;
}

/** Multiples of `step` within a range. */
function multiples(min: number, max: number, step: number): number[] {
  const found: number[] = [];
  for (let n = Math.ceil(min / step - 1e-9); n * step <= max + step * 1e-9 && found.length < 1000; n++) found.push(n * step);
  return found;
}

/** Round numbers, about `room` pixels apart or more. `whole`: none between whole numbers. */
export function numberTicks({ min, max, size, isLog }: Scale, room: number, whole = false): Tick[] {
  const most = Math.max(2, Math.floor(size / room));
  const at = isLog ? logTicks(min, max, most) : multiples(min, max, Math.max(whole ? 1 : 0, niceStep(max - min, most)));
  const labels = isLog ? at.map((value) => powerLabel(value)) : formatTicks(at);
  return at.map((value, index) => ({ at: value, label: labels[index]! }));
}

function logTicks(min: number, max: number, most: number): number[] {
  const [from, to] = [Math.log10(min), Math.log10(max)];
  // Within one power of ten the axis has the marks of a linear one.
  if (to - from < 1) return multiples(min, max, niceStep(max - min, most));
  const every = Math.max(1, Math.ceil((to - from) / most));
  const powers = multiples(from, to, every).map((power) => 10 ** Math.round(power));
  if (powers.length * 3 > most) return powers;
  return [powers[0]! / 10, ...powers]
    .flatMap((power) => [1, 2, 5].map((digit) => digit * power))
    .filter((value) => value >= min && value <= max);
}

const powerLabel = (value: number): string => {
  if (value >= 1e-3 && value < 1e6) return String(Number(value.toPrecision(12)));
  return value.toExponential().replace('e+', 'e');
};

const second = 1;
const minute = 60;
const hour = 3600;
const day = 86_400;
const durations = [1, 2, 5, 10, 15, 30]
  .map((n) => n * second)
  .concat(
    [1, 2, 5, 10, 15, 30].map((n) => n * minute),
    [1, 2, 3, 6, 12].map((n) => n * hour),
    [1, 2, 5, 10, 20, 50, 100].map((n) => n * day),
  );

const durationStep = (span: number, most: number): number => {
  const rough = span / most;
  return rough < 1 ? niceStep(span, most) : (durations.find((each) => each >= rough) ?? niceStep(span, most));
};

/** Time since the start, in seconds. */
export function durationTicks({ min, max, size }: Scale, room: number): Tick[] {
  const step = durationStep(max - min, Math.max(2, Math.floor(size / room)));
  const at = multiples(min, max, step);
  const [unit, name] =
    step < minute && max < 2 * minute
      ? [second, 's']
      : step < hour && max < 2 * hour
        ? [minute, 'min']
        : step < day && max < 3 * day
          ? [hour, 'h']
          : [day, 'd'];
  const labels = formatTicks(at.map((each) => each / unit));
  // A step that is no round part of the unit (20 s of minutes) has few digits all the same.
  return at.map((value, index) => ({ at: value, label: `${trimZeros(labels[index]!)} ${name}` }));
}

const trimZeros = (text: string): string => (text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text);

/** Times of day, in seconds since 1970, at round places of the local time. */
export function timeTicks({ min, max, size }: Scale, room: number): Tick[] {
  const step = durationStep(max - min, Math.max(2, Math.floor(size / room)));
  const offset = new Date(min * 1000).getTimezoneOffset() * minute;
  const at = multiples(min - offset, max - offset, step).map((each) => each + offset);
  const two = (n: number) => String(n).padStart(2, '0');
  return at.map((value) => {
    const date = new Date(value * 1000);
    const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
    const midnight = date.getHours() + date.getMinutes() + date.getSeconds() === 0;
    if (step >= day || (midnight && step >= minute)) return { at: value, label: `${date.getMonth() + 1}/${date.getDate()}` };
    return {
      at: value,
      label:
        step < minute
          ? `${time}:${step < 1 ? (date.getSeconds() + date.getMilliseconds() / 1000).toFixed(1).padStart(4, '0') : two(date.getSeconds())}`
          : time,
    };
  });
}
