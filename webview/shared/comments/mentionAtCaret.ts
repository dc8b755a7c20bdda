/** The part of a name that is being written: from its `@`, at `start`, to the caret. */
export interface BegunMention {
  start: number;
  search: string;
}

/** An `@` after nothing, a space or a sign, and what a name may have, up to the caret. */
const begun = /(?<![\p{L}\p{N}@._%+-])@([\p{L}\p{N}._%+-]*(?:@[\p{L}\p{N}.-]*)?)$/u;
/** Longest name that is looked for. */
const longest = 320;

export function mentionAtCaret(text: string, caret: number): BegunMention | undefined {
  const before = text.slice(Math.max(0, caret - longest), caret);
  const found = begun.exec(before);
  return found ? { start: caret - found[0].length, search: found[1]! } : undefined;
}
