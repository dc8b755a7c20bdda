import { plainText } from '../ui/plainText.ts';
import type { Dimension } from './dimension.ts';

/** The value of a run for people, exact. */
export function valueText({ values, categories }: Dimension, run: number): string {
  const value = values[run]!;
  if (Number.isNaN(value)) return 'none';
  return categories ? plainText(categories[value]!, 60) : String(value);
}

/** A name that fits above or below an axis. */
export const shortLabel = (text: string, most = 22): string => plainText(text, most);
