import type { Span } from './spans.ts';

/** A span in the tree. Siblings stand in the order of their start. */
export interface SpanNode {
  span: Span;
  /** 1 for those at the top. */
  level: number;
  /** Place among its siblings from 1 on, and how many there are. */
  place: number;
  siblings: number;
  parent: SpanNode | undefined;
  children: SpanNode[];
}

export interface SpanTree {
  roots: readonly SpanNode[];
  /** Of the first start and the last end, in milliseconds since 1970. */
  from: number;
  to: number;
}

/** The tree of a trace. A span whose parent is not there stands at the top, and so does one of a circle of parents: none is lost. */
export function spanTree(spans: readonly Span[]): SpanTree {
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  const ids = new Set(sorted.map(({ id }) => id));
  const byParent = Map.groupBy(sorted, ({ parent, id }) => (parent !== undefined && parent !== id && ids.has(parent) ? parent : ''));
  const done = new Set<Span>();
  const roots: SpanNode[] = [];
  // Spans may be nested as deep as there are spans: no function calls itself here.
  const grow = (tops: readonly Span[]) => {
    const open = [{ spans: tops, parent: undefined as SpanNode | undefined }];
    for (let next = open.pop(); next; next = open.pop()) {
      const { parent } = next;
      const own = next.spans.filter((span) => !done.has(span));
      const into = parent ? parent.children : roots;
      for (const span of own) {
        done.add(span);
        const node: SpanNode = { span, level: (parent?.level ?? 0) + 1, place: 0, siblings: 0, parent, children: [] };
        into.push(node);
        const children = byParent.get(span.id);
        if (children) open.push({ spans: children, parent: node });
      }
      for (const [at, node] of into.entries()) Object.assign(node, { place: at + 1, siblings: into.length });
    }
  };
  grow(byParent.get('') ?? []);
  for (const span of sorted) if (!done.has(span)) grow([span]);

  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { start, end } of sorted) {
    from = Math.min(from, start);
    to = Math.max(to, end ?? start);
  }
  return { roots, from, to };
}

/** The rows of a tree: all whose parents are open. */
export function shownRows({ roots }: SpanTree, closed: ReadonlySet<string>): SpanNode[] {
  const rows: SpanNode[] = [];
  const open = roots.toReversed();
  for (let node = open.pop(); node; node = open.pop()) {
    rows.push(node);
    if (!closed.has(node.span.id)) for (let at = node.children.length - 1; at >= 0; at--) open.push(node.children[at]!);
  }
  return rows;
}
