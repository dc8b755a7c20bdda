import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Services } from '../services.ts';

const batch = 500;

/** The change feed: `GET /changes?since=SEQ`, backfill from the log and then live. `onOpen` counts listeners, for the idle stop. A feed ends with the plane. */
export function changeRoutes({ store }: Services, onOpen: () => () => void, ending: AbortSignal): Hono {
  const app = new Hono();

  app.get('/changes', (c) =>
    streamSSE(c, async (stream) => {
      // The plane's own parts do not keep it from ending when nobody else is there.
      const close = (c.env as { isOwn?: boolean } | undefined)?.isOwn ? () => {} : onOpen();
      let wake: () => void = () => {};
      let stopped = false;
      const commits = store.onDidCommit(() => wake());
      const stop = () => {
        stopped = true;
        wake();
      };
      stream.onAbort(stop);
      const ended = AbortSignal.any([c.req.raw.signal, ending]);
      ended.addEventListener('abort', stop);
      if (ended.aborted) stop();
      const ping = setInterval(() => void stream.write(': ping\n\n').catch(stop), 15_000);
      try {
        const now = store.seq();
        const asked = c.req.query('since');
        let cursor = asked === undefined ? now : Number(asked);
        // A cursor from another data folder, or older than what is kept, can't be continued without a gap.
        if (!Number.isSafeInteger(cursor) || cursor > now || (cursor < store.oldestSeq() - 1 && cursor < now)) {
          cursor = now;
          await stream.writeSSE({ event: 'reset', data: String(cursor) });
        } else await stream.writeSSE({ event: 'start', data: String(cursor) });
        while (!stopped) {
          const woken = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const changes = store.changes(cursor, batch);
          if (changes.length) {
            // One write for all of them: readers wake once.
            await stream.write(changes.map((change) => `event: change\ndata: ${JSON.stringify(change)}\nid: ${change.seq}\n\n`).join(''));
            cursor = changes.at(-1)!.seq;
          }
          if (changes.length < batch && !stopped && store.seq() === cursor) await woken;
        }
      } finally {
        clearInterval(ping);
        commits.dispose();
        close();
      }
    }),
  );

  return app;
}
