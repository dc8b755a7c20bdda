import { useEffect, useState } from 'react';
import { aside } from '../../../src/base/aside.ts';
import { listReaders } from '../../../src/client/comments.ts';
import type { CommentedKind, Reader } from '../../../src/protocol/comment.ts';
import { useHost } from '../host/host.ts';

/** Milliseconds without a key after which it is asked. */
const restMs = 120;

/** People who may be mentioned and whose name has a text in it; `search` undefined: none are asked for. */
export function useReaders(kind: CommentedKind, search: string | undefined): readonly Reader[] {
  const { client } = useHost();
  const [found, setFound] = useState<{ search: string; people: readonly Reader[] }>();
  useEffect(() => {
    if (search === undefined) return;
    let isCurrent = true;
    const timer = setTimeout(
      () =>
        aside(
          'people to mention',
          listReaders(client.http, kind, search).then((people) => isCurrent && setFound({ search, people })),
          console,
        ),
      restMs,
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [client, kind, search]);
  return search !== undefined && found?.search === search ? found.people : [];
}
