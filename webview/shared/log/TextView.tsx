import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { plural } from '../../../src/base/text.ts';
import { usePageState } from '../host/pageState.ts';
import { ToolButton } from '../ui/ToolButton.tsx';
import { plainText } from './ansi.ts';
import { Line, type Mark } from './Line.tsx';
import { levelOf } from './level.ts';
import { SearchBar } from './SearchBar.tsx';
import { type LogQuery, noQuery, searchLines } from './searchLines.ts';

interface TextViewProps {
  /** What is shown, for screen readers. */
  label: string;
  lines: readonly string[];
  /** The number of the first of them; 1 when absent. */
  firstLine?: number;
  /** Under what name the search is kept through a reload; absent: it begins anew. */
  searchKey?: string;
  /** Errors and warnings have a colour. */
  hasLevels?: boolean;
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

/** A long text: only the lines in view are in the document. With search, wrapping, and following. */
export function TextView({
  label,
  lines,
  firstLine = 1,
  searchKey,
  hasLevels = false,
  follows = false,
  startLine,
  onOpenSource,
  before,
  actions,
  instead,
}: TextViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [wraps, setWraps] = usePageState('wrap', true);
  const [query, setQuery] = useQuery(searchKey);
  const [current, setCurrent] = useState(0);
  const [isAtEnd, setAtEnd] = useState(follows && startLine === undefined && query.text === '');

  const { matches, only } = useMemo(() => searchLines(lines, query), [lines, query]);
  /** The index of a row of the screen in the text. */
  const lineAt = (row: number): number => (only ? only[row]! : row);
  const count = only ? only.length : lines.length;
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => 18,
    overscan: 20,
    // A line keeps its height where others around it come and go.
    getItemKey: lineAt,
  });
  const at = matches.length ? Math.min(current, matches.length - 1) : -1;
  const marks = useMemo(() => {
    const byLine = new Map<number, Mark[]>();
    matches.forEach(({ line, start, end }, index) => {
      const mark = { start, end, isCurrent: index === at };
      const others = byLine.get(line);
      if (others) others.push(mark);
      else byLine.set(line, [mark]);
    });
    return byLine;
  }, [matches, at]);

  const height = virtualizer.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line, and each that is measured, moves the end
  useLayoutEffect(() => {
    if (isAtEnd && count) virtualizer.scrollToIndex(count - 1, { align: 'end' });
  }, [count, isAtEnd, height, virtualizer]);
  useEffect(() => {
    if (startLine !== undefined) virtualizer.scrollToIndex(startLine - 1, { align: 'center' });
  }, [startLine, virtualizer]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place, not another text, is scrolled to
  useEffect(() => {
    if (at < 0 || isAtEnd) return;
    const { line } = matches[at]!;
    virtualizer.scrollToIndex(only ? only.indexOf(line) : line, { align: 'center' });
  }, [at, query]);

  function search(next: LogQuery) {
    setQuery(next);
    setCurrent(0);
    setAtEnd(false);
  }
  function go(step: number) {
    if (matches.length) setCurrent((at + step + matches.length) % matches.length);
    setAtEnd(false);
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
        <SearchBar query={query} matches={matches.length} at={at} onChange={search} onGo={go} />
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
          aria-label={`${label}, ${only ? `${count} of ` : ''}${plural(lines.length, 'line')}`}
        >
          <div className="text-height" style={{ height }}>
            <div className="text-window" style={{ transform: `translateY(${virtualizer.getVirtualItems()[0]?.start ?? 0}px)` }}>
              {virtualizer.getVirtualItems().map((item) => {
                const line = lineAt(item.index);
                const level = hasLevels ? levelOf(plainText(lines[line]!)) : undefined;
                return (
                  <div
                    key={item.key}
                    className={`text-line${line + 1 === startLine ? ' start' : ''}`}
                    data-index={item.index}
                    ref={virtualizer.measureElement}
                  >
                    <span className="line-number" style={{ width: `${digits}ch` }} aria-hidden="true">
                      {line + firstLine}
                    </span>
                    <span className={`line-text${level ? ` tone-log-${level}` : ''}`}>
                      <Line text={lines[line]!} marks={marks.get(line) ?? noMarks} onOpen={onOpenSource} />
                    </span>
                  </div>
                );
              })}
            </div>
          </div>
        </div>
      )}
    </div>
  );
}

/** The search, kept with the page where it has a name. */
function useQuery(name: string | undefined): [LogQuery, (query: LogQuery) => void] {
  const own = useState(noQuery);
  const kept = usePageState(name ?? 'search', noQuery);
  return name === undefined ? own : kept;
}
