import { type Document, isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node, type Pair, parseDocument } from 'yaml';
import { parseCommon } from './commonYaml.ts';
import { parseOlder } from './parseOlder.ts';
import { scalarOf } from './scalar.ts';

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
  /** Keys that their map has once more further up; offsets in the block's text. Azure's client takes the last one, so only that is in `contents`. */
  repeated: { key: string; start: number; end: number }[];
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
    repeated: [],
    base: 0,
  });
  if (text.length > sizeLimit) return refused('This part of the file is too large to be checked');
  if (tooDeep(text)) return refused('This part of the file is nested too deeply');
  try {
    const common = parseCommon(text);
    if (common !== undefined) return { contents: common, problems: [], repeated: [], base: 0 };
    if (text.length > generalLimit) return refused('This part of the file is too large to be checked');
    // A carriage return alone, of which nobody makes line breaks any more, would cost the parser minutes.
    const readable = text.replace(/\r(?!\n)/g, '\n');
    let document: Document = parseDocument(readable, { uniqueKeys: false, logLevel: 'silent', keepSourceTokens: false });
    if (document.errors.some(({ message }) => /^Missing closing/.test(message))) document = parseOlder(readable) ?? document;
    const contents = document.contents as Node | null;
    readAsClient(contents);
    const repeated = lastOfEqualKeys(contents);
    // The parser goes on after an error and stumbles over its own guesses: only the first is sure to be the writer's.
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
    return { contents, problems, repeated, base: 0, ...(anchors ? { anchors } : {}) };
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

/** Keys that stand in a map more than once of which is told: a file with more of them is something else. */
const repeatedLimit = 100;

/** Leaves of equal keys of a map the last, as Azure's client does. Answers the keys that were there before. */
export function lastOfEqualKeys(root: unknown): ParsedBlock['repeated'] {
  const repeated: ParsedBlock['repeated'] = [];
  const visit = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) visit(item);
    if (!isMap(node)) return;
    const last = new Map<string, Pair>();
    for (const pair of node.items) {
      visit(pair.value);
      const name = isScalar(pair.key) ? String(pair.key.value) : '<<';
      if (name === '<<') continue;
      const [start, end] = (pair.key as Node).range ?? [0, 0];
      if (last.has(name) && repeated.length < repeatedLimit) repeated.push({ key: name, start, end });
      last.set(name, pair);
    }
    if (repeated.length > 0)
      node.items = node.items.filter((pair) => (isScalar(pair.key) ? (last.get(String(pair.key.value)) ?? pair) : pair) === pair);
  };
  visit(root);
  return repeated;
}

/** Gives unquoted scalars the value that Azure's client reads; a key is what is written. */
export function readAsClient(node: unknown, isKey = false): void {
  if (isScalar(node)) {
    if (node.type === 'PLAIN' && !node.tag && node.source !== undefined) node.value = isKey ? node.source : scalarOf(node.source);
  } else if (isPair(node)) {
    readAsClient(node.key, true);
    readAsClient(node.value);
  } else if (isCollection(node)) for (const item of node.items) readAsClient(item);
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
