import { useEffect, useRef, useState } from 'react';
import { listComments } from '../../../src/client/comments.ts';
import { type CommentedOn, threadOf } from '../../../src/protocol/comment.ts';
import { usePageState } from '../host/pageState.ts';
import { usePages } from '../live/usePages.ts';
import { LoadMore } from '../ui/LoadMore.tsx';
import { Empty, Loading, ReadFailure } from '../ui/states.tsx';
import { NewComment } from './NewComment.tsx';
import { OneComment } from './OneComment.tsx';

/** Comments that are read at once. */
const top = 50;

/** What people wrote about a job or a model, live, the newest first. `version`: of a model, the one that is looked at. */
export function Comments({ on, version }: { on: CommentedOn; version?: string }) {
  const thread = threadOf(on);
  const [linked] = usePageState('comment', '');
  const [rights, setRights] = useState<{ mayWrite: boolean; hasMentions: boolean }>();
  const own = useRef(new Set<string>());
  const [said, setSaid] = useState('');
  const { items, error, hasMore, loadMore } = usePages(
    `comments ${thread}`,
    async (client, next) => {
      const page = await listComments(client.http, on, next, top);
      const { mayWrite, hasMentions } = page;
      setRights((old) => (old?.mayWrite === mayWrite && old.hasMentions === hasMentions ? old : { mayWrite, hasMentions }));
      return { value: page.value, ...(page.nextLink === undefined ? {} : { nextLink: page.nextLink }) };
    },
    ({ kind, id }) => kind === 'comment' && id === thread,
  );

  // What a link leads to may be older than what is read at once.
  const isLinkedThere = items?.some(({ id }) => id === linked) ?? false;
  const lookedAt = useRef<number>(undefined);
  useEffect(() => {
    if (linked === '' || !items || isLinkedThere || !hasMore || lookedAt.current === items.length) return;
    lookedAt.current = items.length;
    loadMore();
  }, [linked, items, isLinkedThere, hasMore, loadMore]);

  // Who does not see the page is told what comes.
  const newest = items?.[0];
  const seen = useRef<string>(undefined);
  useEffect(() => {
    if (!items) return;
    if (newest && seen.current !== undefined && seen.current !== newest.id && !own.current.has(newest.id))
      setSaid(`New comment of ${newest.by.displayName}`);
    seen.current = newest?.id ?? '';
  }, [items, newest]);

  if (!items || !rights) return error ? <ReadFailure error={error} /> : <Loading what="the comments" />;
  return (
    <div className="comments">
      {rights.mayWrite ? (
        <NewComment key={thread} on={on} version={version} hasMentions={rights.hasMentions} onWritten={(id) => own.current.add(id)} />
      ) : (
        <p className="dim">Your roles let you read comments here, and write none: an Owner of the workspace gives you one that does.</p>
      )}
      {error && <ReadFailure error={error} />}
      <span className="visually-hidden" role="status">
        {said}
      </span>
      {linked !== '' && !isLinkedThere && !hasMore && (
        <p className="dim" role="status">
          The comment that the link leads to is not there: it may have been deleted.
        </p>
      )}
      {items.length === 0 && (
        <Empty title="No comments yet.">{rights.mayWrite && 'Write what you saw, what you tried, or what should come next.'}</Empty>
      )}
      <ol className="comment-list" aria-label="Comments">
        {items.map((each) => (
          <OneComment key={each.id} comment={each} hasMentions={rights.hasMentions} isLinked={each.id === linked} />
        ))}
      </ol>
      {hasMore && <LoadMore onClick={loadMore} />}
    </div>
  );
}
