import { useState } from 'react';
import { Button } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { safeText } from '../shared/ui/safeText.ts';
import type { Call } from './conversation.ts';

/** Functions that a model has asked for, each with what came of it; of the last ones the person says it, where the model waits for that. */
export function CallsView({
  calls,
  isWaiting,
  canSend,
  onResults,
}: {
  calls: readonly Call[];
  isWaiting: boolean;
  canSend: boolean;
  onResults(calls: Call[]): void;
}) {
  const [drafts, setDrafts] = useState<Record<number, string>>({});
  const last = calls.at(-1)?.round;
  const isOpen = ({ round }: Call) => isWaiting && round === last;
  const send = () => onResults(calls.map((call, index) => (isOpen(call) ? { ...call, result: drafts[index] ?? '' } : call)));
  return (
    <div className="calls">
      {calls.map((call, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: calls of an answer never change their places
        <div key={index} className="call">
          {call.said && (
            <p className="answer-plain" dir="auto">
              {safeText(call.said)}
            </p>
          )}
          <p>
            <Icon name="symbol-method" /> <code>{safeText(call.name)}</code>
          </p>
          <pre className="answer-plain is-code">{safeText(indented(call.arguments))}</pre>
          {isOpen(call) ? (
            <label>
              Result of {safeText(call.name)}
              <textarea
                className="edit is-code"
                rows={2}
                placeholder="What the function answers, as text or JSON"
                value={drafts[index] ?? ''}
                onInput={({ currentTarget: { value } }) => setDrafts((before) => ({ ...before, [index]: value }))}
              />
            </label>
          ) : (
            <p className="call-result answer-plain is-code">
              {call.result ? safeText(call.result) : <span className="dim">no result</span>}
            </p>
          )}
        </div>
      ))}
      {isWaiting && (
        <div className="composer-actions">
          <Button disabled={!canSend} onClick={send}>
            Send the results
          </Button>
        </div>
      )}
    </div>
  );
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
