import { useState } from 'react';
import { keepPromptCase } from '../../src/client/promptCases.ts';
import type { PromptCaseBody } from '../../src/protocol/promptCase.ts';
import { useHost } from '../shared/host/host.ts';
import { Button } from '../shared/ui/fields.tsx';
import { Failure } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';

/** Characters of a prompt that a test case is called by, unless it gets another name. */
const nameLength = 60;

/** Keeps a conversation as a test case, under a name and with the answer that is expected. */
export function SaveCase({
  asked,
  answer,
  onClose,
}: {
  asked: Pick<PromptCaseBody, 'messages' | 'settings'>;
  /** What a model answered, to begin with. */
  answer: string;
  onClose(hasSaved: boolean): void;
}) {
  const { client } = useHost();
  const [name, setName] = useState((asked.messages.at(-1)?.content ?? '').replace(/\s+/g, ' ').trim().slice(0, nameLength));
  const [expected, setExpected] = useState(answer);
  const { run, error, isRunning } = useAction();
  const save = () =>
    run(async () => {
      await keepPromptCase(client.http, { ...asked, name: name.trim(), expected });
      onClose(true);
    });
  return (
    <section className="save-case" aria-label="New test case">
      <h2>Save as a test case</h2>
      <label>
        Name
        <input className="edit" maxLength={200} value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
      </label>
      <label>
        Expected answer
        <textarea
          className="edit"
          rows={Math.min(8, Math.max(2, expected.split('\n').length))}
          value={expected}
          placeholder="Empty: the answers are only shown"
          onInput={({ currentTarget }) => setExpected(currentTarget.value)}
        />
      </label>
      {error && <Failure error={error} />}
      <div className="composer-actions">
        <span className="dim">Its messages and settings are kept in the workspace.</span>
        <Button disabled={name.trim() === '' || isRunning} onClick={save}>
          Save
        </Button>
        <Button secondary onClick={() => onClose(false)}>
          Cancel
        </Button>
      </div>
    </section>
  );
}
