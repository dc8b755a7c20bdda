import { Button } from '../shared/ui/fields.tsx';

/** Where the next prompt is written. */
export function Composer({
  draft,
  onDraft,
  obstacle,
  isAnswering,
  onSend,
  onStop,
}: {
  draft: string;
  onDraft(text: string): void;
  /** Why nothing can be sent now. */
  obstacle: string | undefined;
  isAnswering: boolean;
  onSend(): void;
  onStop(): void;
}) {
  return (
    <section className="composer" aria-label="Prompt">
      <textarea
        className="edit"
        aria-label="Prompt"
        placeholder="Ask the models something"
        rows={Math.min(10, Math.max(2, draft.split('\n').length))}
        value={draft}
        onInput={({ currentTarget }) => onDraft(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          onSend();
        }}
      />
      <div className="composer-actions">
        <span className="dim">{isAnswering ? 'Escape stops' : (obstacle ?? 'Ctrl+Enter sends')}</span>
        {isAnswering ? (
          <Button secondary onClick={onStop}>
            Stop
          </Button>
        ) : (
          <Button disabled={obstacle !== undefined || draft.trim() === ''} onClick={onSend}>
            Send
          </Button>
        )}
      </div>
    </section>
  );
}
