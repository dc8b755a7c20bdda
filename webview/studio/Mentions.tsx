import { useCallback, useRef, useState } from 'react';
import { aside } from '../../src/base/aside.ts';
import { plural, shortened } from '../../src/base/text.ts';
import { listMentions, markMentions } from '../../src/client/comments.ts';
import type { Mention } from '../../src/protocol/comment.ts';
import { pageOfComment } from '../../src/protocol/commentPage.ts';
import { inWorkspace } from '../shared/host/browserHost.ts';
import { useHost } from '../shared/host/host.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Failure, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { useDismiss } from '../shared/ui/useDismiss.ts';
import { When } from '../shared/ui/When.tsx';

/** Mentions that the list shows. */
const most = 30;
/** Characters of a comment that the list shows. */
const mostText = 160;

/** The comments that mention a member of the team, in all workspaces: a bell with how many were not read, and the list. */
export function Mentions() {
  const { member } = useHost();
  return member ? <Bell /> : null;
}

function Bell() {
  const { value, error } = useLive(
    'mentions',
    (client) => listMentions(client.http, { top: most }),
    ({ kind }) => kind === 'mention' || kind === 'mentionRead',
  );
  const [isOpen, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const root = useRef<HTMLDivElement>(null);
  const unread = value?.unread ?? 0;
  useDismiss(isOpen, root, root, close);
  const label = unread > 0 ? `Mentions: ${unread} not read` : 'Mentions';
  return (
    <div className="mentions" ref={root}>
      <button type="button" className="tool" title={label} aria-label={label} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="bell" />
        {unread > 0 && <span className="count">{unread > 99 ? '99+' : unread}</span>}
      </button>
      <span className="visually-hidden" role="status">
        {unread > 0 ? `${plural(unread, 'mention')} not read` : ''}
      </span>
      {isOpen && (
        <section className="mentions-panel" aria-label="Mentions">
          {value ? (
            <List mentions={value.value} hasUnread={unread > 0} close={close} />
          ) : error ? (
            <ReadFailure error={error} />
          ) : (
            <Loading what="the mentions" />
          )}
        </section>
      )}
    </div>
  );
}

function List({ mentions, hasUnread, close }: { mentions: readonly Mention[]; hasUnread: boolean; close(): void }) {
  const { client } = useHost();
  const action = useAction();
  return (
    <>
      <header>
        <h2>Mentions</h2>
        {hasUnread && (
          <button
            type="button"
            className="link"
            disabled={action.isRunning}
            onClick={() => action.run(() => markMentions(client.http, { isRead: true }))}
          >
            Mark all as read
          </button>
        )}
      </header>
      {action.error && <Failure error={action.error} />}
      {mentions.length === 0 && <p className="dim">Nobody has mentioned you in a comment yet.</p>}
      <ul>
        {mentions.map((mention) => (
          <Row key={`${mention.workspace} ${mention.comment.id}`} mention={mention} close={close} />
        ))}
      </ul>
    </>
  );
}

function Row({ mention: { workspace, title, comment, isRead }, close }: { mention: Mention; close(): void }) {
  const { client, open, href } = useHost();
  const { id, by, at, text } = comment;
  const isHere = workspace === client.workspace.workspace;
  const address = pageOfComment(comment);
  const read = () => markMentions(client.http, { isRead: true, mentions: [{ workspace, comment: id }] });
  return (
    <li className={isRead ? undefined : 'is-unread'}>
      <a
        href={inWorkspace(href(address), workspace)}
        onClick={(event) => {
          if (!isRead) aside('mark as read', read(), console);
          // Another workspace is a page that begins anew.
          if (!isHere || event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          close();
          open(address);
        }}
      >
        <span>
          <strong>{plainText(by.displayName)}</strong> on {plainText(title)}
          {!isRead && <span className="visually-hidden"> (not read)</span>}
        </span>
        <span className="mentions-text">{plainText(shortened(text, mostText))}</span>
        <span className="dim">
          <When at={at} />
          {!isHere && ` in ${workspace}`}
        </span>
      </a>
    </li>
  );
}
