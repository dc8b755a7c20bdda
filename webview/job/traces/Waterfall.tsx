// biome-ignore-all lint/a11y: of a tree of ten thousand spans only a part is in the document; it has the focus and the keys itself, and says which item is active
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef } from 'react';
import { formatDuration } from '../../../src/base/text.ts';
import { Icon } from '../../shared/ui/Icon.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { type SpanNode, type SpanTree, shownRows } from './spanTree.ts';
import { iconOfSpan, lookOfSpan, spanDuration, typeText } from './traceLook.ts';

interface WaterfallProps {
  tree: SpanTree;
  selected: string;
  /** Spans whose children are not shown. */
  closed: ReadonlySet<string>;
  onSelect(id: string): void;
  onClose(closed: ReadonlySet<string>): void;
}

const rowHeight = 26;
/** Deeper spans are not moved further to the right: their names need the room. */
const deepest = 10;

/** Spans as a tree with a bar each over the time of the trace, by the ARIA pattern of a tree: one stop of the Tab key, arrows within. */
export function Waterfall({ tree, selected, closed, onSelect, onClose }: WaterfallProps) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => shownRows(tree, closed), [tree, closed]);
  const active = Math.max(
    0,
    rows.findIndex(({ span }) => span.id === selected),
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    initialRect: { width: innerWidth, height: innerHeight },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice is brought into view, a scrolled list stays where it is
  useEffect(() => virtual.scrollToIndex(active), [selected]);

  function toggle(node: SpanNode) {
    const next = new Set(closed);
    if (!next.delete(node.span.id)) next.add(node.span.id);
    onClose(next);
    // A chosen span that is hidden would leave the keyboard nowhere.
    if (next.has(node.span.id)) onSelect(node.span.id);
  }
  function press(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const node = rows[active];
    if (!node) return;
    const hasOpen = node.children.length > 0 && !closed.has(node.span.id);
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const to: Record<string, () => number | undefined> = {
      ArrowDown: () => active + 1,
      ArrowUp: () => active - 1,
      Home: () => 0,
      End: () => rows.length - 1,
      PageDown: () => active + page,
      PageUp: () => active - page,
      ArrowRight: () => {
        if (hasOpen) return active + 1;
        if (node.children.length > 0) toggle(node);
        return undefined;
      },
      ArrowLeft: () => {
        if (!hasOpen) return node.parent && rows.indexOf(node.parent);
        toggle(node);
        return undefined;
      },
    };
    const place = to[event.key];
    if (!place) return;
    event.preventDefault();
    const next = place();
    if (next !== undefined) onSelect(rows[Math.min(rows.length - 1, Math.max(0, next))]!.span.id);
  }

  const items = virtual.getVirtualItems();
  const isDrawn = items.some(({ index }) => index === active);
  return (
    <div
      className="waterfall"
      ref={scroller}
      role="tree"
      aria-label="Spans of the trace"
      tabIndex={0}
      {...(isDrawn ? { 'aria-activedescendant': `${id}-${active}` } : {})}
      onKeyDown={press}
    >
      <div className="waterfall-height" role="none" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const node = rows[index]!;
          return (
            <div
              key={index}
              id={`${id}-${index}`}
              role="treeitem"
              aria-level={node.level}
              aria-posinset={node.place}
              aria-setsize={node.siblings}
              aria-selected={index === active}
              aria-label={labelOf(node)}
              {...(node.children.length > 0 ? { 'aria-expanded': !closed.has(node.span.id) } : {})}
              className={`span-row${index === active ? ' selected' : ''}`}
              style={{ transform: `translateY(${start}px)`, height: rowHeight }}
              onClick={() => onSelect(node.span.id)}
            >
              <SpanRow node={node} tree={tree} isClosed={closed.has(node.span.id)} onToggle={() => toggle(node)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function SpanRow({ node, tree, isClosed, onToggle }: { node: SpanNode; tree: SpanTree; isClosed: boolean; onToggle(): void }) {
  const { span, level, children } = node;
  const name = plainText(span.name, 200);
  const whole = Math.max(tree.to - tree.from, 1e-6);
  const left = (100 * (span.start - tree.from)) / whole;
  const width = Math.min(100 - left, (100 * ((span.end ?? tree.to) - span.start)) / whole);
  const look = lookOfSpan(span);
  const isFailed = span.status === 'ERROR';
  return (
    <>
      <span className="span-name" style={{ paddingLeft: Math.min(level - 1, deepest) * 12 }} title={typeText(span.type) || undefined}>
        <span
          className="span-twist"
          onClick={(event) => {
            if (children.length === 0) return;
            event.stopPropagation();
            onToggle();
          }}
        >
          {children.length > 0 && <Icon name={isClosed ? 'chevron-right' : 'chevron-down'} />}
        </span>
        <Icon name={iconOfSpan(span.type)} className="span-icon" />
        <span className="span-text" title={name}>
          {name}
        </span>
        {(isFailed || span.end === undefined) && <Icon name={look.icon} spin={look.spin === true} className={`tone-${look.tone}`} />}
      </span>
      <span className="span-track">
        <span className={`span-bar${isFailed ? ' is-failed' : ''}`} style={{ left: `${left}%`, width: `${Math.max(0, width)}%` }} />
      </span>
      <span className="span-time number">{timeOf(node)}</span>
    </>
  );
}

const timeOf = ({ span }: SpanNode): string =>
  span.end === undefined ? '…' : spanDuration(Math.max(0, span.end - span.start), formatDuration);

const labelOf = (node: SpanNode): string =>
  [plainText(node.span.name, 200), typeText(node.span.type), timeOf(node), lookOfSpan(node.span).label].filter(Boolean).join(', ');
