import { shortened } from '../base/text.ts';

/** Longest text that stands among facts. */
const most = 300;

/** A text from a job, a file or a person, on one line: without control characters, which could look like lines of our own, and cut where it is long. */
export const inLine = (text: string, longest = most): string =>
  shortened(text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim(), longest);
