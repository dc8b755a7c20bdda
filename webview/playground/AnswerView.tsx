import { lazy, useMemo, useState } from 'react';
import { CopyButton } from '../shared/ui/CopyButton.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { Later } from '../shared/ui/Later.tsx';
import { safeText } from '../shared/ui/safeText.ts';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { CallsView } from './CallsView.tsx';
import { type Answer, type Call, speedOf } from './conversation.ts';
import { EditText } from './EditText.tsx';
import { nameOfModel } from './nameOfModel.ts';

const Markdown = lazy(async () => ({ default: (await import('../shared/files/previews/Markdown.tsx')).Markdown }));

/** Longest text that is drawn as Markdown, and longest that is put on the page at all. */
const longestMarkdown = 30_000;
const longestShown = 100_000;

/** What a model answered, and what that took. */
export function AnswerView({
  model,
  answer,
  isMaking,
  canEdit,
  onEdit,
  onResults,
}: {
  model: string;
  answer: Answer;
  isMaking: boolean;
  canEdit: boolean;
  onEdit(text: string): void;
  /** Goes on with what came of the functions that the model asked for; absent where later prompts have been asked. */
  onResults: ((calls: Call[]) => void) | undefined;
}) {
  const [isEditing, setEditing] = useState(false);
  const { text, thoughts, end, error } = answer;
  return (
    <section className="answer" aria-label={`Answer of ${nameOfModel(model)}`} aria-busy={isMaking}>
      <header>
        <h2 title={model}>{nameOfModel(model)}</h2>
        {!isMaking && !isEditing && (
          <div className="toolbar">
            <CopyButton text={text} label="Copy the answer" />
            <ToolButton icon="edit" label="Edit the answer" disabled={!canEdit} onClick={() => setEditing(true)} />
          </div>
        )}
      </header>
      {thoughts && (
        <details className="thoughts">
          <summary>{isMaking && !text ? 'Thinking…' : 'Thoughts'}</summary>
          <Text text={thoughts} isPlain />
        </details>
      )}
      {answer.calls.length > 0 && (
        <CallsView
          key={answer.calls.length}
          calls={answer.calls}
          isWaiting={end === 'tool_calls' && !isMaking && onResults !== undefined}
          canSend={canEdit}
          onResults={(calls) => onResults?.(calls)}
        />
      )}
      {isEditing ? (
        <EditText label="Text of the answer" text={text} actions={[{ label: 'Save', run: onEdit }]} onClose={() => setEditing(false)} />
      ) : (
        text && <Text text={text} isPlain={false} />
      )}
      {isMaking && !text && !thoughts && end === '' && (
        <p className="dim waiting">
          <Icon name="loading" spin /> Reads the prompt; before the first one, the model is loaded.
        </p>
      )}
      {end === 'failed' && (
        <p className="answer-error">
          <Icon name="error" className="tone-failed" /> <span>{error}</span>
        </p>
      )}
      {!isMaking && <p className="figures dim">{figuresOf(answer)}</p>}
    </section>
  );
}

/** A text of a model. Nothing of it becomes HTML. */
function Text({ text, isPlain }: { text: string; isPlain: boolean }) {
  const safe = useMemo(() => safeText(text.slice(0, longestShown)), [text]);
  const plain = (
    <p className="answer-plain" dir="auto">
      {safe}
    </p>
  );
  return (
    <div className="answer-text">
      {isPlain || text.length > longestMarkdown ? (
        plain
      ) : (
        <Later what="the answer" instead={plain}>
          <Markdown text={safe} />
        </Later>
      )}
      {text.length > longestShown && (
        <p className="dim">
          {(text.length - longestShown).toLocaleString('en')} more characters are not shown. Copy the answer to have them.
        </p>
      )}
    </div>
  );
}

const duration = (ms: number) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
const count = (tokens: number) => tokens.toLocaleString('en');

function figuresOf(answer: Answer): string {
  const { end, promptTokens, cachedTokens, tokens, firstMs } = answer;
  const speed = speedOf(answer);
  return [
    ...(end === 'stopped'
      ? ['Stopped']
      : end === 'length'
        ? ['Cut at the limit of tokens']
        : end === 'tool_calls'
          ? ['Asks for a function']
          : []),
    ...(promptTokens ? [`${count(promptTokens)} tokens in${cachedTokens ? ` (${count(cachedTokens)} cached)` : ''}`] : []),
    ...(tokens ? [`${count(tokens)} out`] : []),
    ...(speed ? [`${speed < 10 ? speed.toFixed(1) : Math.round(speed)} tokens/s`] : []),
    ...(firstMs ? [`first after ${duration(firstMs)}`] : []),
  ].join(' · ');
}
