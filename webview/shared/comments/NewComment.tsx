import { useState } from 'react';
import { writeComment } from '../../../src/client/comments.ts';
import { type CommentedOn, threadOf } from '../../../src/protocol/comment.ts';
import { useHost } from '../host/host.ts';
import { usePageState } from '../host/pageState.ts';
import { Button, Select } from '../ui/fields.tsx';
import { Failure } from '../ui/states.tsx';
import { useAction } from '../ui/useAction.ts';
import { CommentField } from './CommentField.tsx';
import { NotTold } from './NotTold.tsx';
import { useDraft } from './useDraft.ts';

/** Where the next comment is written. What could not be sent stays here, also through a reload. `version`: of a model, the one that is looked at. */
export function NewComment({
  on,
  version,
  hasMentions,
  onWritten,
}: {
  on: CommentedOn;
  version: string | undefined;
  hasMentions: boolean;
  onWritten(id: string): void;
}) {
  const { client } = useHost();
  const [draft, setText] = useDraft(threadOf(on));
  const [isOnWhole, setOnWhole] = usePageState('private.commentOnModel', false);
  const [notTold, setNotTold] = useState<readonly string[]>([]);
  const action = useAction();
  const isEmpty = draft.text.trim() === '';

  function send(): void {
    if (isEmpty || action.isRunning) return;
    const target = { ...on, ...(version === undefined || isOnWhole ? {} : { version }) };
    action.run(async () => {
      const written = await writeComment(client.http, target, draft);
      setText('');
      setNotTold(written.notTold);
      onWritten(written.id);
    });
  }

  return (
    <section className="comment-new" aria-label="New comment">
      <CommentField
        label="Comment"
        placeholder={
          hasMentions
            ? 'What others should know. @ mentions somebody. Markdown is understood.'
            : 'A note for later. Markdown is understood.'
        }
        text={draft.text}
        kind={on.kind}
        hasMentions={hasMentions}
        onText={setText}
        onSend={send}
      />
      <div className="comment-actions">
        <Button disabled={isEmpty || action.isRunning} onClick={send}>
          Comment
        </Button>
        {version !== undefined && (
          <Select
            label="What the comment is about"
            value={isOnWhole ? 'model' : 'version'}
            options={[
              { value: 'version', label: `On version ${version}` },
              { value: 'model', label: 'On the whole model' },
            ]}
            onChange={(value) => setOnWhole(value === 'model')}
          />
        )}
        <span className="dim">Ctrl+Enter sends</span>
      </div>
      {action.error && <Failure error={action.error}>{!isEmpty && <p className="dim">What you wrote is kept here.</p>}</Failure>}
      <NotTold names={notTold} />
    </section>
  );
}
