import { type FormEvent, useState } from 'react';
import { EditableText } from './EditableText.tsx';
import { ToolButton } from './ToolButton.tsx';

/** Tags that are changed in place. `onChange` gets what is to be written: a value, or null for a tag that goes. */
export function Tags({
  tags,
  onChange,
}: {
  tags: Readonly<Record<string, string>>;
  onChange(changes: Record<string, string | null>): void;
}) {
  const [isAdding, setAdding] = useState(false);
  const [name, setName] = useState('');
  const [value, setValue] = useState('');

  function add(event: FormEvent) {
    event.preventDefault();
    if (name.trim() === '') return;
    onChange({ [name.trim()]: value.trim() });
    setName('');
    setValue('');
    setAdding(false);
  }
  return (
    <div className="tags">
      <ul>
        {Object.entries(tags)
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([key, text]) => (
            <li key={key} className="tag">
              <span className="tag-name" title={key}>
                {key}
              </span>
              <EditableText value={text} label={`Tag ${key}`} placeholder="no value" onSave={(next) => onChange({ [key]: next })} />
              <ToolButton icon="close" label={`Remove the tag ${key}`} onClick={() => onChange({ [key]: null })} />
            </li>
          ))}
      </ul>
      {isAdding ? (
        <form className="tag-form" onSubmit={add} onKeyDown={(event) => event.key === 'Escape' && setAdding(false)}>
          <input
            className="edit"
            aria-label="Name of the tag"
            placeholder="Name"
            // biome-ignore lint/a11y/noAutofocus: the form was just asked for
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <input
            className="edit"
            aria-label="Value of the tag"
            placeholder="Value"
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
          <button type="submit" className="tool" title="Add" aria-label="Add the tag" disabled={name.trim() === ''}>
            <span className="codicon codicon-check" aria-hidden="true" />
          </button>
          <ToolButton icon="close" label="Do not add a tag" onClick={() => setAdding(false)} />
        </form>
      ) : (
        <button type="button" className="link" onClick={() => setAdding(true)}>
          Add a tag
        </button>
      )}
    </div>
  );
}
