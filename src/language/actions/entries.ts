import { isMap, type Node, type Pair, type YAMLMap } from 'yaml';
import type { SpecDocument } from '../../spec/document.ts';
import { textOf } from '../occurrences.ts';

/** An entry of a block map with the whole lines that it takes. */
export interface Entry {
  key: string;
  pair: Pair;
  /** Offsets of its first line's start and behind its last line. */
  start: number;
  end: number;
  text: string;
  column: number;
}

/** The entries of a block map, each with its lines; undefined for a map in brackets. Comments go with the entry that follows them. */
export function entriesOf(document: SpecDocument, map: YAMLMap): Entry[] | undefined {
  if (map.flow) return undefined;
  const starts = map.items.map(({ key }) => (key as Node | null)?.range?.[0] ?? -1);
  if (starts.some((start) => start < 0)) return undefined;
  const lines = starts.map((start) => document.lineAt(start));
  const column = starts[0]! - document.lineStart(lines[0]!);
  const firstOf = (line: number, floor: number) => {
    let first = line;
    while (first - 1 > floor && /^\s*#/.test(document.text.slice(document.lineStart(first - 1), document.lineEnd(first - 1)))) first--;
    return first;
  };
  return map.items.map((pair, index) => {
    const first = index === 0 ? lines[0]! : firstOf(lines[index]!, lines[index - 1]!);
    const start = index === 0 ? starts[0]! - column : document.lineStart(first);
    const next = lines[index + 1];
    const end = next === undefined ? lastLineEnd(document, lines[index]!, column) : document.lineStart(firstOf(next, lines[index]!));
    return { key: textOf(pair.key), pair: pair as Pair, start, end, text: document.text.slice(start, end), column };
  });
}

/** Offset behind the lines that belong to the entry whose key stands on `line` at `column`. */
function lastLineEnd(document: SpecDocument, line: number, column: number): number {
  let last = line;
  for (let at = line + 1; at < document.lineCount; at++) {
    const text = document.text.slice(document.lineStart(at), document.lineEnd(at));
    const indent = text.search(/\S/);
    if (indent < 0) continue;
    // Items of a list may stand at the column of its key.
    if (indent < column || (indent === column && !/^-(?:\s|$)/.test(text.slice(indent)))) break;
    last = at;
  }
  return last + 1 < document.lineCount ? document.lineStart(last + 1) : document.text.length;
}

/** The entries of the map at a path. */
export function entriesAt(document: SpecDocument, path: readonly (string | number)[]): Entry[] | undefined {
  const map = document.at(path);
  return isMap(map) ? entriesOf(document, map) : undefined;
}

/** Lines moved so that what stood at `from` stands at `to`, with a line break at the end. */
export function reindent(text: string, from: number, to: number): string {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return `${lines.map((line) => (line.trim() === '' ? '' : ' '.repeat(to) + line.slice(Math.min(from, line.search(/\S/))))).join('\n')}\n`;
}
