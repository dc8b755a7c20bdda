import { useEffect, useRef, useState } from 'react';
import type { RunColumn, RunKeys } from '../../../src/protocol/runTable.ts';
import { Icon } from '../../shared/ui/Icon.tsx';
import { Popover } from '../../shared/ui/Popover.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { fieldName } from '../fields.ts';
import { columnOf } from './columns.ts';

/** Fields that are listed at once. */
const most = 100;
const attributes = ['status', 'user_id', 'experiment', 'job_type', 'parent'];

/** The field by whose values the runs are grouped; '' for none. */
export function GroupChooser({ keys, group, onChange }: { keys: RunKeys | undefined; group: string; onChange(group: string): void }) {
  const label = columnOf(group)?.label;
  return (
    <Popover icon="group-by-ref-type" label="Group the runs" text={label === undefined ? 'Group' : `By ${plainText(label, 30)}`}>
      <Choices {...{ keys, group, onChange }} />
    </Popover>
  );
}

function Choices({ keys, group, onChange }: Parameters<typeof GroupChooser>[0]) {
  const [search, setSearch] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const all: RunColumn[] = [
    ...(keys?.params ?? []).map((key) => ({ of: 'param' as const, key })),
    ...attributes.map((key) => ({ of: 'attribute' as const, key })),
    ...(keys?.tags ?? []).map((key) => ({ of: 'tag' as const, key })),
  ];
  const wanted = search.trim().toLowerCase();
  const found = all.flatMap((each) => columnOf(fieldName(each)) ?? []).filter(({ label }) => label.toLowerCase().includes(wanted));
  return (
    <>
      <input
        ref={field}
        className="edit"
        type="text"
        aria-label="Find a field"
        placeholder="Find a parameter or a tag"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {group !== '' && (
        <button type="button" className="link" onClick={() => onChange('')}>
          Do not group
        </button>
      )}
      <ul className="choices view-list">
        {found.slice(0, most).map(({ name, label, kind }) => (
          <li key={name}>
            <button type="button" className="link" aria-pressed={name === group} onClick={() => onChange(name)}>
              <bdi>{plainText(label, 200)}</bdi>
            </button>
            <span className="dim">{kind.toLowerCase()}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p className="dim">
          <Icon name="info" /> Nothing is called so.
        </p>
      )}
    </>
  );
}
