import { type Context, Hono } from 'hono';
import { readAudit } from '../../access/audited.ts';
import { planeScope } from '../../access/scopes.ts';
import type { Disposable } from '../../base/disposable.ts';
import { systemTimers, type Timers } from '../../base/timers.ts';
import type { Change, ChangeKind, FeedCursor } from '../../protocol/change.ts';
import { type MemberPrincipal, memberOf, type Principal } from '../../protocol/principal.ts';
import type { Commit, Store } from '../../store/store.ts';
import { ownRequestOf } from '../ownRequest.ts';
import { storeOfRegistry } from '../registries/registryNames.ts';
import type { PlaneServices } from '../services.ts';
import type { Team } from '../team/team.ts';
import { gathered } from './gathered.ts';

/** What lets somebody follow a workspace. */
const readWorkspace = 'Microsoft.MachineLearningServices/workspaces/read';
/** Most changes that are read for one write, and for one that gathers them. */
const batch = 500;
const gatheredBatch = 5000;
/** Milliseconds without a change after which something is written all the same: readers take silence for a dead connection. */
const pingMs = 15_000;
/** Milliseconds in which metrics and lines of logs come together: readers need not be told of each of them in the moment that it comes. */
const gatherMs = 25;
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

  const feed = (c: Context): Response => {
    const { workspace, principal } = c.get('asked');
    // A kind that this plane does not have yet has no changes.
    const kinds = c.req.query('kinds')?.split(',') as ChangeKind[] | undefined;
    const asked = {
      plane: c.req.query('plane'),
      epoch: c.req.query('epoch'),
      since: c.req.query('since'),
      every: everyOf(c.req.query('every')),
      kinds,
      isFor: (change: Change) => isFor(change, workspace, principal, team),
      standing: standingOf(principal, workspace, team),
      // A member's role, or the token of a member or a runner, may be taken away while the feed is open.
      stillMay: memberOf(principal) || principal.kind === 'runner' ? c.get('stillMay') : undefined,
    };
    const ended = AbortSignal.any([c.req.raw.signal, ending]);
    const encoder = new TextEncoder();
    let stop: () => void = () => {};
    let isGone = false;
    let next: (() => Promise<string | undefined>) | undefined;
    // Nothing is held for an answer that nobody reads, such as that to a HEAD.
    const open = () => {
      const news = new News(store, kinds, timers, asked.every);
      // The plane's own parts do not keep it from ending when nobody else is there.
      const roles = team?.onDidChange(() => news.stir());
      const close = ownRequestOf(c) ? () => {} : onOpen();
      stop = () => {
        ended.removeEventListener('abort', stop);
        news.dispose();
        roles?.dispose();
        close();
      };
      ended.addEventListener('abort', stop);
      if (ended.aborted) stop();
      const pieces = feedPieces(store, plane, asked, news);
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
            if (piece !== undefined) return controller.enqueue(encoder.encode(piece));
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

/** Kinds that come many times a second. */
const frequent: ReadonlySet<ChangeKind> = new Set(['metric', 'log']);

/** What of these kinds a commit may have brought; undefined: nothing. */
function newsIn(commit: Commit, kinds: readonly ChangeKind[] | undefined): 'urgent' | 'frequent' | undefined {
  if (!commit.kinds) return 'urgent';
  let found: 'frequent' | undefined;
  for (const kind of commit.kinds) {
    if (kinds?.includes(kind) === false) continue;
    if (!frequent.has(kind)) return 'urgent';
    found = 'frequent';
  }
  return found;
}

/** Commits of the reader's kinds, and how many of them were urgent. */
interface Seen {
  commits: number;
  urgent: number;
}

/** Tells one reader when there may be something new. */
class News implements Disposable {
  /** The reader, or the plane, is gone. */
  isOver = false;
  private count: Seen = { commits: 0, urgent: 0 };
  private toldAt = Number.NEGATIVE_INFINITY;
  private wake: (isUrgent: boolean) => void = () => {};
  private readonly subscription: Disposable;
  private readonly timers: Timers;
  private readonly everyMs: number;

  constructor(store: Pick<Store, 'onDidCommit'>, kinds: readonly ChangeKind[] | undefined, timers: Timers, everyMs = gatherMs) {
    this.timers = timers;
    this.everyMs = everyMs;
    this.subscription = store.onDidCommit((commit) => {
      const news = newsIn(commit, kinds);
      if (!news) return;
      const isUrgent = news === 'urgent';
      const { commits, urgent } = this.count;
      this.count = { commits: commits + 1, urgent: urgent + (isUrgent ? 1 : 0) };
      this.wake(isUrgent);
    });
  }

  /** The commits so far. To be taken before the changes are read. */
  get seen(): Seen {
    return this.count;
  }

  /** Settles when there is something to be told since `seen`, or at the end; false when there was none for `ms`. */
  async since(seen: Seen, ms: number): Promise<boolean> {
    if (this.count.commits === seen.commits && !(await this.wait(ms, () => true))) return false;
    // What is not urgent waits for what comes right after it.
    const rest = this.toldAt + this.everyMs - this.timers.now();
    if (this.count.urgent === seen.urgent && rest > 0) await this.wait(rest, (isUrgent) => isUrgent);
    this.toldAt = this.timers.now();
    return true;
  }

  /** Something else has changed that the reader has to be looked at for. */
  stir(): void {
    const { commits, urgent } = this.count;
    this.count = { commits: commits + 1, urgent: urgent + 1 };
    this.wake(true);
  }

  /** Settles at a commit of a kind, or at the end, with true; after `ms` with false. */
  private async wait(ms: number, isMeant: (isUrgent: boolean) => boolean): Promise<boolean> {
    if (this.isOver) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.timers.after(ms, () => resolve(false));
    this.wake = (isUrgent) => {
      if (isMeant(isUrgent)) resolve(true);
    };
    const isNews = await promise;
    timer.dispose();
    return isNews;
  }

  dispose(): void {
    this.isOver = true;
    this.subscription.dispose();
    this.wake(true);
  }
}

/** What a feed writes, piece by piece; each is made when it is asked for. */
async function* feedPieces(
  store: Pick<Store, 'seq' | 'changes' | 'oldestSeq' | 'epoch' | 'hasPlace'>,
  plane: string,
  asked: {
    plane: string | undefined;
    epoch: string | undefined;
    since: string | undefined;
    every: number | undefined;
    kinds: ChangeKind[] | undefined;
    isFor: (change: Change) => boolean;
    standing: (() => string) | undefined;
    stillMay: (() => Promise<void>) | undefined;
  },
  news: News,
): AsyncGenerator<string, void> {
  if (news.isOver) return;
  const { kinds } = asked;
  let standing = asked.standing?.();
  const now = await store.seq();
  let seq = asked.since === undefined ? now : Number(asked.since);
  // Read after the place, an epoch is never too early for it.
  let epoch = await store.epoch();
  const isOurs =
    (asked.plane === undefined || asked.plane === plane) && (asked.epoch === undefined || (await store.hasPlace(asked.epoch, seq)));
  const isKept = Number.isSafeInteger(seq) && seq <= now && (seq === now || seq >= (await store.oldestSeq()) - 1);
  if (!isOurs || !isKept) seq = now;
  yield placePiece(isOurs && isKept ? 'start' : 'reset', { plane, epoch, seq });
  const most = asked.every === undefined ? batch : gatheredBatch;
  for (;;) {
    const { seen } = news;
    // How far there is nothing of the reader's kinds but what is read now.
    const newest = kinds ? await store.seq() : seq;
    const changes = await store.changes(seq, most, kinds);
    if (asked.stillMay && !(await isAllowed(asked.stillMay))) return;
    const stands = asked.standing?.();
    if (stands !== standing) yield placePiece('permissions', { plane, epoch, seq });
    standing = stands;
    const end = Math.max(changes.at(-1)?.seq ?? seq, changes.length < most ? newest : seq);
    if (end > seq && changes[0]?.seq !== seq + 1 && (await store.oldestSeq()) > seq + 1) {
      seq = await store.seq();
      epoch = await store.epoch();
      yield placePiece('reset', { plane, epoch, seq });
    } else if (end > seq) {
      const present = await store.epoch();
      const turn = present === epoch ? '' : placePiece('passed', { plane, epoch: present, seq });
      epoch = present;
      seq = end;
      const ours = changes.filter(asked.isFor);
      const told = asked.every === undefined ? ours : gathered(ours);
      const text = told.map((change) => `event: change\ndata: ${JSON.stringify(change)}\nid: ${change.seq}\n\n`).join('');
      // A reader that comes again is spared the changes of others that it has passed.
      yield `${turn}${text}${told.at(-1)?.seq === seq ? '' : placePiece('passed', { plane, epoch, seq })}`;
    }
    if (news.isOver) return;
    if (changes.length < most && !(await news.since(seen, pingMs))) yield ': ping\n\n';
    if (news.isOver) return;
  }
}

/** Where a member is let in no more, a reader that comes again is told why. */
const isAllowed = (stillMay: () => Promise<void>): Promise<boolean> =>
  stillMay().then(
    () => true,
    () => false,
  );

/** What can be asked again and again of a member of a team: it answers another text when the member may other things. */
function standingOf(principal: Principal, workspace: string, team: Team | undefined): (() => string) | undefined {
  const member = memberOf(principal);
  return member && team && (() => team.standing(member, workspace));
}

const ofTeam: ReadonlySet<ChangeKind> = new Set(['member', 'personalToken', 'runnerToken', 'roleAssignment', 'roleDefinition']);

/** All that a runner with a token for runners is told of. */
const ofRunners: ReadonlySet<ChangeKind> = new Set(['job', 'compute', 'environment']);

const isOfPerson: ReadonlySet<ChangeKind> = new Set(['mention', 'mentionRead']);

/** Who is mentioned is told of it in whatever workspace, as long as that may be read; nobody else is. */
function isOfThisPerson(member: MemberPrincipal | undefined, id: string, of: string | undefined, team: Team | undefined): boolean {
  if (!member || !team || of === undefined || !id.startsWith(`${member.id}/`)) return false;
  const scope = team.scopeOf(of);
  return scope !== undefined && team.may(member, readWorkspace, scope);
}

/** Whether a reader of a workspace is told of a change. What is in no workspace, such as the list of them, concerns everyone; on the plane of a team, only those who may know of it. */
function isFor({ workspace: of, kind, id }: Change, workspace: string, principal: Principal, team: Team | undefined): boolean {
  const member = memberOf(principal);
  if (principal.kind === 'runner') return of === workspace && ofRunners.has(kind);
  if (kind === 'audit') return principal.kind !== 'job' && (!member || team?.may(member, readAudit, planeScope) === true);
  if (isOfPerson.has(kind)) return isOfThisPerson(member, id, of, team);
  if (of) return of === workspace;
  if (!team || (!member && principal.kind !== 'job')) return true;
  if (kind === 'registry') return member !== undefined && team.sees(member, storeOfRegistry(id));
  if (kind === 'workspace') return member ? team.sees(member, id) : id === workspace;
  return !ofTeam.has(kind) || (member !== undefined && team.may(member, 'Microsoft.Authorization/roleAssignments/read', planeScope));
}

const placePiece = (event: 'start' | 'reset' | 'passed' | 'permissions', place: Required<FeedCursor>): string =>
  `event: ${event}\ndata: ${JSON.stringify(place)}\n\n`;
