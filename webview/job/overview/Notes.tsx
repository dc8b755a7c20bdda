import { type KeyboardEvent, lazy, useEffect, useRef, useState } from 'react';
import { Button } from '../../shared/ui/fields.tsx';
import { Later } from '../../shared/ui/Later.tsx';
import { Section } from '../../shared/ui/Section.tsx';
import { Failure } from '../../shared/ui/states.tsx';
import { useAction } from '../../shared/ui/useAction.ts';
import { useFocusBack } from '../../shared/ui/useFocusBack.ts';

const Markdown = lazy(async () => ({ default: (await import('../../shared/files/previews/Markdown.tsx')).Markdown }));

/** Characters of a note that are drawn. */
const mostShown = 100_000;

/** What a person wrote about a run, as Markdown that is edited in place. What could not be saved stays in the field. */
export function Notes({ text, onSave }: { text: string; onSave(text: string): Promise<unknown> }) {
  const action = useAction();
  const [draft, setDraft] = useState<string>();
  // The feed brings what was saved a moment later.
  const [saved, setSaved] = useState<{ over: string; text: string }>();
  const field = useRef<HTMLTextAreaElement>(null);
  const shown = saved?.over === text ? saved.text : text;
  const isEditing = draft !== undefined;
  const edit = useFocusBack(isEditing);
  useEffect(() => {
    if (isEditing) field.current?.focus();
  }, [isEditing]);

  function save() {
    if (draft === undefined || action.isRunning) return;
    const next = draft.trim();
    if (next === shown) return setDraft(undefined);
    action.run(async () => {
      await onSave(next);
      setSaved({ over: text, text: next });
      setDraft(undefined);
    });
  }
  function onKey(event: KeyboardEvent) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
    // A text that was changed is given up by its button alone.
    else if (event.key === 'Escape' && draft === shown) setDraft(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  if (isEditing)
    return (
      <Section title="Notes">
        {action.error && <Failure error={action.error} />}
        <textarea
          ref={field}
          className="edit note-field"
          aria-label="Notes, in Markdown"
          placeholder="What this run is about, what came of it. Markdown is understood."
          rows={Math.min(24, Math.max(5, draft.split('\n').length + 1))}
          value={draft}
          onInput={(event) => setDraft((event.target as HTMLTextAreaElement).value)}
          onKeyDown={onKey}
        />
        <div className="note-actions">
          <Button disabled={action.isRunning} onClick={save}>
            Save
          </Button>
          <Button secondary onClick={() => setDraft(undefined)}>
            Cancel
          </Button>
          <span className="dim">Ctrl+Enter saves</span>
        </div>
      </Section>
    );
  const open = () => setDraft(shown);
  if (shown === '')
    return (
      <button ref={edit} type="button" className="link note-add" onClick={open}>
        Add a note
      </button>
    );
  return (
    <Section
      title="Notes"
      actions={
        <button ref={edit} type="button" className="link" aria-label="Edit the notes" onClick={open}>
          Edit
        </button>
      }
    >
      <div className="note">
        <Later what="the note" instead={<p className="literal">{shown.slice(0, mostShown)}</p>}>
          <Markdown text={shown.slice(0, mostShown)} />
        </Later>
      </div>
      {shown.length > mostShown && (
        <p className="dim">
          Only the first {mostShown} of {shown.length} characters are shown.
        </p>
      )}
    </Section>
  );
}
