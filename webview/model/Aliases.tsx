import { type FormEvent, useState } from 'react';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useFocusBack } from '../shared/ui/useFocusBack.ts';

/** The aliases of a version, to be added and removed. An alias that another version has moves over. */
export function Aliases({
  aliases,
  label,
  onAdd,
  onRemove,
}: {
  aliases: readonly string[];
  label: string;
  onAdd(alias: string): void;
  onRemove(alias: string): void;
}) {
  const [draft, setDraft] = useState<string>();
  const opener = useFocusBack(draft !== undefined);
  function add(event: FormEvent) {
    event.preventDefault();
    if (draft?.trim()) onAdd(draft.trim());
    setDraft(undefined);
  }
  return (
    <ul className="aliases" aria-label={label}>
      {aliases.map((alias) => (
        <li key={alias} className="alias">
          @{alias}
          <ToolButton icon="close" label={`Remove the alias ${alias}`} onClick={() => onRemove(alias)} />
        </li>
      ))}
      <li>
        {draft === undefined ? (
          <button ref={opener} type="button" className="link" onClick={() => setDraft('')}>
            Add an alias
          </button>
        ) : (
          <form className="tag-form" onSubmit={add} onKeyDown={(event) => event.key === 'Escape' && setDraft(undefined)}>
            <input
              className="edit"
              aria-label="Name of the alias"
              placeholder="champion"
              // biome-ignore lint/a11y/noAutofocus: the form was just asked for
              autoFocus
              value={draft}
              onChange={(event) => setDraft(event.target.value)}
            />
            <button type="submit" className="tool" title="Add" aria-label="Add the alias" disabled={!draft.trim()}>
              <span className="codicon codicon-check" aria-hidden="true" />
            </button>
          </form>
        )}
      </li>
    </ul>
  );
}
