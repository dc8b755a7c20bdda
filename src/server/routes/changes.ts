import { type Context, Hono } from 'hono';
import { systemTimers, type Timers } from '../../base/timers.ts';
import type { Change, ChangeKind } from '../../protocol/change.ts';
import { memberOf, type Principal } from '../../protocol/principal.ts';
import { feedPieces } from '../feed/feedPieces.ts';
import { isFor, kindsFor } from '../feed/isFor.ts';
import { gatherMs, News } from '../feed/news.ts';
import { RecentChanges } from '../feed/recentChanges.ts';
import { ownRequestOf } from '../ownRequest.ts';
import type { PlaneServices } from '../services.ts';
import type { Team } from '../team/team.ts';

/** The longest that a reader may ask for. */
const longestMs = 60_000;

export interface FeedOptions {
  /** This plane's id. */
  plane: string;
  /** Counts the readers, for the idle stop; its answer is called when one is gone. */
  onOpen: () => () => void;
  /** A feed ends with the plane. */
  ending: AbortSignal;
  timers?: Timers;
}

/**
 * The change feed: `GET /changes?plane=ID&epoch=EPOCH&since=SEQ&kinds=KIND,KIND`, backfill from the log and then live; without `since` it starts at now, without `kinds` it has all
 * kinds of changes. Those of others are not even read, so that a reader which does not look at metrics costs nothing while they are logged. The first event is `start`, or
 * `reset` where there may be a gap: a place in another plane's log or in that of another copy of this one, or one that is no longer kept, which can also happen to a reader that is slow.
 * A reader gets the changes of the workspace that it asks for, or with `/updraft/registries/NAME/changes` those of a registry; `passed` tells it how far others have been left out, and of a new epoch before the first change that is read in it.
 * To a member of a team `permissions` tells that it may other things in the workspace than before, or sees other workspaces.
 * With `every=MS` metrics and lines of logs come once in so many milliseconds, or with whatever else there is to tell, those of a job as one change (see `gathered`): for a page that shows
 * many runs which log at once.
 */
export function changeRoutes(
  { store, logger, team }: Pick<PlaneServices, 'store' | 'logger'> & Partial<Pick<PlaneServices, 'team'>>,
  { plane, onOpen, ending, timers = systemTimers }: FeedOptions,
): Hono {
  const app = new Hono();
  const recent = new RecentChanges(store, { timers, catchUp: team && (() => team.catchUp()) });

  const feed = (c: Context): Response => {
    const { workspace, principal } = c.get('asked');
    // A kind that this plane does not have yet has no changes.
    const kinds = kindsFor(principal, c.req.query('kinds')?.split(',') as ChangeKind[] | undefined);
    const asked = {
      plane: c.req.query('plane'),
      epoch: c.req.query('epoch'),
      since: c.req.query('since'),
      workspace,
      every: everyOf(c.req.query('every')),
      kinds,
      isFor: (change: Change) => isFor(change, workspace, principal, team),
      standing: standingOf(principal, workspace, team),
      // A member's role, or the token of a member or a runner, may be taken away while the feed is open, and the workspace may be deleted.
      stillMay: principal.kind === 'job' ? undefined : c.get('stillMay'),
    };
    const ended = AbortSignal.any([c.req.raw.signal, ending]);
    let stop: () => void = () => {};
    let isGone = false;
    let next: (() => Promise<Uint8Array | undefined>) | undefined;
    // Nothing is held for an answer that nobody reads, such as that to a HEAD.
    const open = () => {
      const kept = recent.open();
      const news = new News(store, { timers, kinds: kinds && new Set(kinds), every: asked.every, dueAt: () => recent.dueAt });
      // The plane's own parts do not keep it from ending when nobody else is there.
      const roles = team?.onDidChange(() => news.stir());
      const close = ownRequestOf(c) ? () => {} : onOpen();
      stop = () => {
        ended.removeEventListener('abort', stop);
        news.dispose();
        kept.dispose();
        roles?.dispose();
        close();
      };
      ended.addEventListener('abort', stop);
      if (ended.aborted) stop();
      const pieces = feedPieces({ store, plane, recent, now: () => timers.now() }, asked, news);
      return async () => {
        const { value } = await pieces.next();
        return news.isOver ? undefined : (value ?? undefined);
      };
    };
    const body = new ReadableStream<Uint8Array>(
      {
        // Called when the reader has taken what there was: for one that does not read, nothing is kept in memory.
        async pull(controller) {
          next ??= open();
          try {
            const piece = await next();
            if (isGone) return;
            if (piece !== undefined) return controller.enqueue(piece);
            controller.close();
          } catch (error) {
            if (isGone) return;
            // A plane that ends closes its store.
            if (!ended.aborted) logger.error('a change feed broke', error);
            controller.error(error);
          }
          stop();
        },
        cancel() {
          isGone = true;
          stop();
        },
      },
      { highWaterMark: 0 },
    );
    return c.body(body, 200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'transfer-encoding': 'chunked' });
  };
  app.get('/changes', feed);
  // Of what is in a registry.
  app.get('/updraft/registries/:registry/changes', feed);

  return app;
}

/** What is no number of milliseconds asks for nothing. */
function everyOf(text: string | undefined): number | undefined {
  const ms = Number(text);
  return text && ms >= gatherMs ? Math.min(ms, longestMs) : undefined;
}

/** What can be asked again and again of a member of a team: it answers another text when the member may other things. */
function standingOf(principal: Principal, workspace: string, team: Team | undefined): (() => string) | undefined {
  const member = memberOf(principal);
  return member && team && (() => team.standing(member, workspace));
}
