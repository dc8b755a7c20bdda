import { isAlias, isMap, isPair, isScalar, isSeq, type Node, Pair, YAMLMap } from 'yaml';
import type { ErrorCode } from '../base/userError.ts';
import { type Block, cut } from './blocks.ts';
import { codes } from './codes.ts';
import type { Diagnostic, Range, Severity } from './diagnostic.ts';
import { parseBlock, settle } from './parseBlock.ts';
import { plainValue } from './plainValue.ts';

/** Characters, and steps and top-level keys, beyond which a file is not looked into: nobody writes as many, and the editor would wait for seconds. */
const sizeLimit = 16_000_000;
const blockLimit = 20_000;

/** An answer that is kept with a block: what was computed, from what, and what was reported meanwhile, its lines counted from the block's first. */
interface Kept {
  given: readonly unknown[];
  value: unknown;
  reports: Diagnostic[];
}

/**
 * A YAML file that collects what is to be said about it. Parsing never throws.
 * The file is cut into blocks (top-level entries, and the steps below `jobs:`); `edit` parses only the blocks that changed.
 * Nodes are the `yaml` package's; a node's `range` holds offsets in `text` and is right until the next edit.
 */
export class SpecDocument {
  readonly file: string;
  text: string;
  /** Goes up with every edit. */
  version = 0;
  blocks: Block[] = [];
  /** Of the syntax, and what checks report; an edit takes back the latter. */
  diagnostics: Diagnostic[] = [];
  #lineStarts: number[] = [0];
  #root: Node | null | undefined;
  #top = new Map<string, Block>();
  #steps = new Map<string, Block>();
  #anchored: Block[] = [];
  #syntaxErrors = false;
  #syntaxDiagnostics: Diagnostic[] = [];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.#lineStarts = lineStartsOf(text, 0);
    this.#cutAll();
    this.#changed();
  }

  get hasSyntaxErrors(): boolean {
    return this.#syntaxErrors;
  }

  get root(): Node | null {
    this.#root ??= this.#compose();
    return this.#root;
  }

  /** Replaces the characters from `start` to `end` and parses the blocks that this touches. */
  edit(start: number, end: number, inserted: string): void {
    const before = this.text;
    this.text = before.slice(0, start) + inserted + before.slice(end);
    const delta = inserted.length - (end - start);
    const firstLine = this.lineAt(start);
    const lastLine = this.lineAt(end);
    const starts = lineStartsOf(inserted, start);
    const after = this.#lineStarts.slice(lastLine + 1);
    for (let i = 0; i < after.length; i++) after[i]! += delta;
    this.#lineStarts.length = firstLine + 1;
    for (let i = 1; i < starts.length; i++) this.#lineStarts.push(starts[i]!);
    for (const each of after) this.#lineStarts.push(each);
    if (!this.#recut(start, end, delta, starts.length - 1 - (lastLine - firstLine))) this.#cutAll();
    this.version++;
    this.#changed();
  }

  /** Replaces the text; what it has in common with the text before, at its beginning and end, is not parsed again. */
  replace(text: string): void {
    const before = this.text;
    const most = Math.min(before.length, text.length);
    let start = 0;
    while (start < most && before.charCodeAt(start) === text.charCodeAt(start)) start++;
    let same = 0;
    while (same < most - start && before.charCodeAt(before.length - 1 - same) === text.charCodeAt(text.length - 1 - same)) same++;
    if (start === most && before.length === text.length) return;
    this.edit(start, before.length - same, text.slice(start, text.length - same));
  }

  /** Takes back what checks reported; what is wrong with the syntax stays. */
  startChecks(): void {
    this.diagnostics = [...this.#syntaxDiagnostics];
  }

  /**
   * What `compute` answers and reports about the block at `path` (the first key, or `jobs` and a step). It is kept and given again, without computing,
   * until the block's text changes or one of `given` is another. So `compute` reads only that block and `given`, and answers plain data.
   */
  remember<T>(path: readonly (string | number)[], what: string, given: readonly unknown[], compute: () => T): T {
    const block = this.blockOf(path);
    // A file that can't be cut is one block for all of its keys: what is kept of one is nothing of another.
    if (!block || block.kind === 'whole') return compute();
    block.kept ??= new Map();
    const kept = block.kept.get(what) as Kept | undefined;
    if (kept?.given.length === given.length && kept.given.every((each, index) => each === given[index])) {
      for (const each of kept.reports) this.diagnostics.push(each.file === this.file ? moved(each, block.line) : each);
      return kept.value as T;
    }
    const first = this.diagnostics.length;
    const value = compute();
    const reports = this.diagnostics.slice(first);
    const lastLine = reports.length ? block.line + countLines(block.text) : 0;
    const elsewhere = reports.some(
      ({ file, range }) => file === this.file && (range.start.line <= block.line || range.start.line > lastLine + 1),
    );
    if (elsewhere) block.kept.delete(what);
    else
      block.kept.set(what, {
        given,
        value,
        reports: reports.map((each) => (each.file === this.file ? moved(each, -block.line) : each)),
      } satisfies Kept);
    return value;
  }

  /** Whether the block at `path` can be understood without the others: what an alias stands for may change with another block. */
  standsAlone(path: readonly (string | number)[]): boolean {
    const block = this.blockOf(path);
    return block !== undefined && (block.standsAlone ??= !/[*&]|<</.test(block.text));
  }

  /** The plain value of a node with aliases and merge keys resolved; undefined where aliases stand for too much. Not to be changed: it is shared. */
  toValue(node: Node | null | undefined): unknown {
    if (node && node === this.root && isMap(node) && this.#top.size > 0) return this.#rootValue();
    return plainValue(node, (alias) => this.resolve(alias));
  }

  /** An alias replaced by what it stands for. */
  resolve(node: Node | null | undefined): Node | null {
    if (!node) return null;
    if (!isAlias(node)) return node;
    let found: Node | undefined;
    const at = node.range?.[0] ?? Number.POSITIVE_INFINITY;
    for (const block of this.#anchored) {
      if (block.start > at) break;
      settle(block.parsed!, block.start);
      for (const each of block.parsed!.anchors!.get(node.source) ?? []) if ((each.range?.[0] ?? 0) < at) found = each;
    }
    return found ?? null;
  }

  report(at: Node | Pair | null | undefined, code: ErrorCode, message: string, hint?: string, severity: Severity = 'error'): void {
    const node = isPair(at) ? (at.key as Node) : at;
    const [start, end] = node?.range ?? [0, 0];
    this.reportAt(start, end, code, message, hint, severity);
  }

  /** Like `report`, at the characters from `start` to `end`. */
  reportAt(start: number, end: number, code: ErrorCode, message: string, hint?: string, severity: Severity = 'error'): void {
    this.diagnostics.push({ file: this.file, code, severity, message, ...(hint ? { hint } : {}), range: this.range(start, end) });
  }

  /** The node at a path of keys; null when there is none. */
  at(path: readonly (string | number)[]): Node | null {
    let from = 0;
    let node: Node | null;
    const step = path.length > 1 && path[0] === 'jobs' ? this.#steps.get(String(path[1])) : undefined;
    const block = step ?? (path.length > 0 ? this.#top.get(String(path[0])) : undefined);
    if (block && block.kind !== 'container') {
      node = this.resolve(this.#pairOf(block)?.value as Node | null);
      from = step ? 2 : 1;
    } else node = this.resolve(this.root);
    for (const key of path.slice(from)) {
      if (isMap(node)) node = this.resolve(mapValue(node, key, this));
      else if (isSeq(node)) node = this.resolve(node.get(Number(key), true) as Node | undefined);
      else return null;
    }
    return node;
  }

  /** The pair of `key` in the map at `path`, whose key node is what a message about the key points to. */
  pair(path: readonly (string | number)[], key: string): Pair | undefined {
    const block = path.length === 0 ? this.#top.get(key) : path.length === 1 && path[0] === 'jobs' ? this.#steps.get(key) : undefined;
    if (block && block.kind !== 'container') return this.#pairOf(block);
    const map = this.at(path);
    return isMap(map) ? (map as YAMLMap).items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
  }

  /** The block that holds the node at `path`. */
  blockOf(path: readonly (string | number)[]): Block | undefined {
    if (path.length === 0) return this.blocks.length === 1 ? this.blocks[0] : undefined;
    if (this.blocks[0]?.kind === 'whole') return this.blocks[0];
    return (path[0] === 'jobs' && path.length > 1 ? this.#steps.get(String(path[1])) : undefined) ?? this.#top.get(String(path[0]));
  }

  /** The block at an offset; the last one at the end of the text. */
  blockAt(offset: number): Block | undefined {
    return this.blocks[lastAtMost(this.blocks.length, (index) => this.blocks[index]!.start, offset)];
  }

  /** The steps below `jobs:`, in order, when they are blocks of their own. */
  get steps(): Block[] {
    return [...this.#steps.values()];
  }

  /** Line (from 0) of an offset. */
  lineAt(offset: number): number {
    return Math.max(
      0,
      lastAtMost(this.#lineStarts.length, (index) => this.#lineStarts[index]!, offset),
    );
  }

  get lineCount(): number {
    return this.#lineStarts.length;
  }

  /** Offset at which a line (from 0) begins; the end of the text for a line beyond. */
  lineStart(line: number): number {
    return this.#lineStarts[line] ?? this.text.length;
  }

  /** Offset behind a line's last character, its line break left out. */
  lineEnd(line: number): number {
    const next = this.#lineStarts[line + 1];
    if (next === undefined) return this.text.length;
    return this.text.charCodeAt(next - 2) === 13 && next - 2 >= this.lineStart(line) ? next - 2 : next - 1;
  }

  range(start: number, end: number): Range {
    const position = (offset: number) => {
      const bound = Math.min(Math.max(offset, 0), this.text.length);
      const line = this.lineAt(bound);
      return { line: line + 1, column: bound - this.lineStart(line) + 1 };
    };
    return { start: position(start), end: position(Math.max(start, end)) };
  }

  #cutAll(): void {
    const whole: Block[] = [{ kind: 'whole', start: 0, line: 0, text: this.text, key: undefined }];
    const before = this.blocks;
    const refuse = (message: string) => {
      whole[0]!.parsed = { contents: null, problems: [{ message, start: 0, end: 1 }], repeated: [], base: 0 };
      this.blocks = whole;
    };
    if (this.text.length > sizeLimit) return refuse('The file is too large to be checked');
    this.blocks = cut(this.text, 0, 0, { inside: false, indent: 0 }, () => false)?.blocks ?? whole;
    if (this.blocks.length > blockLimit)
      return refuse(`The file has ${this.blocks.length.toLocaleString('en')} steps and keys; one of more than 20,000 is not checked`);
    adopt(before, this.blocks);
  }

  /** Cuts again from the block before the edit to the first old block behind it that begins as before. False when all must be cut. */
  #recut(start: number, end: number, delta: number, lines: number): boolean {
    const { blocks } = this;
    if (this.text.length > sizeLimit || blocks.length < 2 || blocks[0]!.kind === 'whole') return false;
    let first = lastAtMost(blocks.length, (index) => blocks[index]!.start, start);
    // A change at a block's beginning may make it a part of the one before; the first step decides where steps stand.
    if (first > 0 && start <= blocks[first]!.start + firstLineEnd(blocks[first]!)) first--;
    while (first > 0 && (blocks[first]!.kind === 'step' || blocks[first]!.kind === 'container') && !isLaterStep(blocks, first)) first--;
    if (first === 0) return false;
    const from = blocks[first]!;
    const laterStarts = new Map<number, number>();
    for (let index = first + 1; index < blocks.length; index++)
      if (blocks[index]!.start > end) laterStarts.set(blocks[index]!.start + delta, index);
    const inside = from.kind === 'step';
    let resume = blocks.length;
    const found = cut(this.text, from.start, from.line, { inside, indent: inside ? indentOf(from) : 0 }, (at, state) => {
      const index = laterStarts.get(at);
      if (index === undefined) return false;
      const old = blocks[index]!;
      const same =
        state.indent > 0 ? old.kind === 'step' && indentOf(old) === state.indent : old.kind === (state.inside ? 'container' : 'entry');
      if (same) resume = index;
      return same;
    });
    if (!found) return false;
    for (let index = resume; index < blocks.length; index++) {
      blocks[index]!.start += delta;
      blocks[index]!.line += lines;
    }
    if (blocks.length - (resume - first) + found.blocks.length > blockLimit) return false;
    blocks.splice(first, resume - first, ...found.blocks);
    return true;
  }

  #changed(): void {
    this.#root = undefined;
    this.#top = new Map();
    this.#steps = new Map();
    this.diagnostics = [];
    this.#syntaxErrors = false;
    this.#reportSyntax();
    this.#syntaxDiagnostics = [...this.diagnostics];
  }

  /** Parses what is not parsed, indexes the blocks and says what is wrong with the syntax. */
  #reportSyntax(): void {
    let opened = false;
    for (const block of this.blocks) {
      block.parsed ??= block.kind === 'head' ? { contents: null, problems: [], repeated: [], base: 0 } : parseBlock(block.text);
      for (const { bracket } of block.parsed.problems) {
        if (bracket === 'open') opened = true;
        else if (bracket === 'close' && opened && block.kind !== 'whole') return this.#parseWhole();
      }
    }
    this.#top.clear();
    this.#steps.clear();
    this.#anchored = [];
    for (const block of this.blocks) {
      const { problems, repeated, contents, anchors } = block.parsed!;
      for (const { message, start, end } of problems) this.#syntaxError(block, start, end, message);
      for (const { key, start, end } of repeated) this.#repeatedKey(block, key, start, end);
      if (anchors) this.#anchored.push(block);
      if (block.kind === 'head' || block.kind === 'whole') continue;
      if (problems.length === 0) {
        if (!isMap(contents)) {
          this.#syntaxError(block, indentOf(block), firstLineEnd(block), 'A key must be followed by ":"');
          continue;
        }
        // The parser saw several entries where the cut saw one.
        if (contents.items.length !== 1) return this.#parseWhole();
        const key = contents.items[0]?.key;
        block.key = isScalar(key) ? String(key.value) : undefined;
      }
      if (block.key === undefined) continue;
      const index = block.kind === 'step' ? this.#steps : this.#top;
      const before = index.get(block.key);
      if (before) this.#repeatedKey(block, block.key, indentOf(block), indentOf(block) + block.key.length);
      // The steps belong to the entry that no longer counts.
      if (before?.kind === 'container') this.#steps.clear();
      index.set(block.key, block);
    }
  }

  #syntaxError(block: Block, start: number, end: number, message: string): void {
    this.#syntaxErrors = true;
    this.reportAt(
      block.start + start,
      block.start + end,
      'YamlSyntax',
      `${message.replace(/[.:]$/, '')}.`,
      'Fix the YAML first; the rest is checked then.',
    );
  }

  #repeatedKey(block: Block, key: string, start: number, end: number): void {
    const { severity } = codes.DuplicateKey;
    this.reportAt(
      block.start + start,
      block.start + end,
      'DuplicateKey',
      `"${key}" stands here a second time; Azure takes this one and leaves out the one above.`,
      'Remove one of the two.',
      severity,
    );
  }

  /** Brackets that are open across the beginnings of lines: the file can't be cut after all. */
  #parseWhole(): void {
    this.blocks = [{ kind: 'whole', start: 0, line: 0, text: this.text, key: undefined }];
    this.#reportSyntax();
  }

  #pairOf(block: Block): Pair | undefined {
    const contents = settle(block.parsed!, block.start);
    return isMap(contents) ? (contents.items[0] as Pair | undefined) : undefined;
  }

  #compose(): Node | null {
    const [only] = this.blocks;
    if (only?.kind === 'whole') return settle(only.parsed!, 0);
    if (this.#top.size === 0) return null;
    const root = new YAMLMap();
    const last = this.blocks.at(-1)!;
    root.range = [this.blocks[0]!.start, last.start + last.text.length, last.start + last.text.length];
    lazyItems(root, () =>
      [...this.#top.values()].map((block) => (block.kind === 'container' ? this.#container(block) : this.#pairOf(block))),
    );
    return root;
  }

  #container(block: Block): Pair | undefined {
    const pair = this.#pairOf(block);
    if (!pair || this.#steps.size === 0) return pair;
    const steps = this.steps;
    const map = new YAMLMap();
    const last = steps.at(-1)!;
    map.range = [steps[0]!.start, last.start + last.text.length, last.start + last.text.length];
    lazyItems(map, () => steps.map((step) => this.#pairOf(step)));
    return new Pair(pair.key, map);
  }

  #rootValue(): unknown {
    const value: Record<string, unknown> = {};
    for (const [key, block] of this.#top) {
      if (key === '<<') return plainValue(this.root, (alias) => this.resolve(alias));
      const own = block.kind === 'container' && this.#steps.size > 0 ? this.#stepValues() : this.#blockValue(block);
      Object.defineProperty(value, key, { value: own, enumerable: true, configurable: true, writable: true });
    }
    return value;
  }

  #stepValues(): unknown {
    if (this.#steps.has('<<')) return plainValue(this.at(['jobs']), (alias) => this.resolve(alias));
    return Object.fromEntries([...this.#steps].map(([key, block]) => [key, this.#blockValue(block)]));
  }

  #blockValue(block: Block): unknown {
    // What an alias stands for may change with another block.
    const keeps = !block.text.includes('*');
    const kept = block.kept?.get('value') as { value: unknown } | undefined;
    if (keeps && kept) return kept.value;
    const value = plainValue(this.#pairOf(block)?.value as Node | null, (alias) => this.resolve(alias)) ?? null;
    if (keeps) {
      block.kept ??= new Map();
      block.kept.set('value', { value });
    }
    return value;
  }
}

/** A map whose items are made when they are first asked for. */
function lazyItems(map: YAMLMap, make: () => (Pair | undefined)[]): void {
  let items: Pair[] | undefined;
  Object.defineProperty(map, 'items', {
    get: () => (items ??= make().filter((pair) => pair !== undefined)),
    set: () => {},
    enumerable: true,
  });
}

/** The value under a key, one that a merge key brings along included. */
function mapValue(map: YAMLMap, key: string | number, document: SpecDocument, depth = 0): Node | undefined {
  const name = String(key);
  let merge: Node | null | undefined;
  for (const { key: each, value } of map.items) {
    if (!isScalar(each)) continue;
    if (each.value === key || String(each.value) === name) return (value as Node | null) ?? undefined;
    if (each.value === '<<') merge = value as Node | null;
  }
  if (!merge || depth > 20) return undefined;
  const merged = document.resolve(merge);
  for (const each of isSeq(merged) ? merged.items : [merged]) {
    const from = document.resolve(each as Node | null);
    const found = isMap(from) ? mapValue(from, key, document, depth + 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Gives the blocks at the beginning and the end that are as they were what is known about them. */
function adopt(before: Block[], after: Block[]): void {
  const take = (from: Block | undefined, into: Block) => {
    if (!from?.parsed || from.kind !== into.kind || from.text !== into.text) return false;
    into.parsed = from.parsed;
    if (from.kept) into.kept = from.kept;
    return true;
  };
  let first = 0;
  while (first < after.length && take(before[first], after[first]!)) first++;
  for (let back = 1; back <= after.length - first && take(before.at(-back), after.at(-back)!); back++);
}

function moved(diagnostic: Diagnostic, lines: number): Diagnostic {
  const { start, end } = diagnostic.range;
  return { ...diagnostic, range: { start: { ...start, line: start.line + lines }, end: { ...end, line: end.line + lines } } };
}

const indentOf = (block: Block): number => /^ */.exec(block.text)![0].length;
const firstLineEnd = (block: Block): number => /^[^\r\n]*/.exec(block.text)![0].length;

/** Whether a step has another step before it, so that where steps stand is known without it. */
const isLaterStep = (blocks: Block[], index: number): boolean => blocks[index]!.kind === 'step' && blocks[index - 1]!.kind === 'step';

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Where lines begin, the first at `offset`. */
function lineStartsOf(text: string, offset: number): number[] {
  const starts = [offset];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(offset + at + 1);
  return starts;
}

/** Index of the last of `count` ascending values that is at most `wanted`; -1 when none is. */
function lastAtMost(count: number, value: (index: number) => number, wanted: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
