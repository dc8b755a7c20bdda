import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Icon } from './Icon.tsx';
import { useFocusBack } from './useFocusBack.ts';

/** A text that becomes a field when it is clicked. Enter keeps the change, Escape and leaving without a change drop it. */
export function EditableText({
  value,
  label,
  placeholder,
  onSave,
}: {
  value: string;
  label: string;
  placeholder?: string;
  onSave(value: string): void;
}) {
  const [draft, setDraft] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const isEditing = draft !== undefined;
  const button = useFocusBack(isEditing);
  useEffect(() => {
    if (isEditing) field.current?.select();
  }, [isEditing]);

  function save() {
    if (draft !== undefined && draft.trim() !== '' && draft !== value) onSave(draft.trim());
    setDraft(undefined);
  }
  function onKey(event: KeyboardEvent) {
    if (event.key === 'Enter') save();
    else if (event.key === 'Escape') setDraft(undefined);
    else return;
    // The rest of the key press would come to the button, which has the focus next.
    event.preventDefault();
    event.stopPropagation();
  }
  if (draft === undefined)
    return (
      <button
        ref={button}
        type="button"
        className="editable"
        title={`${label} (click to edit)`}
        aria-label={`${label}: ${value || placeholder || 'none'}`}
        onClick={() => setDraft(value)}
      >
        <span className={value ? '' : 'dim'}>{value || placeholder}</span>
        <Icon name="edit" />
      </button>
    );
  return (
    <input
      ref={field}
      className="edit"
      aria-label={label}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onKeyDown={onKey}
      onBlur={save}
    />
  );
}
