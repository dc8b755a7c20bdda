import { type Document, isMap, isPair, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import type { ErrorCode } from '../base/userError.ts';
import type { Diagnostic, Range, Severity } from './diagnostic.ts';

/** Most nodes that aliases may stand for before a file counts as hostile. */
const aliasLimit = 1000;

/** A parsed file that collects what is to be said about it. Parsing never throws. */
export class SpecDocument {
  readonly file: string;
  readonly text: string;
  readonly root: Node | null;
  readonly diagnostics: Diagnostic[] = [];
  private readonly document: Document;
  private readonly lines = new LineCounter();

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.document = parseDocument(text, { lineCounter: this.lines, uniqueKeys: true, logLevel: 'silent' });
    this.root = this.document.contents as Node | null;
    // The parser goes on after an error and stumbles over its own guesses: only the first is sure to be the writer's.
    for (const error of this.document.errors.slice(0, 1)) {
      const message = error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
      this.diagnostics.push({
        file,
        code: 'YamlSyntax',
        severity: 'error',
        message,
        hint: 'Fix the YAML first; the rest is checked then.',
        range: this.range(error.pos),
      });
    }
  }

  get hasSyntaxErrors(): boolean {
    return this.document.errors.length > 0;
  }

  /** The plain value of a node with aliases and merge keys resolved; undefined where aliases stand for too much. */
  toValue(node: Node | null | undefined): unknown {
    try {
      return node?.toJS(this.document, { maxAliasCount: aliasLimit });
    } catch {
      return undefined;
    }
  }

  /** An alias replaced by what it stands for. */
  resolve(node: Node | null | undefined): Node | null {
    return node && 'source' in node && !isScalar(node)
      ? ((node as { resolve(doc: Document): Node | undefined }).resolve(this.document) ?? null)
      : (node ?? null);
  }

  report(at: Node | Pair | null | undefined, code: ErrorCode, message: string, hint?: string, severity: Severity = 'error'): void {
    const node = isPair(at) ? (at.key as Node) : at;
    const [start, end] = node?.range ?? [0, 0];
    this.diagnostics.push({ file: this.file, code, severity, message, ...(hint ? { hint } : {}), range: this.range([start, end]) });
  }

  /** The node at a path of keys; null when there is none. */
  at(path: (string | number)[]): Node | null {
    let node = this.resolve(this.root);
    for (const key of path) {
      if (isMap(node)) node = this.resolve(node.get(key, true) as Node | undefined);
      else if (isSeq(node)) node = this.resolve(node.get(Number(key), true) as Node | undefined);
      else return null;
    }
    return node;
  }

  /** The pair of `key` in the map at `path`, whose key node is what a message about the key points to. */
  pair(path: (string | number)[], key: string): Pair | undefined {
    const map = this.at(path);
    return isMap(map) ? (map as YAMLMap).items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
  }

  private range([start, end]: [number, number] | readonly [number, number]): Range {
    const position = (offset: number) => {
      const { line, col } = this.lines.linePos(Math.min(offset, this.text.length));
      return { line: Math.max(1, line), column: Math.max(1, col) };
    };
    return { start: position(start), end: position(Math.max(start, end)) };
  }
}
