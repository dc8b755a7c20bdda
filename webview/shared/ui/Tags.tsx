import { useState } from 'react';
import { EditableText } from './EditableText.tsx';
import { TagForm } from './TagForm.tsx';
import { ToolButton } from './ToolButton.tsx';
import { useFocusBack } from './useFocusBack.ts';

/** Tags that are changed in place. `onChange` gets what is to be written: a value, or null for a tag that goes. */
export function Tags({
  tags,
  onChange,
}: {
  tags: Readonly<Record<string, string>>;
  onChange(changes: Record<string, string | null>): void;
}) {
  const [isAdding, setAdding] = useState(false);
  const add = useFocusBack(isAdding);
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
        <TagForm
          focusAtOnce
          onEscape={() => setAdding(false)}
          onAdd={(name, value) => {
            onChange({ [name]: value });
            setAdding(false);
          }}
        >
          <ToolButton icon="close" label="Do not add a tag" onClick={() => setAdding(false)} />
        </TagForm>
      ) : (
        <button ref={add} type="button" className="link" onClick={() => setAdding(true)}>
          Add a tag
        </button>
      )}
    </div>
  );
}
