import { type KeyboardEvent, useEffect, useRef } from 'react';
import { TextField } from '../ui/fields.tsx';
import { ToolButton } from '../ui/ToolButton.tsx';
import { type LogQuery, mostMatches, patternOf } from './searchLines.ts';

interface SearchBarProps {
  query: LogQuery;
  matches: number;
  /** Of the match where the search stands; -1 for none. */
  at: number;
  onChange(query: LogQuery): void;
  /** To the next match, or the previous one. */
  onGo(step: 1 | -1): void;
}

/** The search of a text, with the keys that an editor has: Ctrl+F, F3, Enter, Escape, Alt+C, Alt+R, Alt+L. */
export function SearchBar({ query, matches, at, onChange, onGo }: SearchBarProps) {
  const bar = useRef<HTMLSpanElement>(null);
  const go = useRef(onGo);
  go.current = onGo;

  // The keys are meant for the text wherever the focus is: no other search is on the page while the text is.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'f') {
        event.preventDefault();
        const field = bar.current?.querySelector('vscode-textfield');
        field?.focus();
        field?.shadowRoot?.querySelector('input')?.select();
      } else if (event.key === 'F3') {
        event.preventDefault();
        go.current(event.shiftKey ? -1 : 1);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const isWrong = query.text !== '' && patternOf(query) === undefined;
  const toggle = (key: 'matchCase' | 'isRegex' | 'isFilter') => onChange({ ...query, [key]: !query[key] });
  function onKeyDown(event: KeyboardEvent) {
    const toggled = event.altKey && ({ KeyC: 'matchCase', KeyR: 'isRegex', KeyL: 'isFilter' } as const)[event.code];
    if (event.key === 'Enter') onGo(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') onChange({ ...query, text: '' });
    else if (toggled) toggle(toggled);
    else return;
    event.preventDefault();
  }
  return (
    <span className="log-search" ref={bar}>
      <TextField
        label="Search"
        value={query.text}
        isInvalid={isWrong}
        onChange={(text) => onChange({ ...query, text })}
        onKeyDown={onKeyDown}
      />
      <span className="log-search-options">
        <ToolButton icon="case-sensitive" label="Match case (Alt+C)" pressed={query.matchCase} onClick={() => toggle('matchCase')} />
        <ToolButton icon="regex" label="Regular expression (Alt+R)" pressed={query.isRegex} onClick={() => toggle('isRegex')} />
        <ToolButton icon="filter" label="Only lines that match (Alt+L)" pressed={query.isFilter} onClick={() => toggle('isFilter')} />
      </span>
      {query.text !== '' && (
        <>
          <span className="matches" role="status">
            {isWrong
              ? 'No regular expression'
              : matches === 0
                ? 'No match'
                : `${at + 1} of ${matches}${matches === mostMatches ? '+' : ''}`}
          </span>
          <span className="log-search-options">
            <ToolButton icon="arrow-up" label="Previous match (Shift+Enter)" disabled={matches === 0} onClick={() => onGo(-1)} />
            <ToolButton icon="arrow-down" label="Next match (Enter)" disabled={matches === 0} onClick={() => onGo(1)} />
          </span>
        </>
      )}
    </span>
  );
}
