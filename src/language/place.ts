import { isMap, isPair, isSeq, type Node, type Pair } from 'yaml';
import type { SpecDocument } from '../spec/document.ts';
import { textOf } from './occurrences.ts';

/** What stands at an offset of a well-formed part of a document. */
export interface Place {
  /** Path of the node; for a key, of its value. */
  path: (string | number)[];
  part: 'key' | 'value';
  node: Node;
  /** From the outermost to `node`: what a selection grows over. */
  around: (Node | Pair)[];
}

/** The deepest key or value at an offset; undefined between them. */
export function placeAt(document: SpecDocument, offset: number): Place | undefined {
  const block = document.blockAt(offset);
  if (!block || block.kind === 'head') return undefined;
  const path: (string | number)[] = [];
  const around: (Node | Pair)[] = [];
  let node: unknown;
  if (block.kind === 'whole') node = document.root;
  else {
    if (block.key === undefined) return undefined;
    if (block.kind === 'step') path.push('jobs');
    node = document.pair(path, block.key) ?? (block.kind === 'container' ? document.pair([], block.key) : undefined);
  }
  for (;;) {
    if (isPair(node)) {
      const key = node.key as Node | null;
      const value = node.value as Node | null;
      around.push(node);
      path.push(textOf(key));
      if (key?.range && key.range[0] <= offset && offset <= key.range[1]) return { path, part: 'key', node: key, around: [...around, key] };
      node = value;
    } else if (isMap(node)) {
      around.push(node);
      const pair = (node.items as Pair[]).findLast(({ key }) => ((key as Node | null)?.range?.[0] ?? Number.POSITIVE_INFINITY) <= offset);
      if (!pair) return undefined;
      node = pair;
    } else if (isSeq(node)) {
      around.push(node);
      const index = node.items.findLastIndex((item) => startOf(item) <= offset);
      if (index < 0) return undefined;
      path.push(index);
      node = node.items[index];
    } else {
      const found = node as Node | null | undefined;
      if (!found?.range || offset < found.range[0] || offset > found.range[1]) return undefined;
      return { path, part: 'value', node: found, around: [...around, found] };
    }
  }
}

const startOf = (node: unknown): number =>
  (isPair(node) ? (node.key as Node) : (node as Node | null))?.range?.[0] ?? Number.POSITIVE_INFINITY;
