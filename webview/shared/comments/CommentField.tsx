import { type KeyboardEvent, type SyntheticEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { plural } from '../../../src/base/text.ts';
import { type CommentedKind, mostCommentText } from '../../../src/protocol/comment.ts';
import { type BegunMention, mentionAtCaret } from './mentionAtCaret.ts';
import { useReaders } from './useReaders.ts';

/** Characters that are left when it is said how many. */
const fewLeft = 500;

/** Where a comment is written. After an `@` it offers people: arrows go through them, Enter and Tab take one, Escape none. */
export function CommentField({
  label,
  placeholder,
  text,
  kind,
  hasMentions,
  takesFocus = false,
  onText,
  onSend,
  onEscape,
}: {
  label: string;
  placeholder: string;
  text: string;
  kind: CommentedKind;
  hasMentions: boolean;
  takesFocus?: boolean;
  onText(text: string): void;
  onSend(): void;
  onEscape?(): void;
}) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [begun, setBegun] = useState<BegunMention>();
  const [at, setAt] = useState(0);
  const caret = useRef<number>(undefined);
  const people = useReaders(kind, hasMentions ? begun?.search : undefined);
  // A name that is written out needs no list.
  const offered = people.length === 1 && people[0]!.name.toLowerCase() === begun?.search.toLowerCase() ? [] : people;
  const isOpen = begun !== undefined && offered.length > 0;
  const chosen = Math.min(at, offered.length - 1);
  const left = mostCommentText - text.length;

  useLayoutEffect(() => {
    if (takesFocus) field.current?.focus();
  }, [takesFocus]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caret is put where it belongs in the new text
  useLayoutEffect(() => {
    if (caret.current === undefined) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [text]);

  function look({ currentTarget }: SyntheticEvent<HTMLTextAreaElement>): void {
    const { value, selectionStart, selectionEnd } = currentTarget;
    const next = selectionStart === selectionEnd ? mentionAtCaret(value, selectionStart) : undefined;
    if (next?.start !== begun?.start || next?.search !== begun?.search) {
      setBegun(next);
      setAt(0);
    }
  }
  function take(name: string): void {
    if (!begun) return;
    const end = begun.start + 1 + begun.search.length;
    const after = text.slice(end);
    const put = `@${name}${/^\s/.test(after) ? '' : ' '}`;
    caret.current = begun.start + put.length;
    setBegun(undefined);
    onText(text.slice(0, begun.start) + put + after);
    field.current?.focus();
  }
  function onKey(event: KeyboardEvent): void {
    const isSending = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (isSending) onSend();
    else if (isOpen && step) setAt((chosen + step + offered.length) % offered.length);
    else if (isOpen && (event.key === 'Enter' || event.key === 'Tab')) take(offered[chosen]!.name);
    else if (isOpen && event.key === 'Escape') setBegun(undefined);
    else if (event.key === 'Escape' && onEscape) onEscape();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className="comment-field">
      <textarea
        ref={field}
        className="edit"
        aria-label={label}
        placeholder={placeholder}
        rows={Math.min(16, Math.max(3, text.split('\n').length + 1))}
        maxLength={mostCommentText}
        value={text}
        {...(hasMentions ? { 'aria-autocomplete': 'list' as const, 'aria-haspopup': 'listbox' as const } : {})}
        {...(isOpen ? { 'aria-controls': `${id}-people`, 'aria-activedescendant': `${id}-${chosen}` } : {})}
        onInput={(event) => {
          onText(event.currentTarget.value);
          look(event);
        }}
        onSelect={look}
        onKeyDown={onKey}
        onBlur={() => setBegun(undefined)}
      />
      {isOpen && (
        <div className="comment-people" role="listbox" id={`${id}-people`} aria-label="People to mention">
          {offered.map(({ name, displayName }, index) => (
            <div
              key={name}
              role="option"
              id={`${id}-${index}`}
              tabIndex={-1}
              aria-selected={index === chosen}
              // The field keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(name)}
              onKeyDown={() => {}}
            >
              <span>{displayName}</span>
              {displayName !== name && <span className="dim">{name}</span>}
            </div>
          ))}
        </div>
      )}
      <span className="visually-hidden" role="status">
        {isOpen ? `${plural(offered.length, 'person', 'people')} to mention` : ''}
      </span>
      {left < fewLeft && <span className="dim number">{plural(left, 'character')} left</span>}
    </div>
  );
}
