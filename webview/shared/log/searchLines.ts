import { plainText } from './ansi.ts';

export interface LogQuery {
  text: string;
  matchCase: boolean;
  isRegex: boolean;
  /** Only lines with a match are shown. */
  isFilter: boolean;
}

export const noQuery: LogQuery = { text: '', matchCase: false, isRegex: false, isFilter: false };

/** A place that matches; `line` counts from 0. */
export interface LogMatch {
  line: number;
  start: number;
  end: number;
}

/** A search stops counting here: more is of no use to anyone. */
export const mostMatches = 10_000;

/** What a query looks for; undefined where it is empty or no regular expression. */
export function patternOf({ text, matchCase, isRegex }: LogQuery): RegExp | undefined {
  if (text === '') return undefined;
  try {
    return new RegExp(isRegex ? text : text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), matchCase ? 'gu' : 'giu');
  } catch {
    return undefined;
  }
}

/** Places that match, in their order, and with `isFilter` the numbers of all lines that have one. */
export function searchLines(lines: readonly string[], query: LogQuery): { matches: LogMatch[]; only: number[] | undefined } {
  const pattern = patternOf(query);
  if (!pattern) return { matches: [], only: undefined };
  const matches: LogMatch[] = [];
  const only: number[] | undefined = query.isFilter ? [] : undefined;
  for (let line = 0; line < lines.length; line++) {
    const text = plainText(lines[line]!);
    if (matches.length >= mostMatches) {
      if (!only) break;
      pattern.lastIndex = 0;
      if (pattern.test(text)) only.push(line);
      continue;
    }
    const before = matches.length;
    pattern.lastIndex = 0;
    for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
      // What matches nothing, such as `x*`, stands still otherwise.
      if (found[0] === '') pattern.lastIndex += text.codePointAt(found.index)! > 0xffff ? 2 : 1;
      else if (matches.push({ line, start: found.index, end: found.index + found[0].length }) === mostMatches) break;
    }
    if (matches.length > before) only?.push(line);
  }
  return { matches, only };
}
