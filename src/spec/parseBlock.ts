import { type Document, isAlias, isCollection, isPair, isScalar, type Node, type Pair, parseDocument } from 'yaml';
import { parseCommon } from './commonYaml.ts';
import { parseOlder } from './parseOlder.ts';

/** A problem with the syntax; offsets in the block's text. */
export interface SyntaxProblem {
  message: string;
  start: number;
  end: number;
  /** Whether a bracket was left open, or closed without one open. */
  bracket?: 'open' | 'close';
}

/** What a block's text means. The nodes' `range`s count from `base`, an offset of the file: `settle` moves them. */
export interface ParsedBlock {
  contents: Node | null;
  problems: SyntaxProblem[];
  base: number;
  /** Nodes with an anchor, in order; absent when there is none, as nearly always. */
  anchors?: Map<string, Node[]>;
}

/** Characters of one block beyond which it is not looked into: no file that people write comes near. */
const sizeLimit = 4_000_000;
/** Characters of one block beyond which what is not plain YAML is not looked into: the general parser needs seconds for it. */
const generalLimit = 1_200_000;
/** Levels of nesting beyond which a block is not looked into. */
const depthLimit = 500;

/** Parses one block by itself. Never throws. */
export function parseBlock(text: string): ParsedBlock {
  const refused = (message: string): ParsedBlock => ({
    contents: null,
    problems: [{ message, start: 0, end: Math.min(text.length, 80) }],
    base: 0,
  });
  if (text.length > sizeLimit) return refused('This part of the file is too large to be checked');
  if (tooDeep(text)) return refused('This part of the file is nested too deeply');
  try {
    const common = parseCommon(text);
    if (common !== undefined) return { contents: common, problems: [], base: 0 };
    if (text.length > generalLimit) return refused('This part of the file is too large to be checked');
    // A carriage return alone, of which nobody makes line breaks any more, would cost the parser minutes.
    const readable = text.replace(/\r(?!\n)/g, '\n');
    let document: Document = parseDocument(readable, { uniqueKeys: false, logLevel: 'silent', keepSourceTokens: false });
    if (document.errors.some(({ message }) => /^Missing closing/.test(message))) document = parseOlder(readable) ?? document;
    const contents = document.contents as Node | null;
    // The parser goes on after an error and stumbles over its own guesses: only the first is sure to be the writer's.
    const twice = document.errors.length ? undefined : equalKeys(contents);
    if (twice?.range)
      return { contents, problems: [{ message: 'Map keys must be unique', start: twice.range[0], end: twice.range[1] }], base: 0 };
    const problems = document.errors.slice(0, 1).map((error): SyntaxProblem => {
      const message = error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
      const bracket = /must end with a|expected.*end with/i.test(message)
        ? 'open'
        : /Unexpected flow-(?:map|seq)-end/.test(message)
          ? 'close'
          : undefined;
      return { message, start: error.pos[0], end: Math.max(error.pos[0], error.pos[1]), ...(bracket ? { bracket } : {}) };
    });
    const anchors = text.includes('&') ? anchorsIn(contents) : undefined;
    return { contents, problems, base: 0, ...(anchors ? { anchors } : {}) };
  } catch {
    // The parser recurses: what is left is nesting that it can't stand.
    return refused('This part of the file is nested too deeply');
  }
}

/** Moves the nodes of a block to where the block is now. */
export function settle(parsed: ParsedBlock, start: number): Node | null {
  const by = start - parsed.base;
  if (by !== 0 && parsed.contents) shift(parsed.contents, by);
  parsed.base = start;
  return parsed.contents;
}

function shift(node: unknown, by: number): void {
  if (isPair(node)) {
    shift(node.key, by);
    shift(node.value, by);
    return;
  }
  const { range } = (node ?? {}) as Node;
  if (range) {
    range[0] += by;
    range[1] += by;
    range[2] += by;
  }
  if (isCollection(node)) for (const item of node.items) shift(item, by);
}

/** The first key that a map has twice. The parser's own search takes the square of the time. */
function equalKeys(root: unknown): Node | undefined {
  if (isPair(root)) return equalKeys(root.key) ?? equalKeys(root.value);
  if (!isCollection(root)) return undefined;
  const seen = new Set<unknown>();
  for (const item of root.items) {
    if (isPair(item) && isScalar(item.key)) {
      if (seen.has(item.key.value)) return item.key;
      seen.add(item.key.value);
    }
    const inside = equalKeys(item);
    if (inside) return inside;
  }
  return undefined;
}

function anchorsIn(root: Node | null): Map<string, Node[]> | undefined {
  const found = new Map<string, Node[]>();
  const visit = (node: unknown): void => {
    if (isPair(node)) {
      visit((node as Pair).key);
      visit((node as Pair).value);
    } else if (isScalar(node) || isCollection(node)) {
      if (node.anchor) found.set(node.anchor, [...(found.get(node.anchor) ?? []), node]);
      if (isCollection(node)) for (const item of node.items) visit(item);
    } else if (isAlias(node)) return;
  };
  visit(root);
  return found.size ? found : undefined;
}

/** Nesting by brackets and by `- - -` on one line; indentation can't nest deeply in a file of bearable size. */
function tooDeep(text: string): boolean {
  if (text.length < depthLimit * 2) return false;
  let depth = 0;
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 91 || code === 123) depth++;
    else if ((code === 93 || code === 125) && depth > 0) depth--;
    else if (code === 45 || code === 63) run++;
    else if (code !== 32) run = 0;
    if (depth > depthLimit || run > depthLimit * 4) return true;
  }
  return false;
}
