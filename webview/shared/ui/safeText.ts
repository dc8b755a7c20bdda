import { plainText } from './plainText.ts';

/** A text of a stranger with its lines and tabs as they are; characters that would turn the direction of what follows, or can't be seen, are shown by their number. */
export const safeText = (text: string): string =>
  text
    .split(/(\r?\n|\t)/)
    .map((part) => (part === '\t' || part.endsWith('\n') ? part : plainText(part, Number.MAX_SAFE_INTEGER)))
    .join('');
