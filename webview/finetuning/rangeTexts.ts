import { formatBytes } from '../../src/base/text.ts';
import type { Range } from '../../src/protocol/finetuningForm.ts';

/** Seconds, no more exactly than they are known: `40–70 s`, `30 s–2 min`, `1.5–3 h`. */
export function timeText({ from, to }: Range): string {
  const [low, high] = [timeOf(from), timeOf(to)];
  if (low.join() === high.join()) return high.join(' ');
  return low[1] === high[1] ? `${low[0]}–${high.join(' ')}` : `${low.join(' ')}–${high.join(' ')}`;
}

function timeOf(seconds: number): [number: string, unit: string] {
  const text = (value: number) => value.toLocaleString('en');
  if (seconds < 90) return [text(Math.max(5, Math.round(seconds / 5) * 5)), 's'];
  if (seconds < 90 * 60) return [text(Math.round(seconds / 60)), 'min'];
  if (seconds < 48 * 3600) return [text(Math.round(seconds / 1800) / 2), 'h'];
  return [text(Math.round(seconds / 86_400)), 'days'];
}

/** Bytes: `1.9–3.1 GB`. */
export function bytesText({ from, to }: Range): string {
  const [low, high] = [formatBytes(from), formatBytes(to)];
  const [number, unit] = low.split(' ');
  return low === high ? high : high.endsWith(` ${unit}`) ? `${number}–${high}` : `${low}–${high}`;
}
