import { formatBytes } from '../../src/base/text.ts';
import type { Range } from '../../src/protocol/finetuningForm.ts';

/** Seconds, no more exactly than they are known: `40–70 s`, `2–4 min`, `1.5–3 h`. */
export function timeText({ from, to }: Range): string {
  if (to < 100) return between(tens(from), tens(to), 's');
  if (to < 100 * 60) return between(Math.max(1, Math.round(from / 60)), Math.round(to / 60), 'min');
  if (to < 72 * 3600) return between(halves(from / 3600), halves(to / 3600), 'h');
  return between(Math.max(1, Math.round(from / 86_400)), Math.round(to / 86_400), 'days');
}

/** Bytes: `1.9–3.1 GB`. */
export function bytesText({ from, to }: Range): string {
  const [low, high] = [formatBytes(from), formatBytes(to)];
  const [number, unit] = low.split(' ');
  return low === high ? high : high.endsWith(` ${unit}`) ? `${number}–${high}` : `${low}–${high}`;
}

const between = (from: number, to: number, unit: string): string =>
  from >= to ? `${to.toLocaleString('en')} ${unit}` : `${from.toLocaleString('en')}–${to.toLocaleString('en')} ${unit}`;
const tens = (value: number): number => Math.max(5, Math.round(value / 5) * 5);
const halves = (value: number): number => Math.max(0.5, Math.round(value * 2) / 2);
