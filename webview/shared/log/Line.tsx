import { memo, type ReactNode } from 'react';
import { inSnapshot, sourceReferences } from '../../../src/base/tracebacks.ts';
import { ExternalLink } from '../ui/ExternalLink.tsx';
import { ansiSpans, type Span } from './ansi.ts';
import { webLinks } from './webLinks.ts';

/** Part of a line that a search found; `isCurrent` where the search stands. */
export interface Mark {
  start: number;
  end: number;
  isCurrent: boolean;
}

interface Link {
  start: number;
  end: number;
  path: string;
  line: number;
}

/** One line of a log: its colours, its links to the source and into the web, and what a search found in it. */
export const Line = memo(function Line({
  text,
  marks,
  onOpen,
}: {
  text: string;
  marks: readonly Mark[];
  onOpen: ((path: string, line: number) => void) | undefined;
}) {
  const spans = ansiSpans(text);
  const plain = spans.map((span) => span.text).join('');
  const links = onOpen
    ? sourceReferences(plain).flatMap(({ start, end, file, line }): Link[] => {
        const path = inSnapshot(file);
        return path === undefined ? [] : [{ start, end, path, line }];
      })
    : [];
  const web = webLinks(plain);
  // Every place where the look changes cuts the line.
  const cuts = new Set<number>([0, plain.length]);
  let at = 0;
  for (const span of spans) cuts.add((at += span.text.length));
  for (const { start, end } of [...marks, ...links, ...web]) cuts.add(start).add(end);
  const places = [...cuts].sort((a, b) => a - b);

  const pieces: ReactNode[] = [];
  let spanAt = 0;
  let spanStart = 0;
  for (let index = 0; index + 1 < places.length; index++) {
    const [start, end] = [places[index]!, places[index + 1]!];
    while (spanAt < spans.length - 1 && start >= spanStart + spans[spanAt]!.text.length) spanStart += spans[spanAt++]!.text.length;
    const mark = marks.find((each) => start >= each.start && end <= each.end);
    const link = links.find((each) => start >= each.start && end <= each.end);
    const url = web.find((each) => start >= each.start && end <= each.end)?.url;
    const span = spans[spanAt];
    let piece: ReactNode = plain.slice(start, end);
    if (mark) piece = <mark className={mark.isCurrent ? 'current' : ''}>{piece}</mark>;
    if (link && onOpen)
      piece = (
        // biome-ignore lint/a11y/useSemanticElements: a button element would not break across lines with its text
        <span
          role="button"
          tabIndex={0}
          className="link"
          title={`Open ${link.path}, line ${link.line}`}
          onClick={() => onOpen(link.path, link.line)}
          onKeyDown={(event) => event.key === 'Enter' && onOpen(link.path, link.line)}
        >
          {piece}
        </span>
      );
    else if (url !== undefined) piece = <ExternalLink href={url}>{piece}</ExternalLink>;
    pieces.push(
      <span key={start} className={span?.look || undefined} style={styleOf(span)}>
        {piece}
      </span>,
    );
  }
  return <>{pieces}</>;
});

/** A colour of its own is handed over as a variable: the style sheet makes it readable on the ground of the theme. */
const styleOf = (span: Span | undefined): React.CSSProperties | undefined =>
  span?.color || span?.background
    ? ({
        ...(span.color ? (span.look.includes('fg-own') ? { '--own': span.color } : { color: span.color }) : {}),
        ...(span.background ? { background: span.background } : {}),
      } as object)
    : undefined;
