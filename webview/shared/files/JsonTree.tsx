import { useState } from 'react';
import { plural } from '../../../src/base/text.ts';
import { Icon } from '../ui/Icon.tsx';
import { plainText } from '../ui/plainText.ts';

/** Entries shown at once of a large object or list. */
const pageSize = 100;
/** Most characters of a text and of a name that are shown. */
const mostText = 10_000;
const mostName = 300;

/** A JSON value whose objects and lists fold. What is long is cut, and says so. */
export function JsonTree({ value, label = 'JSON' }: { value: unknown; label?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by the keyboard
    <div className="json" tabIndex={0} role="document" aria-label={label}>
      <Value name={undefined} value={value} isOpen />
    </div>
  );
}

function Value({ name, value, isOpen: isOpenAtFirst }: { name: string | undefined; value: unknown; isOpen: boolean }) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const [count, setCount] = useState(pageSize);
  const label = name === undefined ? null : <span className="json-name">{plainText(name, mostName)}: </span>;
  if (typeof value !== 'object' || value === null)
    return (
      <div className="json-line">
        {label}
        <span className={`json-${value === null ? 'null' : typeof value}`}>{primitiveText(value)}</span>
      </div>
    );
  const isList = Array.isArray(value);
  const entries = isList ? value.map((each, index) => [String(index), each] as const) : Object.entries(value);
  const summary = isList ? `[${plural(entries.length, 'item')}]` : `{${plural(entries.length, 'key')}}`;
  if (entries.length === 0)
    return (
      <div className="json-line">
        {label}
        <span className="dim">{isList ? '[]' : '{}'}</span>
      </div>
    );
  return (
    <div>
      <button type="button" className="json-toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
        {label}
        <span className="dim">{summary}</span>
      </button>
      {isOpen && (
        <div className="json-inside">
          {entries.slice(0, count).map(([key, each]) => (
            <Value key={key} name={key} value={each} isOpen={entries.length <= 20 && name === undefined} />
          ))}
          {entries.length > count && (
            <button type="button" className="link" onClick={() => setCount(count + 10 * pageSize)}>
              {entries.length - count} more…
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function primitiveText(value: unknown): string {
  // JSON has no word for a number that is not finite; Python does.
  if (typeof value !== 'string') return String(value);
  const isLong = value.length > mostText;
  const text = plainText(JSON.stringify(isLong ? value.slice(0, mostText) : value), Number.POSITIVE_INFINITY);
  return isLong ? `${text.slice(0, -1)}…" (${value.length.toLocaleString('en')} characters)` : text;
}
