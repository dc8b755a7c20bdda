import type { ParsedBlock } from './parseBlock.ts';

/**
 * A piece of a file that is parsed by itself: a top-level entry, or a step below `jobs:`. A change inside one leaves the others as they are.
 * `whole` stands for a file that can't be cut (JSON, several documents), `head` for what comes before the first key.
 */
export interface Block {
  kind: 'head' | 'entry' | 'container' | 'step' | 'whole';
  /** Offset of its first character in the file, and its line from 0. */
  start: number;
  line: number;
  text: string;
  /** Whether it has neither anchors nor aliases; set when first asked for. */
  standsAlone?: boolean;
  /** Its key as text; undefined for `head` and `whole`, and for a line that is no key yet. */
  key: string | undefined;
  parsed?: ParsedBlock;
  /** What was worked out from this block alone, by name; gone when the block changes. */
  kept?: Map<string, unknown>;
}

/** Keys whose children are blocks of their own. */
const containers = new Set(['jobs']);

const keyLine = /^(?:"([^"\\\n]*)"|'([^'\n]*)'|([^\s#&*!|>%@`"'{}[\],?:-][^\n#]*?|[-:?][^\s#][^\n#]*?|<<))[ \t]*:(?=[ \t\r]|$)/;

/** The key that a line (without its indentation) declares; undefined when it declares none. */
export function keyInLine(line: string): string | undefined {
  const match = keyLine.exec(line);
  return match ? (match[1] ?? match[2] ?? match[3]) : undefined;
}

interface Scan {
  /** Where the next block begins: inside of a container, at what indentation its children stand (0: not known yet). */
  inside: boolean;
  indent: number;
}

/**
 * Cuts `text` from the line start `from` on. `stop` is asked at each beginning of a block and ends the scan there.
 * Answers undefined when the file can't be cut into blocks.
 */
export function cut(
  text: string,
  from: number,
  line: number,
  state: Scan,
  stop: (start: number, state: Scan) => boolean,
): { blocks: Block[]; end: number } | undefined {
  const blocks: Block[] = [];
  let current: Omit<Block, 'text'> | undefined = from === 0 ? { kind: 'head', start: 0, line: 0, key: undefined } : undefined;
  let at = from;
  const close = (end: number) => {
    if (current && (end > current.start || current.kind !== 'head')) blocks.push({ ...current, text: text.slice(current.start, end) });
    current = undefined;
  };
  while (at < text.length) {
    let next = text.indexOf('\n', at);
    next = next < 0 ? text.length : next + 1;
    let content = at;
    while (text.charCodeAt(content) === 32) content++;
    const indent = content - at;
    const first = text[content];
    const blank = content >= next || first === '\n' || first === '\r' || first === '#';
    if (!blank) {
      const isRoot = indent === 0;
      if (isRoot) {
        const marker = first === '%' || text.startsWith('---', at) || text.startsWith('...', at);
        if (marker) {
          // A marker with content, or a second document: parsed as one piece.
          if (current?.kind !== 'head' || first !== '-' || !/^---[ \t]*(?:#.*)?\r?\n?$/.test(text.slice(at, next))) return undefined;
        } else if (startsBlock(text, content)) {
          const key = keyInLine(text.slice(at, Math.min(next, at + 300)).trimEnd());
          if (current?.kind === 'head' && key === undefined) return undefined;
          const container = key !== undefined && containers.has(key) && /^[^:]*:[ \t]*(?:#.*)?$/.test(text.slice(at, next).trimEnd());
          close(at);
          state = { inside: container, indent: 0 };
          if (stop(at, state)) return { blocks, end: at };
          current = { kind: container ? 'container' : 'entry', start: at, line, key };
        } else if (current?.kind === 'head') return undefined;
        else if (state.inside) state = { inside: false, indent: 0 };
      } else if (current?.kind === 'head') return undefined;
      else if (state.inside && (state.indent === 0 || state.indent === indent)) {
        if (startsBlock(text, content)) {
          state = { inside: true, indent };
          close(at);
          if (stop(at, state)) return { blocks, end: at };
          current = { kind: 'step', start: at, line, key: keyInLine(text.slice(content, Math.min(next, content + 300)).trimEnd()) };
        } else if (state.indent === 0) state = { inside: false, indent: 0 };
      }
    }
    at = next;
    line++;
  }
  close(text.length);
  return { blocks, end: text.length };
}

/** Whether a line's first character can begin an entry, half-typed ones included; the others go on with what came before. */
function startsBlock(text: string, at: number): boolean {
  const first = text[at]!;
  if (first === '-' || first === '?' || first === ':') return !/[\s]/.test(text[at + 1] ?? ' ');
  return !'}]{[&*!|>%@`,#'.includes(first);
}
