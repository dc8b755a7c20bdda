import { Refused } from './refused.ts';

/** The words of an instruction that is written as a list: `["pip", "install", "numpy"]`. */
export function jsonWords(text: string): string[] {
  let words: unknown;
  try {
    words = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) throw new Refused('its list is not valid JSON.');
  return words;
}
