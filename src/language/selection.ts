import type { SelectionRange } from 'vscode-languageserver-types';
import { isPair, type Node, type Pair } from 'yaml';
import type { SpecDocument } from '../spec/document.ts';
import { placeAt } from './place.ts';
import { rangeOf } from './positions.ts';

/** What the selection grows over from an offset: the segment of an expression, the expression, the value, the entry, its map, and so on. */
export function selection(document: SpecDocument, offset: number): SelectionRange {
  const spans: [number, number][] = [[0, document.text.length]];
  const add = (start: number, end: number) => {
    const [from, to] = spans.at(-1)!;
    if (start >= from && end <= to && (start !== from || end !== to) && start <= offset && offset <= end) spans.push([start, end]);
  };
  const place = placeAt(document, offset);
  for (const each of place?.around ?? []) {
    const [start, end] = spanOf(each);
    let last = Math.min(end, document.text.length);
    while (last > start && /\s/.test(document.text[last - 1]!)) last--;
    add(start, last);
  }
  const line = document.lineAt(offset);
  const from = document.lineStart(line);
  const text = document.text.slice(from, Math.min(document.lineEnd(line), from + 20_000));
  for (const pattern of [/\$\[\[.*?\]\]/g, /\$\{\{.*?\}\}/g, /[^\s"'{}[\],]+/g, /[\w-]+/g])
    for (const match of text.matchAll(pattern)) add(from + match.index, from + match.index + match[0].length);
  let range: SelectionRange | undefined;
  for (const [start, end] of spans)
    range = range ? { range: rangeOf(document, start, end), parent: range } : { range: rangeOf(document, start, end) };
  return range!;
}

function spanOf(node: Node | Pair): [number, number] {
  if (!isPair(node)) return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
  const key = (node.key as Node | null)?.range ?? [0, 0];
  const value = (node.value as Node | null)?.range;
  return [key[0], Math.max(key[1], value?.[1] ?? 0)];
}
