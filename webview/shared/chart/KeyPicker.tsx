import type { VscodeTextfield } from '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { aside } from '../../../src/base/aside.ts';
import { Checkbox, TextField } from '../ui/fields.tsx';
import { ToolButton } from '../ui/ToolButton.tsx';
import { metricSearch } from './chartSections.ts';

/** Names that are listed: a search finds the others. */
const mostListed = 200;

/** Chooses metrics: by search, one by one or all that are found. */
export function KeyPicker({
  keys,
  chosen,
  onChange,
}: {
  keys: readonly string[];
  chosen: readonly string[];
  onChange(chosen: string[]): void;
}) {
  const [search, setSearch] = useState('');
  const [isRegex, setRegex] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  // The element makes its own input soon after it is in the document, and takes the focus before the next key.
  useLayoutEffect(() => {
    const field = root.current?.querySelector<VscodeTextfield>('vscode-textfield');
    if (field)
      aside(
        'the focus of the search',
        field.updateComplete.then(() => field.focus()),
        console,
      );
  }, []);
  const { matches, error } = useMemo(() => metricSearch(search, isRegex), [search, isRegex]);
  const found = useMemo(() => keys.filter(matches), [keys, matches]);
  const isChosen = useMemo(() => new Set(chosen), [chosen]);
  const allFound = found.length > 0 && found.every((key) => isChosen.has(key));
  return (
    <div className="key-picker" ref={root}>
      <div className="key-search">
        <TextField label="Search metrics" value={search} onChange={setSearch} />
        <ToolButton icon="regex" label="Use a regular expression" pressed={isRegex} onClick={() => setRegex(!isRegex)} />
      </div>
      {error && <p className="field-error">{error}</p>}
      <div className="key-actions">
        <button
          type="button"
          className="link"
          disabled={found.length === 0 || allFound}
          onClick={() => onChange([...new Set([...chosen, ...found])])}
        >
          {search ? `Select all ${found.length} matches` : `Select all ${found.length}`}
        </button>
        <button type="button" className="link" disabled={chosen.length === 0} onClick={() => onChange([])}>
          Select none
        </button>
      </div>
      <ul className="choices" aria-label="Metrics">
        {found.slice(0, mostListed).map((key) => (
          <li key={key}>
            <Checkbox
              label={key}
              checked={isChosen.has(key)}
              onChange={(checked) => onChange(checked ? [...chosen, key] : chosen.filter((each) => each !== key))}
            />
          </li>
        ))}
        {found.length > mostListed && <li className="dim">and {found.length - mostListed} more: search for them</li>}
        {found.length === 0 && <li className="dim">No metric has this in its name.</li>}
      </ul>
    </div>
  );
}
