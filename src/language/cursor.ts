import { isMap, Pair, Scalar, YAMLMap } from 'yaml';
import { keyInLine } from '../spec/blocks.ts';
import type { SpecDocument } from '../spec/document.ts';
import { scalarOf } from '../spec/scalar.ts';

/** One level of the collections around the cursor: a key and the line and column where it stands, or a list's item. */
export interface Level {
  key: string | number;
  line: number;
  column: number;
}

/**
 * Where in a document the cursor is, read from the lines alone, so that half-typed text does not matter.
 * `levels` leads to the collection around the cursor; `key` is the key whose value the cursor is in.
 */
export interface Cursor {
  offset: number;
  line: number;
  /** Column at which keys of the collection around the cursor stand. */
  column: number;
  levels: Level[];
  part: 'key' | 'value' | 'item' | 'none';
  key?: string;
  /** The word that a completion replaces: the key, or the value without its quotes and comment; offsets in the text. */
  word: { start: number; end: number };
  quote?: '"' | "'";
  /** Inside of brackets: no lines can be added there. */
  inFlow: boolean;
  /** In a `|` or `>` text. */
  inBlockText: boolean;
  /** Whether something stands behind the key's colon already, or a colon behind the word. */
  hasColon: boolean;
  expression?: OpenExpression;
}

/** A `${{ … }}` around the cursor: offsets of what stands between the braces, and whether it is closed. */
export interface OpenExpression {
  start: number;
  end: number;
  isClosed: boolean;
  /** Whether `$[[ ]]` stands around it. */
  inOptional: boolean;
}

interface Entry {
  kind: 'item' | 'key';
  column: number;
  key: string;
}

/** Characters of a line that are looked at. */
const lineLimit = 20_000;

export const pathOf = (cursor: Cursor): (string | number)[] => cursor.levels.map(({ key }) => key);

export function cursorAt(document: SpecDocument, offset: number): Cursor {
  const line = document.lineAt(offset);
  const start = document.lineStart(line);
  const text = lineText(document, line);
  const at = Math.min(offset - start, text.length);
  const indent = text.search(/\S|$/);
  const base = { offset, line, inFlow: false, inBlockText: false, hasColon: false };
  const expression = expressionAround(text, at, start);
  const more = expression ? { expression } : {};

  const entries = entriesOf(text);
  const isBlank = indent === text.length;
  const limit = isBlank ? at : (entries[0]?.column ?? indent);
  const { levels, textKey } = levelsAbove(document, line, isBlank ? at : indent, entries[0]?.kind === 'item');
  if (textKey !== undefined)
    return { ...base, ...more, column: limit, levels, part: 'value', key: textKey, word: wordIn(text, at, start), inBlockText: true };
  const comment = commentStart(text);
  if (comment >= 0 && at > comment) return { ...base, column: limit, levels, part: 'none', word: { start: offset, end: offset } };
  if (isBlank) return { ...base, column: at, levels, part: 'key', word: { start: offset, end: offset } };

  let content = indent;
  for (const entry of entries) {
    if (entry.kind === 'key') continue;
    const before = levels.at(-1);
    if (entry.column < at || entries.length === 1) {
      levels.push({ key: itemIndex(document, line, entry.column), line, column: entry.column });
      content = entry.column + 1;
      while (text[content] === ' ') content++;
    } else return { ...base, column: before?.column ?? 0, levels, part: 'none', word: { start: offset, end: offset } };
  }
  const own = entries.at(-1);
  const key = own?.kind === 'key' ? own : undefined;
  const valueEnd = trimEnd(text, comment >= 0 ? comment : text.length);
  if (key) {
    const colon = colonOf(text, key.column);
    if (at <= colon)
      return {
        ...base,
        ...more,
        column: key.column,
        levels,
        part: 'key',
        word: { start: start + key.column, end: start + colon },
        hasColon: true,
      };
    let from = colon + 1;
    while (from < at && text[from] === ' ') from++;
    return valueCursor(from, { ...base, ...more, column: key.column, levels, part: 'value', key: key.key });
  }
  if (text[content] === '{' || text[content] === '[')
    return valueCursor(content, { ...base, ...more, column: content, levels, part: 'item' });
  return {
    ...base,
    ...more,
    column: content,
    levels,
    part: own?.kind === 'item' ? 'item' : 'key',
    word: { start: start + Math.min(content, at), end: start + Math.max(at, valueEnd) },
  };

  function valueCursor(from: number, cursor: Omit<Cursor, 'word'>): Cursor {
    const flow = flowAt(text, from, at);
    if (flow) {
      if (cursor.part === 'value') cursor.levels.push({ key: cursor.key!, line, column: cursor.column });
      cursor.levels.push(...flow.levels.map((each) => ({ key: each, line, column: at })));
      delete cursor.key;
      const word = { start: start + flow.start, end: start + flow.end };
      return {
        ...cursor,
        part: flow.part,
        ...(flow.key === undefined ? {} : { key: flow.key }),
        word,
        inFlow: true,
        hasColon: flow.hasColon,
      };
    }
    const quote = text[from] === '"' || text[from] === "'" ? (text[from] as '"' | "'") : undefined;
    const end = quote && text[valueEnd - 1] === quote && valueEnd - 1 > from ? valueEnd - 1 : valueEnd;
    const first = quote ? from + 1 : from;
    const word = { start: start + Math.min(first, at), end: start + Math.max(end, at, first) };
    return { ...cursor, ...(quote ? { quote } : {}), word };
  }
}

/** The siblings of a level, read from the lines: what is written under each key, as far as it stands on one line. */
export function siblings(document: SpecDocument, line: number, column: number): YAMLMap {
  const map = new YAMLMap();
  const add = (at: number) => {
    const text = lineText(document, at);
    const entry = entriesOf(text).find(({ kind, column: own }) => kind === 'key' && own === column);
    if (!entry) return;
    const colon = colonOf(text, entry.column);
    const comment = commentStart(text);
    const written = text.slice(colon + 1, comment >= 0 ? comment : undefined).trim();
    const bare = /^(["'])(.*)\1$/.exec(written);
    const value = written === '' || /^[{[]/.test(written) ? new YAMLMap() : new Scalar(bare ? bare[2] : scalarOf(written));
    map.items.push(new Pair(new Scalar(entry.key), value));
  };
  const { first, last } = spanOf(document, line, column);
  for (let at = first; at <= last; at++) add(at);
  return map;
}

/** First and last line of the map whose keys stand at `column` around `line`. */
export function spanOf(document: SpecDocument, line: number, column: number): { first: number; last: number } {
  const bounds = blockLines(document, line, column);
  let first = line;
  if (!startsItem(document, line, column))
    for (let at = line - 1; at >= bounds.first; at--) {
      const indent = contentColumn(document, at);
      if (indent < 0) continue;
      if (indent < column) {
        // `- key: …` begins the map that stands behind its dash.
        if (startsItem(document, at, column)) first = at;
        break;
      }
      first = at;
    }
  let last = line;
  for (let at = line + 1; at <= bounds.last; at++) {
    const indent = contentColumn(document, at);
    if (indent < 0) continue;
    if (indent < column) break;
    last = at;
  }
  return { first, last };
}

const startsItem = (document: SpecDocument, line: number, column: number): boolean => {
  const entries = entriesOf(lineText(document, line));
  return entries[0]?.kind === 'item' && entries.some((entry) => entry.kind === 'key' && entry.column === column);
};

/** Lines in which siblings can stand: the block's own for what is nested in it, the whole file for its own key. */
function blockLines(document: SpecDocument, line: number, column: number): { first: number; last: number } {
  const block = document.blockAt(document.lineStart(line));
  const all = { first: 0, last: document.lineCount - 1 };
  if (!block || column === 0) return all;
  if (block.kind === 'step' && column <= /^ */.exec(block.text)![0].length) return all;
  return { first: block.line, last: document.lineAt(block.start + Math.max(0, block.text.length - 1)) };
}

/** The collections around a line, outermost first; `textKey` when the line is in the `|` text of that key. */
function levelsAbove(document: SpecDocument, line: number, column: number, isItem: boolean): { levels: Level[]; textKey?: string } {
  const levels: Level[] = [];
  let limit = column;
  // A list may stand at the column of its key.
  let lenient = isItem;
  let textKey: string | undefined;
  const block = document.blockAt(document.lineStart(line));
  const first = block && block.kind !== 'whole' ? block.line : 0;
  for (let at = line - 1; at >= first && (limit > 0 || lenient); at--) {
    const text = lineText(document, at);
    const indent = text.search(/\S/);
    if (indent < 0 || text[indent] === '#' || indent > limit) continue;
    const entries = entriesOf(text);
    for (let index = entries.length - 1; index >= 0; index--) {
      const entry = entries[index]!;
      if (entry.kind === 'key' ? !(entry.column < limit || (lenient && entry.column <= limit)) : entry.column >= limit) continue;
      if (levels.length === 0 && textKey === undefined && entry.kind === 'key' && /:\s+[|>][-+0-9]*\s*(?:#.*)?$/.test(text)) {
        textKey = entry.key;
        limit = entry.column;
        lenient = false;
        continue;
      }
      levels.unshift({ key: entry.kind === 'key' ? entry.key : itemIndex(document, at, entry.column), line: at, column: entry.column });
      limit = entry.column;
      lenient = entry.kind === 'item';
    }
  }
  if (block?.kind === 'step' && limit > 0) {
    const container = document.blocks.findLast((each) => each.kind === 'container' && each.start < block.start);
    if (container) levels.unshift({ key: container.key ?? 'jobs', line: container.line, column: 0 });
  }
  return { levels, ...(textKey === undefined ? {} : { textKey }) };
}

/** How many items of the same list stand before the one at `line` and `column`. */
function itemIndex(document: SpecDocument, line: number, column: number): number {
  let index = 0;
  for (let at = line - 1; at >= 0; at--) {
    const indent = contentColumn(document, at);
    if (indent < 0 || indent > column) continue;
    if (indent < column) break;
    if (entriesOf(lineText(document, at))[0]?.kind !== 'item') break;
    index++;
  }
  return index;
}

function entriesOf(text: string): Entry[] {
  const entries: Entry[] = [];
  let at = text.search(/\S|$/);
  while (text[at] === '-' && (text[at + 1] === ' ' || at + 1 === text.length)) {
    entries.push({ kind: 'item', column: at, key: '' });
    at++;
    while (text[at] === ' ') at++;
  }
  const key = keyInLine(text.slice(at, at + 300));
  if (key !== undefined) entries.push({ kind: 'key', column: at, key });
  return entries;
}

const lineText = (document: SpecDocument, line: number): string => {
  const start = document.lineStart(line);
  return document.text.slice(start, Math.min(document.lineEnd(line), start + lineLimit));
};

/** Column of a line's first character; -1 for an empty line or a comment. */
function contentColumn(document: SpecDocument, line: number): number {
  const { text } = document;
  const start = document.lineStart(line);
  const end = document.lineEnd(line);
  let at = start;
  while (at < end && text.charCodeAt(at) === 32) at++;
  return at >= end || text[at] === '#' ? -1 : at - start;
}

function colonOf(text: string, column: number): number {
  const quote = text[column] === '"' || text[column] === "'" ? text[column] : undefined;
  const from = quote ? text.indexOf(quote, column + 1) : column;
  for (let at = Math.max(from, column); at < text.length; at++)
    if (text[at] === ':' && (at + 1 >= text.length || text[at + 1] === ' ' || text[at + 1] === '\t')) return at;
  return text.length;
}

/** Where a line's comment begins; -1 without one. Quotes are minded. */
function commentStart(text: string): number {
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quote) {
      if (char === quote) quote = '';
    } else if ((char === '"' || char === "'") && /[\s:[{,]/.test(text[at - 1] ?? ' ')) quote = char;
    else if (char === '#' && (at === 0 || /\s/.test(text[at - 1]!))) return at;
  }
  return -1;
}

function trimEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && /\s/.test(text[at - 1]!)) at--;
  return at;
}

function wordIn(text: string, at: number, start: number): { start: number; end: number } {
  let first = at;
  while (first > 0 && !/\s/.test(text[first - 1]!)) first--;
  let last = at;
  while (last < text.length && !/\s/.test(text[last]!)) last++;
  return { start: start + first, end: start + last };
}

/** The `${{` before `at` that is not closed before it. */
function expressionAround(text: string, at: number, offset: number): OpenExpression | undefined {
  const open = text.lastIndexOf('${{', Math.max(0, at - 1));
  if (open < 0 || open + 3 > at) return undefined;
  const close = text.indexOf('}}', open);
  if (close >= 0 && close < at) return undefined;
  const next = text.indexOf('${{', open + 3);
  const isClosed = close >= 0 && (next < 0 || close < next);
  const word = /^[^\s}"'\]]*/.exec(text.slice(at))![0].length;
  const optional = text.lastIndexOf('$[[', open);
  const inOptional = optional >= 0 && text.indexOf(']]', optional) === -1 ? true : optional >= 0 && text.indexOf(']]', optional) > open;
  return { start: offset + open + 3, end: offset + (isClosed ? close : at + word), isClosed, inOptional };
}

interface FlowPlace {
  levels: (string | number)[];
  part: 'key' | 'value' | 'item';
  key?: string;
  start: number;
  end: number;
  hasColon: boolean;
}

/** Where inside of brackets that open at `from` the cursor is; undefined outside of them. */
function flowAt(text: string, from: number, at: number): FlowPlace | undefined {
  if (text[from] !== '{' && text[from] !== '[') return undefined;
  const stack: { isMap: boolean; key?: string; index: number; start: number; afterColon: boolean }[] = [];
  let quote = '';
  for (let i = from; i < at; i++) {
    const char = text[i]!;
    const top = stack.at(-1);
    if (quote) {
      if (char === quote) quote = '';
    } else if (text.startsWith('${{', i)) {
      const close = text.indexOf('}}', i);
      i = close >= 0 && close < at ? close + 1 : at;
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '{' || char === '[') stack.push({ isMap: char === '{', index: 0, start: i + 1, afterColon: false });
    else if (char === '}' || char === ']') stack.pop();
    else if (char === ',' && top) {
      top.index++;
      top.start = i + 1;
      top.afterColon = false;
      delete top.key;
    } else if (char === ':' && top?.isMap && !top.afterColon && (text[i + 1] === ' ' || i + 1 >= at)) {
      top.key = text
        .slice(top.start, i)
        .trim()
        .replace(/^["']|["']$/g, '');
      top.start = i + 1;
      top.afterColon = true;
    }
  }
  const top = stack.at(-1);
  if (!top) return undefined;
  const levels = stack.slice(0, -1).map((each) => (each.isMap ? (each.key ?? '') : each.index));
  if (!top.isMap) levels.push(top.index);
  let start = top.start;
  while (start < at && /[\s"']/.test(text[start]!)) start++;
  let end = at;
  while (end < text.length && !/[,}\]:"']/.test(text[end]!)) end++;
  const hasColon = text[end] === ':';
  end = Math.max(at, trimEnd(text, end));
  return {
    levels,
    part: top.isMap ? (top.afterColon ? 'value' : 'key') : 'item',
    ...(top.key === undefined ? {} : { key: top.key }),
    start,
    end,
    hasColon,
  };
}

/** Keys that a map of siblings has. */
export const keysOf = (map: unknown): string[] =>
  isMap(map) ? map.items.map(({ key }) => String(key instanceof Scalar ? key.value : key)).filter((key) => key !== '') : [];
