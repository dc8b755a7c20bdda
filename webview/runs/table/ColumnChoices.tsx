import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RunKeys } from '../../../src/protocol/runTable.ts';
import { Icon } from '../../shared/ui/Icon.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { fieldName } from '../fields.ts';
import { attributeNames, columnOf, nameColumn, seriesName } from './columns.ts';

/** Columns that a table may have. */
const mostColumns = 1000;
const itemHeight = 24;

export interface ColumnChoicesProps {
  keys: RunKeys | undefined;
  /** Those that are shown now, in their order. */
  columns: readonly string[];
  onChange(columns: string[]): void;
}

/** What the table may show, found by a part of its name. */
export function ColumnChoices({ keys, columns, onChange }: ColumnChoicesProps) {
  const [search, setSearch] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const all = useMemo(
    () =>
      [
        ...attributeNames,
        ...(keys?.metrics ?? []).map((key) => fieldName({ of: 'metric', key })),
        ...(keys?.metrics ?? []).map(seriesName),
        ...(keys?.params ?? []).map((key) => fieldName({ of: 'param', key })),
        ...(keys?.tags ?? []).map((key) => fieldName({ of: 'tag', key })),
      ].flatMap((name) => columnOf(name) ?? []),
    [keys],
  );
  const wanted = search.trim().toLowerCase();
  const shown = new Set(columns);
  // What is chosen stands first, as it was when the list was opened: nothing jumps under the pointer.
  const first = useRef(shown);
  const found = all
    .filter(({ name, label }) => wanted === '' || name.toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted))
    .sort((a, b) => Number(first.current.has(b.name)) - Number(first.current.has(a.name)));
  const list = useRef<HTMLDivElement>(null);
  const items = useVirtualizer({ count: found.length, getScrollElement: () => list.current, estimateSize: () => itemHeight, overscan: 6 });
  const free = found.filter(({ name }) => !shown.has(name)).slice(0, mostColumns - columns.length);
  const taken = found.filter(({ name }) => shown.has(name) && name !== nameColumn);
  const toggle = (name: string) => onChange(shown.has(name) ? columns.filter((each) => each !== name) : [...columns, name]);

  return (
    <>
      <input
        ref={field}
        className="edit"
        type="text"
        aria-label="Find a column"
        placeholder="Find a column"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      <div className="links">
        <button
          type="button"
          className="link"
          disabled={free.length === 0}
          onClick={() => onChange([...columns, ...free.map(({ name }) => name)])}
        >
          Show {wanted ? 'all matches' : 'all'} ({free.length})
        </button>
        <button
          type="button"
          className="link"
          disabled={taken.length === 0}
          onClick={() => onChange(columns.filter((name) => !taken.some((each) => each.name === name)))}
        >
          Hide {wanted ? 'all matches' : 'all'} ({taken.length})
        </button>
        <button type="button" className="link" onClick={() => onChange([])}>
          Reset
        </button>
      </div>
      {found.length === 0 && <p className="dim">Nothing is called so.</p>}
      <div className="choices column-choices" ref={list}>
        <div style={{ height: items.getTotalSize(), position: 'relative' }}>
          {items.getVirtualItems().map(({ index, start }) => {
            const { name, label, kind } = found[index]!;
            return (
              <label key={name} className="column-choice" style={{ top: start, height: itemHeight }} title={`${kind}: ${plainText(label)}`}>
                <input
                  type="checkbox"
                  checked={shown.has(name)}
                  disabled={name === nameColumn || (!shown.has(name) && columns.length >= mostColumns)}
                  onChange={() => toggle(name)}
                />
                <Icon name={icons[name.slice(0, name.indexOf('.'))] ?? 'blank'} />
                <bdi>{plainText(label, 300)}</bdi>
                <span className="dim">{kind.toLowerCase()}</span>
              </label>
            );
          })}
        </div>
      </div>
    </>
  );
}

const icons: Record<string, string> = {
  attributes: 'symbol-property',
  metrics: 'pulse',
  series: 'graph-line',
  params: 'symbol-parameter',
  tags: 'tag',
};
