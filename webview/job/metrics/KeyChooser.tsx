import { useState } from 'react';
import { Checkbox, TextField } from '../../shared/ui/fields.tsx';
import { Popover } from '../../shared/ui/Popover.tsx';

/** Chooses which metrics are drawn; none chosen means all. */
export function KeyChooser({
  keys,
  chosen,
  onChange,
}: {
  keys: readonly string[];
  chosen: readonly string[];
  onChange(chosen: string[]): void;
}) {
  const [search, setSearch] = useState('');
  const found = keys.filter((key) => key.toLowerCase().includes(search.toLowerCase()));
  return (
    <Popover icon="list-filter" label="Choose metrics" text={chosen.length ? `${chosen.length} of ${keys.length} metrics` : 'All metrics'}>
      <TextField label="Search metrics" value={search} onChange={setSearch} />
      <ul className="choices" aria-label="Metrics">
        {found.map((key) => (
          <li key={key}>
            <Checkbox
              label={key}
              checked={chosen.includes(key)}
              onChange={(checked) => onChange(checked ? [...chosen, key] : chosen.filter((each) => each !== key))}
            />
          </li>
        ))}
        {found.length === 0 && <li className="dim">No metric has this in its name.</li>}
      </ul>
      {chosen.length > 0 && (
        <button type="button" className="link" onClick={() => onChange([])}>
          Show all
        </button>
      )}
    </Popover>
  );
}
