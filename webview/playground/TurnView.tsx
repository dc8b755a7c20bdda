import { useState } from 'react';
import { safeText } from '../shared/ui/safeText.ts';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { AnswerView } from './AnswerView.tsx';
import type { Answer, Call, Turn } from './conversation.ts';
import { EditText } from './EditText.tsx';

interface TurnProps {
  turn: Turn;
  /** Those that are chosen now: their answers come first. */
  models: readonly string[];
  /** Answers that are being made. */
  making: Record<string, Answer> | undefined;
  canAsk: boolean;
  isBusy: boolean;
  isLast: boolean;
  onAsk(prompt: string): void;
  onChange(turn: Turn): void;
  onRemove(): void;
  onSave(): void;
  onResults(model: string, calls: Call[]): void;
}

/** A prompt with the answers to it, side by side. */
export function TurnView({ turn, models, making, canAsk, isBusy, isLast, onAsk, onChange, onRemove, onSave, onResults }: TurnProps) {
  const [isEditing, setEditing] = useState(false);
  const shown = { ...turn.answers, ...making, ...answered(turn.answers, making) };
  const names = [...models.filter((name) => shown[name]), ...Object.keys(shown).filter((name) => !models.includes(name))];
  return (
    <article className="turn" aria-label={`Prompt ${turn.id}`}>
      <div className="prompt">
        {isEditing ? (
          <EditText
            label="Prompt of this turn"
            text={turn.prompt}
            actions={[
              { label: 'Ask again', isDisabled: !canAsk, run: onAsk },
              { label: 'Save', run: (prompt) => onChange({ ...turn, prompt }) },
            ]}
            note={isLast ? undefined : 'To ask again drops the turns that follow.'}
            onClose={() => setEditing(false)}
          />
        ) : (
          <>
            <p className="prompt-text" dir="auto">
              {safeText(turn.prompt)}
            </p>
            <div className="toolbar">
              {isLast && <ToolButton icon="refresh" label="Ask again" disabled={!canAsk} onClick={() => onAsk(turn.prompt)} />}
              <ToolButton icon="beaker" label="Save as a test case" disabled={isBusy} onClick={onSave} />
              <ToolButton icon="edit" label="Edit the prompt" disabled={isBusy} onClick={() => setEditing(true)} />
              <ToolButton icon="trash" label="Remove the prompt and its answers" disabled={isBusy} onClick={onRemove} />
            </div>
          </>
        )}
      </div>
      <div className="answers">
        {names.map((name) => (
          <AnswerView
            key={name}
            model={name}
            answer={shown[name]!}
            isMaking={making?.[name] !== undefined && !turn.answers[name]}
            canEdit={!isBusy}
            onResults={isLast && canAsk ? (calls) => onResults(name, calls) : undefined}
            onEdit={(text) => onChange({ ...turn, answers: { ...turn.answers, [name]: { ...shown[name]!, text } } })}
          />
        ))}
        {names.length === 0 && <p className="dim">No answer was kept. Ask again to get one.</p>}
      </div>
    </article>
  );
}

/** Of those that are being made, the ones that have ended: what was kept of them is newer. */
const answered = (kept: Record<string, Answer>, making: Record<string, Answer> | undefined) =>
  Object.fromEntries(Object.keys(making ?? {}).flatMap((name) => (kept[name] ? [[name, kept[name]]] : [])));
