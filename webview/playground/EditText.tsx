import { useEffect, useRef, useState } from 'react';
import { Button } from '../shared/ui/fields.tsx';

/** A text of the conversation in a field. */
export function EditText({
  label,
  text,
  actions,
  note,
  onClose,
}: {
  label: string;
  text: string;
  actions: readonly { label: string; isDisabled?: boolean; run(text: string): void }[];
  note?: string | undefined;
  onClose(): void;
}) {
  const [draft, setDraft] = useState(text);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <div className="edit-text">
      <textarea
        ref={field}
        className="edit"
        aria-label={label}
        rows={Math.min(16, Math.max(3, draft.split('\n').length + 1))}
        value={draft}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || draft !== text) return;
          event.preventDefault();
          onClose();
        }}
      />
      <div className="composer-actions">
        {note && <span className="dim">{note}</span>}
        {actions.map(({ label: name, isDisabled = false, run }, index) => (
          <Button
            key={name}
            secondary={index > 0}
            disabled={isDisabled}
            onClick={() => {
              run(draft);
              onClose();
            }}
          >
            {name}
          </Button>
        ))}
        <Button secondary onClick={onClose}>
          Cancel
        </Button>
      </div>
    </div>
  );
}
