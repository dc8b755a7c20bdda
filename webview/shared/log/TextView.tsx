import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { plural } from '../../../src/base/text.ts';
import { usePageState } from '../host/pageState.ts';
import { TextField } from '../ui/fields.tsx';
import { ToolButton } from '../ui/ToolButton.tsx';
import { plainText } from './ansi.ts';
import { Line, type Mark } from './Line.tsx';

interface TextViewProps {
  /** What is shown, for screen readers. */
  label: string;
  lines: readonly string[];
  /** The number of the first of them; 1 when absent. */
  firstLine?: number;
  /** Stays at the end while the text grows, until one scrolls up. */
  follows?: boolean;
  /** The line (from 1) to begin at. */
  startLine?: number | undefined;
  /** Opens what a traceback names; without it there are no links. */
  onOpenSource?: ((path: string, line: number) => void) | undefined;
  /** What stands first in the bar above the text, and last. */
  before?: React.ReactNode;
  actions?: React.ReactNode;
  /** Shown in place of the lines. */
  instead?: React.ReactNode;
}

const noMarks: readonly Mark[] = [];
/** A search stops counting here: more is of no use to anyone. */
const mostMatches = 10_000;

/** A long text: only the lines in view are in the document. With search, wrapping, and following. */
export function TextView({
  label,
  lines,
  firstLine = 1,
  follows = false,
  startLine,
  onOpenSource,
  before,
  actions,
  instead,
}: TextViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [wraps, setWraps] = usePageState('wrap', true);
  const [search, setSearch] = useState('');
  const [current, setCurrent] = useState(0);
  const [isAtEnd, setAtEnd] = useState(follows && startLine === undefined);

  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 18,
    overscan: 20,
  });
  const matches = useMemo(() => find(lines, search), [lines, search]);
  const at = matches.length ? Math.min(current, matches.length - 1) : -1;
  const marks = useMemo(() => {
    const byLine = new Map<number, Mark[]>();
    matches.forEach((match, index) => {
      const mark = { start: match.start, end: match.start + search.length, isCurrent: index === at };
      byLine.set(match.line, [...(byLine.get(match.line) ?? []), mark]);
    });
    return byLine;
  }, [matches, at, search]);

  const height = virtualizer.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line, and each that is measured, moves the end
  useLayoutEffect(() => {
    if (isAtEnd && lines.length) virtualizer.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [lines.length, isAtEnd, height, virtualizer]);
  useEffect(() => {
    if (startLine !== undefined) virtualizer.scrollToIndex(startLine - 1, { align: 'center' });
  }, [startLine, virtualizer]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place, not another text, is scrolled to
  useEffect(() => {
    if (at >= 0) virtualizer.scrollToIndex(matches[at]!.line, { align: 'center' });
  }, [at, search]);

  function go(step: number) {
    if (matches.length) setCurrent((at + step + matches.length) % matches.length);
    setAtEnd(false);
  }
  function onKey(event: KeyboardEvent) {
    if (event.key === 'Enter') {
      event.preventDefault();
      go(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape') setSearch('');
  }
  // Lines that are measured move the end too, so only what a person does ends the following.
  const isDragging = useRef(false);
  function onScroll() {
    const element = scroller.current!;
    const isEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    if (follows && isEnd) setAtEnd(true);
    else if (isDragging.current) setAtEnd(false);
  }

  const digits = String(lines.length + firstLine - 1).length;
  return (
    <div className="text-view">
      <div className="bar" role="toolbar" aria-label={label}>
        {before}
        <TextField
          label="Search"
          value={search}
          onChange={(value) => {
            setSearch(value);
            setCurrent(0);
            setAtEnd(false);
          }}
          onKeyDown={onKey}
        />
        {search !== '' && (
          <>
            <span className="matches" role="status">
              {matches.length === 0 ? 'No match' : `${at + 1} of ${matches.length}${matches.length === mostMatches ? '+' : ''}`}
            </span>
            <ToolButton icon="arrow-up" label="Previous match (Shift+Enter)" disabled={matches.length === 0} onClick={() => go(-1)} />
            <ToolButton icon="arrow-down" label="Next match (Enter)" disabled={matches.length === 0} onClick={() => go(1)} />
          </>
        )}
        <span className="bar-rest" />
        <ToolButton icon="word-wrap" label="Wrap long lines" pressed={wraps} onClick={() => setWraps(!wraps)} />
        {follows && <ToolButton icon="arrow-circle-down" label="Follow the end" pressed={isAtEnd} onClick={() => setAtEnd(!isAtEnd)} />}
        {actions}
      </div>
      {instead ?? (
        <div
          className={`text-lines${wraps ? ' wraps' : ''}`}
          ref={scroller}
          onScroll={onScroll}
          onWheel={(event) => event.deltaY < 0 && setAtEnd(false)}
          onKeyDown={(event) => ['ArrowUp', 'PageUp', 'Home'].includes(event.key) && setAtEnd(false)}
          onPointerDown={() => {
            isDragging.current = true;
            window.addEventListener('pointerup', () => (isDragging.current = false), { once: true });
          }}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by the keyboard
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label={`${label}, ${plural(lines.length, 'line')}`}
        >
          <div className="text-height" style={{ height }}>
            <div className="text-window" style={{ transform: `translateY(${virtualizer.getVirtualItems()[0]?.start ?? 0}px)` }}>
              {virtualizer.getVirtualItems().map((item) => (
                <div
                  key={item.key}
                  className={`text-line${item.index + 1 === startLine ? ' start' : ''}`}
                  data-index={item.index}
                  ref={virtualizer.measureElement}
                >
                  <span className="line-number" style={{ width: `${digits}ch` }} aria-hidden="true">
                    {item.index + firstLine}
                  </span>
                  <span className="line-text">
                    <Line text={lines[item.index]!} marks={marks.get(item.index) ?? noMarks} onOpen={onOpenSource} />
                  </span>
                </div>
              ))}
            </div>
          </div>
        </div>
      )}
    </div>
  );
}

function find(lines: readonly string[], search: string): { line: number; start: number }[] {
  const wanted = search.toLowerCase();
  if (wanted === '') return [];
  const found: { line: number; start: number }[] = [];
  for (let line = 0; line < lines.length; line++) {
    const text = plainText(lines[line]!).toLowerCase();
    for (let start = text.indexOf(wanted); start >= 0; start = text.indexOf(wanted, start + wanted.length)) {
      found.push({ line, start });
      if (found.length === mostMatches) return found;
    }
  }
  return found;
}
