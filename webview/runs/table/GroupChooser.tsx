import { useEffect, useRef, useState } from 'react';
import { mostGroupFields, type RunColumn, type RunKeys } from '../../../src/protocol/runTable.ts';
import { Icon } from '../../shared/ui/Icon.tsx';
import { Popover } from '../../shared/ui/Popover.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { fieldName } from '../fields.ts';
import { columnOf } from './columns.ts';

/** Fields that are listed at once. */
const most = 100;
const attributes = ['status', 'user_id', 'experiment', 'job_type', 'parent'];

interface GroupChooserProps {
  keys: RunKeys | undefined;
  groups: readonly string[];
  onChange(groups: string[]): void;
}

/** The fields by whose values the runs are grouped, one or several. */
export function GroupChooser(props: GroupChooserProps) {
  const labels = props.groups.map(labelOf);
  const text =
    labels.length === 0 ? 'Group' : `By ${plainText(labels[0]!, 30)}${labels.length > 1 ? ` and ${labels.length - 1} more` : ''}`;
  return (
    <Popover icon="group-by-ref-type" label="Group the runs" text={text}>
      <Choices {...props} />
    </Popover>
  );
}

const labelOf = (name: string): string => columnOf(name)?.label ?? name;

function Choices({ keys, groups, onChange }: GroupChooserProps) {
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
      {groups.length > 0 && (
        <>
          <ol className="group-list" aria-label="The runs are grouped by">
            {groups.map((name, index) => (
              <li key={name}>
                <bdi>{plainText(labelOf(name), 200)}</bdi>
                <ToolButton
                  icon="arrow-up"
                  label={`Move ${plainText(labelOf(name), 60)} up`}
                  disabled={index === 0}
                  onClick={() => onChange(groups.toSpliced(index - 1, 2, name, groups[index - 1]!))}
                />
                <ToolButton
                  icon="close"
                  label={`Do not group by ${plainText(labelOf(name), 60)}`}
                  onClick={() => onChange(groups.filter((each) => each !== name))}
                />
              </li>
            ))}
          </ol>
          <button type="button" className="link" onClick={() => onChange([])}>
            Do not group
          </button>
        </>
      )}
      {groups.length >= mostGroupFields && <p className="dim">Runs are grouped by {mostGroupFields} fields at most.</p>}
      <ul className="choices view-list">
        {found.slice(0, most).map(({ name, label, kind }) => (
          <li key={name}>
            <button
              type="button"
              className="link"
              aria-pressed={groups.includes(name)}
              disabled={!groups.includes(name) && groups.length >= mostGroupFields}
              onClick={() => onChange(groups.includes(name) ? groups.filter((each) => each !== name) : [...groups, name])}
            >
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
