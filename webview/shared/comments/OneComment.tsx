import { type ReactNode, useEffect, useRef, useState } from 'react';
import { deleteComment, editComment } from '../../../src/client/comments.ts';
import type { Comment } from '../../../src/protocol/comment.ts';
import { pageOfComment } from '../../../src/protocol/commentPage.ts';
import { useHost } from '../host/host.ts';
import { Confirm } from '../ui/Confirm.tsx';
import { Button } from '../ui/fields.tsx';
import { Menu } from '../ui/Menu.tsx';
import { plainText } from '../ui/plainText.ts';
import { Failure } from '../ui/states.tsx';
import { ToolButton } from '../ui/ToolButton.tsx';
import { useAction } from '../ui/useAction.ts';
import { When } from '../ui/When.tsx';
import { CommentField } from './CommentField.tsx';
import { CommentText } from './CommentText.tsx';
import { NotTold } from './NotTold.tsx';
import { useDraft } from './useDraft.ts';

/** A comment with who wrote it and when, and what may be done with it. `isLinked`: a link leads to it. */
export function OneComment({ comment, hasMentions, isLinked }: { comment: Comment; hasMentions: boolean; isLinked: boolean }) {
  const { client, command, href } = useHost();
  const { id, on, text, by, at, editedAt, mentions, mayEdit, mayDelete } = comment;
  const [draft, setDraft] = useDraft(`edit.${id}`);
  const [isEditing, setEditing] = useState(draft.text !== '');
  const [isDeleting, setDeleting] = useState(false);
  const [menuAt, setMenuAt] = useState<{ x: number; y: number }>();
  const [notTold, setNotTold] = useState<readonly string[]>([]);
  const [said, setSaid] = useState('');
  const action = useAction();
  const item = useRef<HTMLLIElement>(null);
  const tools = useRef<HTMLSpanElement>(null);
  const who = plainText(by.displayName);

  // Once: the reader may go elsewhere then.
  useEffect(() => {
    if (!isLinked) return;
    item.current?.scrollIntoView({ block: 'center' });
    item.current?.focus({ preventScroll: true });
  }, [isLinked]);
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), 1500);
    return () => clearTimeout(timer);
  }, [said]);

  const address = pageOfComment(comment);
  const copy = (to: 'editor' | 'studio') =>
    action.run(async () => {
      const { page, name, tab, version, state } = address;
      if (command) command('link.copy', { page, name, to, state: JSON.stringify({ ...state, tab, ...(version ? { version } : {}) }) });
      else await navigator.clipboard.writeText(location.origin + href(address));
      setSaid('Copied the link');
    });
  function leave(): void {
    setDraft('');
    setEditing(false);
    tools.current?.querySelector('button')?.focus();
  }
  function save(): void {
    if (draft.text.trim() === '' || action.isRunning) return;
    action.run(async () => {
      const written = await editComment(client.http, on, id, draft.text);
      setNotTold(written.notTold);
      leave();
    });
  }
  const menu = [
    ...(command
      ? [
          { label: 'Copy a link for VS Code', icon: 'link', run: () => copy('editor') },
          { label: 'Copy a link for the Studio', icon: 'link-external', run: () => copy('studio') },
        ]
      : [{ label: 'Copy a link', icon: 'link', run: () => copy('studio') }]),
    ...(mayEdit
      ? [
          {
            label: 'Edit',
            icon: 'edit',
            startsGroup: true,
            run: () => {
              setDraft(text);
              setEditing(true);
            },
          },
        ]
      : []),
    ...(mayDelete ? [{ label: 'Delete', icon: 'trash', startsGroup: !mayEdit, run: () => setDeleting(true) }] : []),
  ];

  return (
    <li ref={item} className={`comment${isLinked ? ' is-linked' : ''}`} id={`comment-${id}`} tabIndex={-1} aria-label={`Comment of ${who}`}>
      <div className="comment-head">
        <strong title={plainText(by.name)}>{who}</strong>
        {by.agent && <Badge title="A program wrote it for this person">by {plainText(by.agent)}</Badge>}
        {on.version !== undefined && <Badge>Version {on.version}</Badge>}
        <span className="dim">
          <When at={at} />
          {editedAt && (
            <>
              {', edited '}
              <When at={editedAt} />
            </>
          )}
        </span>
        <span className="visually-hidden" role="status">
          {said}
        </span>
        <span className="comment-tools" ref={tools}>
          <ToolButton
            icon={said ? 'check' : 'ellipsis'}
            label={`More for the comment of ${who}`}
            onClick={() => {
              const { left, bottom } = tools.current!.getBoundingClientRect();
              setMenuAt({ x: left, y: bottom });
            }}
          />
        </span>
      </div>
      {menuAt && <Menu label={`The comment of ${who}`} at={menuAt} items={menu} onClose={() => setMenuAt(undefined)} />}
      {action.error && <Failure error={action.error} />}
      {isDeleting && (
        <Confirm
          question="Delete this comment?"
          detail="It can’t be brought back."
          action="Delete"
          otherwise="Keep"
          onAnswer={(isSure) => {
            setDeleting(false);
            if (isSure) action.run(() => deleteComment(client.http, on, id));
          }}
        />
      )}
      {isEditing ? (
        <>
          <CommentField
            label="Text of the comment"
            placeholder=""
            text={draft.text}
            kind={on.kind}
            hasMentions={hasMentions}
            takesFocus
            onText={setDraft}
            onSend={save}
            {...(draft.text === text ? { onEscape: leave } : {})}
          />
          <div className="comment-actions">
            <Button disabled={draft.text.trim() === '' || action.isRunning} onClick={save}>
              Save
            </Button>
            <Button secondary onClick={leave}>
              Cancel
            </Button>
          </div>
        </>
      ) : (
        <div className="comment-text" dir="auto">
          <CommentText text={text} mentions={mentions} />
        </div>
      )}
      <NotTold names={notTold} />
    </li>
  );
}

const Badge = ({ title, children }: { title?: string; children: ReactNode }) => (
  <span className="badge" title={title}>
    {children}
  </span>
);
