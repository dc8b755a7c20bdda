import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { codes } from './codes.ts';
import type { SpecDocument } from './document.ts';

/** Expressions of one file of which is told that they are not closed. */
const limit = 100;
/** The beginning of what may not be an expression: one has no quote, that may end the value, nor anything else that is no part of a name. */
const doubtful = /\$\{\{(?! *[\w.-]* *\}\})/g;

/** Finds expressions that stay open or stand inside of another, in whatever value they stand. */
export function checkExpressions(document: SpecDocument): void {
  const told = new Set<Node>();
  for (const { index: at } of document.text.matchAll(doubtful)) {
    if (told.size >= limit) return;
    // A comment may say what it likes.
    const node = scalarAt(document, document.root, at);
    if (!node || told.has(node)) continue;
    told.add(node);
    const found = brokenIn(String((node as { value?: unknown }).value));
    if (!found) continue;
    const begin = found.text.split('\n')[0]!;
    if (found.nested)
      document.report(
        node,
        'InvalidExpression',
        `The expression that begins with "${begin}" stands inside of another.`,
        'An expression is a name alone: ${{inputs.NAME}}.',
        codes.InvalidExpression.severity,
      );
    else
      document.report(
        node,
        'InvalidExpression',
        `The expression that begins with "${begin}" is not closed.`,
        'Close it with "}}".',
        codes.InvalidExpression.severity,
      );
  }
}

/** The first expression of a text that is not closed, or begins before the one around it has ended. */
function brokenIn(text: string): { text: string; nested: boolean } | undefined {
  for (let at = text.indexOf('${{'); at >= 0; ) {
    const end = text.indexOf('}}', at);
    const next = text.indexOf('${{', at + 3);
    if (end < 0) return { text: text.slice(at, at + 40), nested: false };
    if (next >= 0 && next < end) {
      // Two ends for two beginnings: one stands inside of the other.
      const after = text.indexOf('${{', next + 3);
      const isNested = text.indexOf('}}', end + 2) >= 0 && (after < 0 || text.indexOf('}}', end + 2) < after);
      return { text: text.slice(at, at + 40), nested: isNested };
    }
    at = next;
  }
  return undefined;
}

/** The scalar value at an offset; undefined where none is, as in a comment. */
function scalarAt(document: SpecDocument, node: Node | null, offset: number): Node | undefined {
  if (!node?.range || offset < node.range[0] || offset >= node.range[2]) return undefined;
  if (isScalar(node)) return offset < node.range[1] ? node : undefined;
  const children: (Node | null)[] = isMap(node)
    ? node.items.flatMap(({ key, value }) => [key as Node, value as Node | null])
    : isSeq(node)
      ? (node.items as Node[])
      : [];
  for (const child of children) {
    const found = scalarAt(document, child, offset);
    if (found) return found;
  }
  return undefined;
}
