import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import type { RunColumn, RunKeys, RunScope } from '../../../src/protocol/runTable.ts';
import { useHost } from '../../shared/host/host.ts';
import { useDelayed } from '../../shared/live/useDelayed.ts';
import { asUserError } from '../../shared/live/useLive.ts';
import { Icon } from '../../shared/ui/Icon.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { fieldName } from '../fields.ts';
import { completions, faultyPlace, filterContext, isNumeric } from './filterContext.ts';

interface FilterLineProps {
  /** The filter that holds. */
  filter: string;
  scope: RunScope;
  keys: RunKeys | undefined;
  /** A filter that the server understands. */
  onChange(filter: string): void;
}

/** The line that says which runs are shown. What the server does not understand is marked, in its words, and changes nothing. */
export function FilterLine({ filter, scope, keys, onChange }: FilterLineProps) {
  const { client } = useHost();
  const [text, setText] = useState(filter);
  const [fault, setFault] = useState<{ of: string; error: UserError }>();
  const [caret, setCaret] = useState<number>();
  const [at, setAt] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const placed = useRef<number>(undefined);
  const id = useId();

  // Another filter was chosen elsewhere: a saved view, Back, a link.
  const own = useRef(filter);
  useEffect(() => {
    if (filter === own.current) return;
    own.current = filter;
    setText(filter);
    setFault(undefined);
  }, [filter]);

  const settled = useDelayed(text, 250);
  const latest = useRef({ scope, onChange });
  latest.current = { scope, onChange };
  const asked = useRef<AbortController>(undefined);
  function apply(next: string): void {
    asked.current?.abort();
    if (next.trim() === own.current) return setFault(undefined);
    const abort = new AbortController();
    asked.current = abort;
    const question = { ...latest.current.scope, filter: next.trim(), columns: [], offset: 0, limit: 0 };
    client.runTable(question, abort.signal).then(
      () => {
        if (abort.signal.aborted) return;
        setFault(undefined);
        own.current = next.trim();
        latest.current.onChange(next.trim());
      },
      (error) => {
        if (!abort.signal.aborted) setFault({ of: next, error: asUserError(error) });
      },
    );
  }
  const applyNow = useRef(apply);
  applyNow.current = apply;
  useEffect(() => {
    if (settled.trim() !== own.current) applyNow.current(settled);
  }, [settled]);
  useEffect(() => () => asked.current?.abort(), []);

  const context = isOpen && caret !== undefined ? filterContext(text.slice(0, caret)) : undefined;
  const values = useValues(context?.expects === 'value' ? context.field : undefined, scope);
  const offered = context ? completions(context, keys, values) : [];
  const chosen = Math.min(at, offered.length - 1);

  function take(index: number): void {
    const completion = offered[index];
    if (!completion || !context || caret === undefined) return;
    const rest = text.slice(caret).replace(/^[\w./`"'-]*\s?/, '');
    const next = text.slice(0, context.from) + completion.text + rest;
    const place = context.from + completion.text.length;
    setText(next);
    setCaret(place);
    setAt(0);
    placed.current = place;
  }

  // At once with the text: who types on before the next frame would find the cursor moved back.
  useLayoutEffect(() => {
    if (placed.current === undefined) return;
    input.current?.setSelectionRange(placed.current, placed.current);
    placed.current = undefined;
  });

  function onKey(event: KeyboardEvent<HTMLInputElement>): void {
    const { key } = event;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault();
      if (!isOpen) show();
      else setAt((chosen + (key === 'ArrowDown' ? 1 : -1) + offered.length) % Math.max(1, offered.length));
    } else if (key === 'Escape' && isOpen && offered.length > 0) {
      event.stopPropagation();
      setOpen(false);
    } else if (key === 'Tab' && !event.shiftKey && isOpen && offered.length > 0 && context!.typed !== '') {
      event.preventDefault();
      take(chosen);
    } else if (key === 'Enter') {
      event.preventDefault();
      // What was chosen by the arrows, or is half typed, is completed; what is whole is asked for.
      const isWhole = context === undefined || context.typed === '' || offered[chosen]?.text.trim() === context.typed;
      if (isOpen && offered.length > 0 && (at > 0 || !isWhole) && context!.expects !== 'and' && !isLiteral(context!.typed)) take(chosen);
      else {
        setOpen(false);
        apply(text);
      }
    } else if (key === ' ' && event.ctrlKey) {
      event.preventDefault();
      show();
    }
  }
  function show(): void {
    setCaret(input.current?.selectionStart ?? text.length);
    setAt(0);
    setOpen(true);
  }

  const error = fault?.of === text ? fault.error : undefined;
  const place = error && faultyPlace(text, error.message);
  return (
    <search className="filter-line" aria-label="Runs">
      <div className={`filter-box${error ? ' is-wrong' : ''}`}>
        <Icon name="filter" />
        <div className="filter-field">
          <div className="filter-mirror" aria-hidden="true" ref={mirror}>
            {place && (
              <>
                {text.slice(0, place.start)}
                <mark>{text.slice(place.start, place.end)}</mark>
                {text.slice(place.end)}
              </>
            )}
          </div>
          <input
            ref={input}
            type="text"
            role="combobox"
            aria-label="Filter"
            aria-expanded={isOpen && offered.length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && offered.length > 0 ? `${id}-${chosen}` : undefined}
            aria-invalid={error !== undefined}
            aria-describedby={error ? `${id}-error` : undefined}
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
            placeholder={'metrics.acc > 0.9 and params.lr = "0.01"'}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setCaret(event.target.selectionStart ?? event.target.value.length);
              setAt(0);
              setOpen(true);
            }}
            onClick={show}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
            onScroll={(event) => {
              if (mirror.current) mirror.current.scrollLeft = event.currentTarget.scrollLeft;
            }}
            onKeyDown={onKey}
            onBlur={() => setOpen(false)}
          />
        </div>
        {text !== '' && (
          <button
            type="button"
            className="tool"
            title="Clear the filter"
            aria-label="Clear the filter"
            onClick={() => {
              setText('');
              apply('');
              input.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      {error && (
        <p className="filter-error" role="alert" id={`${id}-error`}>
          {place && <span className="dim">At character {place.start + 1}: </span>}
          {plainText(error.message, 600)}
          {error.hint && <span className="dim"> {error.hint}</span>}
        </p>
      )}
      {isOpen && offered.length > 0 && (
        <div className="completions" role="listbox" id={`${id}-list`} aria-label="What may come here">
          {offered.map(({ label, detail }, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus
            <div
              key={`${label} ${detail}`}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              ref={index === chosen ? intoView : undefined}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(index)}
            >
              <bdi>{plainText(label, 300)}</bdi>
              <span className="dim">{detail}</span>
            </div>
          ))}
        </div>
      )}
    </search>
  );
}

const intoView = (element: HTMLElement | null) => element?.scrollIntoView({ block: 'nearest' });
/** A value that a person wrote: nothing that is offered stands for it. */
const isLiteral = (typed: string) => /^(?:[+-]?[\d.]|["'].*["']$)/.test(typed);

/** Values that a field has, those of most runs first. */
function useValues(field: RunColumn | undefined, scope: RunScope): { value: string; runs: number }[] {
  const { client } = useHost();
  const [known, setKnown] = useState<{ name: string; values: { value: string; runs: number }[] }>({ name: '', values: [] });
  const name = field ? fieldName(field) : '';
  const latest = useRef({ field, scope });
  latest.current = { field, scope };
  useEffect(() => {
    const { field, scope } = latest.current;
    if (name === '' || !field || field.of === 'metric' || isNumeric(field)) return;
    const abort = new AbortController();
    const { filter: _filter, ...whole } = scope;
    const order = [{ of: 'runs' as const, descending: true }];
    client.runGroups({ ...whole, by: [field], metrics: [], order, offset: 0, limit: mostValues }, abort.signal).then(
      ({ by, runs }) => {
        const values = (by[0] ?? []).flatMap((value, index) =>
          typeof value === 'string' && value !== '' ? [{ value, runs: runs[index] ?? 0 }] : [],
        );
        if (!abort.signal.aborted) setKnown({ name, values });
      },
      // A field that does not exist is the filter's own error.
      () => {},
    );
    return () => abort.abort();
  }, [client, name]);
  return known.name === name ? known.values : [];
}

/** Values that are offered of a field. */
const mostValues = 200;
