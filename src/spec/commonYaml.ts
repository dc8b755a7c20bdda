import { type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { quotedText } from './quotedText.ts';
import { scalarOf } from './scalar.ts';

/** Thrown inside only: what stands here is YAML that the full parser must read. */
const uncommon = new Error('uncommon');
const depthLimit = 100;

/**
 * Reads the YAML that people write: maps and lists by indentation, plain and quoted values on one line, block texts, small flow collections.
 * Answers the same nodes and ranges as the `yaml` package, about ten times faster; undefined for everything else, mistakes included,
 * which is then left to that package. Ranges of collections end behind their last value.
 */
export function parseCommon(text: string): Node | null | undefined {
  if (/[\0-\x09\x0b\x0c\x0e-\x1f\x7f\ufeff]|\r(?!\n)/.test(text)) return undefined;
  const reader = new CommonReader(text);
  try {
    return reader.read();
  } catch (error) {
    if (error === uncommon) return undefined;
    throw error;
  }
}

const space = 32;
const newline = 10;
const hash = 35;
const colon = 58;
const dash = 45;
const quote = 34;
const apostrophe = 39;

class CommonReader {
  private readonly text: string;
  /** The line under the cursor: its column of content, where content begins, where it ends (comment and blanks still in it), where the next begins. */
  private indent = -1;
  private at = 0;
  private end = 0;
  private next = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  read(): Node | null {
    this.advance();
    if (this.indent < 0) return null;
    const node = this.collection();
    if (this.indent >= 0) throw uncommon;
    return node;
  }

  /** Goes to the next line that says something; `indent` is -1 at the end. */
  private advance(): void {
    const { text } = this;
    let start = this.next;
    while (start < text.length) {
      let end = text.indexOf('\n', start);
      this.next = end < 0 ? text.length : end + 1;
      if (end < 0) end = text.length;
      if (end > start && text.charCodeAt(end - 1) === 13) end--;
      let at = start;
      while (at < end && text.charCodeAt(at) === space) at++;
      if (at < end && text.charCodeAt(at) !== hash) {
        this.indent = at - start;
        this.at = at;
        this.end = end;
        return;
      }
      start = this.next;
    }
    this.indent = -1;
    this.at = text.length;
  }

  private collection(): Node {
    if (++this.depth > depthLimit) throw uncommon;
    const node = this.isItem() ? this.list(this.indent) : this.map(this.indent);
    this.depth--;
    return node;
  }

  private isItem(): boolean {
    const after = this.text.charCodeAt(this.at + 1);
    return this.text.charCodeAt(this.at) === dash && (this.at + 1 >= this.end || after === space);
  }

  private map(indent: number): Node {
    const map = new YAMLMap();
    const start = this.at;
    const seen = new Set<unknown>();
    let end = start;
    while (this.indent === indent && !this.isItem()) {
      const key = this.key();
      if (seen.has(key.value) || key.value === '<<') throw uncommon;
      seen.add(key.value);
      const value = this.value(this.at, indent, true);
      map.items.push(new Pair(key, value));
      end = (value as Node).range![1];
    }
    // What stands deeper, or an item among keys, has lost its way.
    if (this.indent >= indent) throw uncommon;
    map.range = [start, end, end];
    return map;
  }

  /** The key at the cursor; moves `at` behind its colon. */
  private key(): Scalar {
    const { text, end } = this;
    const start = this.at;
    const first = text.charCodeAt(start);
    let key: Scalar;
    let at: number;
    if (first === quote || first === apostrophe) {
      key = this.quoted(start);
      at = key.range![1];
    } else {
      if (!startsPlain(text, start, end, false)) throw uncommon;
      at = start;
      for (; at < end; at++) {
        const code = text.charCodeAt(at);
        if (code === colon && (at + 1 >= end || text.charCodeAt(at + 1) === space)) break;
        if (code === hash && text.charCodeAt(at - 1) === space) throw uncommon;
      }
      if (text.charCodeAt(at - 1) === space) throw uncommon;
      key = plain(text, start, at, true);
    }
    // Longer keys are not allowed on one line.
    if (text.charCodeAt(at) !== colon || at >= end || (at + 1 < end && text.charCodeAt(at + 1) !== space) || at - start > 1000)
      throw uncommon;
    this.at = at + 1;
    return key;
  }

  /** What stands behind a colon or dash at `from`, whose collection is at `indent`; goes to the line behind it. */
  private value(from: number, indent: number, inMap: boolean): Node {
    const { text, end } = this;
    let at = from;
    while (at < end && text.charCodeAt(at) === space) at++;
    if (at >= end || (text.charCodeAt(at) === hash && at > from)) return this.below(at < end ? at : from, indent, inMap);
    const first = text.charCodeAt(at);
    if (first === 124 || first === 62) return this.blockText(at, indent);
    let node: Node;
    if (first === quote || first === apostrophe) node = this.quotedLines(at);
    else if (first === 123 || first === 91) node = this.flow(at);
    else {
      if (!startsPlain(text, at, end, false)) throw uncommon;
      let stop = at;
      for (; stop < end; stop++) {
        const code = text.charCodeAt(stop);
        if (code === colon && (stop + 1 >= end || text.charCodeAt(stop + 1) === space)) throw uncommon;
        if (code === hash && text.charCodeAt(stop - 1) === space) break;
      }
      while (text.charCodeAt(stop - 1) === space) stop--;
      node = plain(text, at, stop);
    }
    let rest = node.range![1];
    const behind = rest;
    // What is quoted may have ended on another line.
    while (rest < this.end && text.charCodeAt(rest) === space) rest++;
    if (rest < this.end && (text.charCodeAt(rest) !== hash || rest === behind)) throw uncommon;
    this.advance();
    // The value goes on, or what stands deeper has lost its way.
    if (this.indent > indent) throw uncommon;
    return node;
  }

  private below(from: number, indent: number, inMap: boolean): Node {
    this.advance();
    if (this.indent > indent) return this.collection();
    if (inMap && this.indent === indent && this.isItem()) {
      if (++this.depth > depthLimit) throw uncommon;
      const list = this.list(indent);
      this.depth--;
      return list;
    }
    const empty = new Scalar(null);
    empty.range = [from, from, from];
    empty.source = '';
    empty.type = 'PLAIN';
    return empty;
  }

  private list(indent: number): Node {
    const list = new YAMLSeq();
    const start = this.at;
    let end = start;
    while (this.indent === indent && this.isItem()) {
      let at = this.at + 1;
      while (at < this.end && this.text.charCodeAt(at) === space) at++;
      let item: Node;
      if (at < this.end && this.isMapLine(at)) {
        this.indent += at - this.at;
        this.at = at;
        if (++this.depth > depthLimit) throw uncommon;
        item = this.map(this.indent);
        this.depth--;
      } else if (at < this.end && this.text.charCodeAt(at) === dash && (at + 1 >= this.end || this.text.charCodeAt(at + 1) === space))
        throw uncommon;
      else item = this.value(this.at + 1, indent, false);
      list.items.push(item);
      end = item.range![1];
    }
    if (this.indent > indent) throw uncommon;
    list.range = [start, end, end];
    return list;
  }

  /** Whether a list's item begins with a key. */
  private isMapLine(at: number): boolean {
    const { text, end } = this;
    const first = text.charCodeAt(at);
    if (first === 123 || first === 91 || first === hash) return false;
    let from = at;
    if (first === quote || first === apostrophe) {
      from = text.indexOf(text[at]!, at + 1) + 1;
      // A key ends on its line.
      return from > 0 && from <= end && text.charCodeAt(from) === colon;
    }
    for (; from < end; from++) {
      const code = text.charCodeAt(from);
      if (code === colon && (from + 1 >= end || text.charCodeAt(from + 1) === space)) return true;
      if (code === hash && text.charCodeAt(from - 1) === space) return false;
    }
    return false;
  }

  private quoted(at: number): Scalar {
    const { text } = this;
    const mark = text[at]!;
    const close = closingQuote(text, at);
    if (close < 0 || close >= this.end) throw uncommon;
    return this.quotedScalar(at, close, mark);
  }

  /** Like `quoted`, of a value that may go on in the next lines, also further left, as Azure's client takes it. The line on which it ends is then the one under the cursor. */
  private quotedLines(at: number): Scalar {
    const { text } = this;
    const close = closingQuote(text, at);
    if (close < 0) throw uncommon;
    while (close >= this.end) {
      const start = this.next;
      if (start > close) throw uncommon;
      const end = text.indexOf('\n', start);
      this.next = end < 0 ? text.length : end + 1;
      this.end = end < 0 ? text.length : text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    }
    return this.quotedScalar(at, close, text[at]!);
  }

  private quotedScalar(at: number, close: number, mark: string): Scalar {
    const value = quotedText(this.text.slice(at + 1, close), mark);
    if (value === undefined) throw uncommon;
    const scalar = new Scalar(value);
    scalar.source = value;
    scalar.type = mark === '"' ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE';
    scalar.range = [at, close + 1, close + 1];
    return scalar;
  }

  /** A collection in brackets that ends on its line. */
  private flow(at: number): Node {
    if (++this.depth > depthLimit) throw uncommon;
    const { text, end } = this;
    const isMap = text[at] === '{';
    const close = isMap ? '}' : ']';
    const node = isMap ? new YAMLMap() : new YAMLSeq();
    const seen = new Set<unknown>();
    let from = skipSpaces(text, at + 1, end);
    if (text[from] !== close)
      for (;;) {
        if (isMap) {
          const key = this.flowScalar(from, true);
          if (seen.has(key.value) || key.value === '<<' || text.charCodeAt(key.range![1]) !== colon) throw uncommon;
          seen.add(key.value);
          from = key.range![1] + 1;
          if (text.charCodeAt(from) !== space) throw uncommon;
          from = skipSpaces(text, from, end);
          const value = this.flowValue(from);
          node.items.push(new Pair(key, value) as never);
          from = value.range![1];
        } else {
          const value = this.flowValue(from);
          node.items.push(value as never);
          from = value.range![1];
        }
        from = skipSpaces(text, from, end);
        if (text[from] === close) break;
        if (from >= end || text[from] !== ',') throw uncommon;
        from = skipSpaces(text, from + 1, end);
      }
    if (from >= end) throw uncommon;
    node.flow = true;
    node.range = [at, from + 1, from + 1];
    this.depth--;
    return node;
  }

  private flowValue(at: number): Node {
    const first = this.text.charCodeAt(at);
    return first === 123 || first === 91 ? this.flow(at) : this.flowScalar(at);
  }

  private flowScalar(at: number, isKey = false): Scalar {
    const { text, end } = this;
    const first = text.charCodeAt(at);
    if (first === quote || first === apostrophe) return this.quoted(at);
    if (!startsPlain(text, at, end, true)) throw uncommon;
    let stop = at;
    for (; stop < end; stop++) {
      const code = text.charCodeAt(stop);
      if (code === 44 || code === 93 || code === 125) break;
      if (code === colon && (stop + 1 >= end || ' ,[]{}'.includes(text[stop + 1]!))) break;
      if (code === 91 || code === 123 || (code === hash && text.charCodeAt(stop - 1) === space)) throw uncommon;
    }
    if (stop >= end) throw uncommon;
    const behind = stop;
    while (text.charCodeAt(stop - 1) === space) stop--;
    if (stop === at || (text.charCodeAt(behind) === colon && stop < behind)) throw uncommon;
    return plain(text, at, stop, isKey);
  }

  /** `|` and `>` with their lines. */
  private blockText(at: number, indent: number): Scalar {
    const { text } = this;
    const folded = text.charCodeAt(at) === 62;
    let headerEnd = at + 1;
    const chomp = text[headerEnd] === '-' || text[headerEnd] === '+' ? text[headerEnd++] : '';
    const afterHeader = skipSpaces(text, headerEnd, this.end);
    if (afterHeader < this.end) throw uncommon;
    const lines: string[] = [];
    let content = -1;
    let start = this.next;
    let last = -1;
    let behind = start;
    while (start < text.length) {
      let end = text.indexOf('\n', start);
      const next = end < 0 ? text.length : end + 1;
      if (end < 0) end = text.length;
      if (end > start && text.charCodeAt(end - 1) === 13) end--;
      let from = start;
      while (from < end && text.charCodeAt(from) === space) from++;
      if (from === end) {
        if (content < 0 ? from > start : from - start > content) throw uncommon;
        lines.push('');
      } else {
        if (content < 0) {
          content = from - start;
          if (content <= indent) throw uncommon;
        }
        if (from - start < content) {
          if (from - start > indent) throw uncommon;
          break;
        }
        if (folded && from - start > content) throw uncommon;
        lines.push(text.slice(start + content, end));
        last = lines.length;
        behind = next;
      }
      start = next;
    }
    if (last < 0) throw uncommon;
    if (text.charCodeAt(start - 1) !== newline && chomp !== '-') throw uncommon;
    const body = lines.slice(0, last);
    let value = folded ? fold(body) : body.join('\n');
    if (chomp === '') value += '\n';
    else if (chomp === '+') value += '\n'.repeat(lines.length - last + 1);
    const scalar = new Scalar(value);
    scalar.source = value;
    scalar.type = folded ? 'BLOCK_FOLDED' : 'BLOCK_LITERAL';
    scalar.range = [at, behind, behind];
    this.next = start;
    this.advance();
    if (this.indent > indent) throw uncommon;
    return scalar;
  }
}

/** Lines joined by spaces, where empty ones stand for line breaks. */
function fold(lines: string[]): string {
  let value = '';
  let breaks = 0;
  let isFirst = true;
  for (const line of lines) {
    if (line === '') {
      breaks++;
      continue;
    }
    if (isFirst) value = '\n'.repeat(breaks) + line;
    else value += breaks > 0 ? '\n'.repeat(breaks) + line : ` ${line}`;
    isFirst = false;
    breaks = 0;
  }
  return value;
}

/** Where the quote at `at` is closed; -1 for nowhere. */
function closingQuote(text: string, at: number): number {
  const mark = text[at]!;
  let close = text.indexOf(mark, at + 1);
  if (mark === "'") while (close >= 0 && text.charCodeAt(close + 1) === apostrophe) close = text.indexOf(mark, close + 2);
  else while (close >= 0 && isEscaped(text, close)) close = text.indexOf(mark, close + 1);
  return close;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === 92) before--;
  return (at - before) % 2 === 1;
}

function skipSpaces(text: string, at: number, end: number): number {
  let from = at;
  while (from < end && text.charCodeAt(from) === space) from++;
  return from;
}

function startsPlain(text: string, at: number, end: number, inFlow: boolean): boolean {
  const first = text[at];
  if (first === undefined || at >= end) return false;
  if (first === '-' || first === '?' || first === ':') {
    const after = text[at + 1];
    return at + 1 < end && after !== ' ' && !(inFlow && ',[]{}'.includes(after!));
  }
  return !'#&*!|>%@`"\'{}[], '.includes(first);
}

/** A key is what is written, a value what Azure's client makes of it. */
function plain(text: string, start: number, end: number, isKey = false): Scalar {
  const source = text.slice(start, end);
  const scalar = new Scalar(isKey ? source : scalarOf(source));
  scalar.source = source;
  scalar.type = 'PLAIN';
  scalar.range = [start, end, end];
  return scalar;
}
