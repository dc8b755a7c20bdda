import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver-types';
import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { SpecDocument } from '../spec/document.ts';
import { textOf } from './occurrences.ts';
import { rangeOf } from './positions.ts';

/** Symbols shown at once: more would only slow the editor down. */
const symbolLimit = 20_000;

/** The file's keys as a tree: steps as functions, inputs and outputs as fields, values beside them. */
export function outline(document: SpecDocument): DocumentSymbol[] {
  let count = 0;
  const root = document.resolve(document.root);
  return isMap(root) ? children(root.items as Pair[], []) : [];

  function children(pairs: Pair[], path: string[]): DocumentSymbol[] {
    return pairs.flatMap((pair) => {
      const key = pair.key as Node | null;
      const name = textOf(key);
      if (!key?.range || name === '' || ++count > symbolLimit) return [];
      const value = pair.value as Node | null;
      const end = Math.max(key.range[1], trimmedEnd(value));
      const inner = path.length < 6 ? nested(value, [...path, name]) : [];
      const detail = isScalar(value) && value.value !== null ? String(value.value).split('\n')[0]!.slice(0, 80) : stepDetail(value, path);
      return [
        {
          name,
          ...(detail ? { detail } : {}),
          kind: kindOf(value, path),
          range: rangeOf(document, key.range[0], end),
          selectionRange: rangeOf(document, key.range[0], key.range[1]),
          ...(inner.length ? { children: inner } : {}),
        },
      ];
    });
  }

  function nested(node: Node | null, path: string[]): DocumentSymbol[] {
    if (isMap(node)) return children(node.items as Pair[], path);
    if (!isSeq(node)) return [];
    return node.items.flatMap((item, index): DocumentSymbol[] => {
      const { range } = (item ?? {}) as Node;
      if (!isMap(item) || !range || ++count > symbolLimit) return [];
      const name = ['name', 'type', 'path'].map((key) => item.get(key)).find((each) => typeof each === 'string') ?? String(index);
      const inner = children(item.items as Pair[], [...path, String(index)]);
      const whole = rangeOf(document, range[0], trimmedEnd(item));
      return [
        {
          name: String(name),
          kind: SymbolKind.Object,
          range: whole,
          selectionRange: { start: whole.start, end: whole.start },
          ...(inner.length ? { children: inner } : {}),
        },
      ];
    });
  }

  /** A step's component, or its type. */
  function stepDetail(node: Node | null, path: string[]): string | undefined {
    if (path.at(-1) !== 'jobs' || !isMap(node)) return undefined;
    const component = node.get('component');
    const type = node.get('type');
    return typeof component === 'string' ? component : typeof type === 'string' ? type : undefined;
  }

  function trimmedEnd(node: Node | null): number {
    let end = node?.range?.[1] ?? 0;
    while (end > 0 && /\s/.test(document.text[end - 1] ?? 'x')) end--;
    return end;
  }
}

function kindOf(value: unknown, path: string[]): SymbolKind {
  const parent = path.at(-1);
  if (parent === 'jobs') return SymbolKind.Function;
  if (parent === 'inputs') return SymbolKind.Variable;
  if (parent === 'outputs') return SymbolKind.Field;
  if (isMap(value)) return SymbolKind.Module;
  if (isSeq(value)) return SymbolKind.Array;
  const scalar = isScalar(value) ? value.value : null;
  if (typeof scalar === 'number') return SymbolKind.Number;
  if (typeof scalar === 'boolean') return SymbolKind.Boolean;
  return scalar === null ? SymbolKind.Null : SymbolKind.String;
}
