import { defaultWorkspace } from '../../protocol/arm.ts';
import type { Change, ChangeKind, FeedCursor } from '../../protocol/change.ts';
import type { Store } from '../../store/store.ts';
import { gathered } from './gathered.ts';
import { isForAllOfWorkspace } from './isFor.ts';
import type { News } from './news.ts';
import type { RecentChanges } from './recentChanges.ts';

/** Most changes that a reader who is behind is sent at once, and one for whom they are gathered. */
const batch = 500;
const gatheredBatch = 5000;
/** Most changes of the list of workspaces that are looked at when a reader comes again. */
const mostLookedAt = 10_000;
/** Milliseconds without a change after which something is written all the same: readers take silence for a dead connection. */
const pingMs = 15_000;
/** Milliseconds after which a reader is told how far it has passed changes of others. */
const passedMs = 1000;

export type FeedStore = Pick<Store, 'seq' | 'changes' | 'oldestSeq' | 'epoch' | 'hasPlace' | 'onDidCommit'>;

/** What a reader has asked for. */
export interface AskedFeed {
  /** The place that it has, as it was sent. */
  plane: string | undefined;
  epoch: string | undefined;
  since: string | undefined;
  workspace: string;
  /** Milliseconds in which metrics and lines of logs come together; undefined: they come one by one. */
  every: number | undefined;
  kinds: readonly ChangeKind[] | undefined;
  isFor: (change: Change) => boolean;
  standing: (() => string) | undefined;
  stillMay: (() => Promise<void>) | undefined;
}

/** Changes that a reader gets next. */
interface Next {
  /** The reader's own. */
  told: readonly Change[];
  end: number;
  epoch: string;
  /** There are more. */
  isCutOff: boolean;
  /** What is sent to each reader that asks for the same; undefined where it is this reader's alone. */
  piece: Uint8Array | undefined;
}

const encoder = new TextEncoder();

/** What a feed writes, piece by piece; each is made when it is asked for. */
export async function* feedPieces(
  { store, plane, recent, now }: { store: FeedStore; plane: string; recent: RecentChanges; now: () => number },
  asked: AskedFeed,
  news: News,
): AsyncGenerator<Uint8Array, void> {
  if (news.isOver) return;
  const { kinds } = asked;
  const kindSet = kinds && new Set(kinds);
  // Whether something has changed since is looked at with the first changes.
  let known = -1;
  let standing = asked.standing?.();
  const newest = await store.seq();
  let seq = asked.since === undefined ? newest : Number(asked.since);
  // Read after the place, an epoch is never too early for it.
  let epoch = await store.epoch();
  const isOurs =
    (asked.plane === undefined || asked.plane === plane) && (asked.epoch === undefined || (await store.hasPlace(asked.epoch, seq)));
  const isKept = Number.isSafeInteger(seq) && seq <= newest && (seq === newest || seq >= (await store.oldestSeq()) - 1);
  const isGapless = isOurs && isKept && !(await wasDeletedSince(seq));
  if (!isGapless) seq = newest;
  yield placePiece(isGapless ? 'start' : 'reset', { plane, epoch, seq });
  const most = asked.every === undefined ? batch : gatheredBatch;
  /** The place that the reader was told last, when it was told something, and whether it has waited in vain since. */
  let [toldSeq, toldAt, isSilent] = [seq, now(), false];
  for (;;) {
    const { seen, stirs } = news;
    const next = (await recentNext()) ?? (await nextFromStore());
    const isStirred = stirs !== known;
    // Many readers wake up for what is not for them: then there is nothing to be asked, unless it may be time to go.
    const isAsked = isStirred || isSilent || next === 'gap' || next.told.length > 0;
    if (isAsked && asked.stillMay && !(await isAllowed(asked.stillMay))) return;
    if (isStirred) {
      known = stirs;
      const stands = asked.standing?.();
      if (stands !== standing) yield placePiece('permissions', { plane, epoch, seq });
      standing = stands;
    }
    const piece = next === 'gap' ? await begunAnew() : pieceOf(next);
    if (piece) {
      yield piece;
      toldAt = now();
    }
    if (news.isOver) return;
    if (next === 'gap' || next.isCutOff) continue;
    isSilent = !(await news.since(seen, seq > toldSeq ? Math.max(0, toldAt + passedMs - now()) : pingMs));
    if (news.isOver) return;
  }

  /** Whether the workspace was deleted after that place: the one of this name now may be another one, or have lost something. */
  async function wasDeletedSince(place: number): Promise<boolean> {
    const { workspace } = asked;
    if (place === newest || workspace === defaultWorkspace.workspace) return false;
    return (await store.changes(place, mostLookedAt, ['workspace'])).some(({ id, op }) => op === 'delete' && id === workspace);
  }

  async function begunAnew(): Promise<Uint8Array> {
    seq = toldSeq = await store.seq();
    epoch = await store.epoch();
    return placePiece('reset', { plane, epoch, seq });
  }

  /** Moves on to the end of these changes; answers what the reader is sent, if anything. */
  function pieceOf({ told, end, epoch: present, piece }: Next): Uint8Array | undefined {
    const turn = end > seq && present !== epoch ? placePiece('passed', { plane, epoch: present, seq }) : undefined;
    if (end > seq) [seq, epoch] = [end, present];
    const place = { plane, epoch, seq };
    // A reader that comes again is spared the changes of others that it has passed. They alone can wait.
    const isPlaceDue = seq > toldSeq && (isSilent || now() - toldAt >= passedMs);
    if (told.length === 0 && !turn && !isPlaceDue) return isSilent ? encoder.encode(': ping\n\n') : undefined;
    toldSeq = seq;
    const own = told.length > 0 ? (piece ?? changesPiece(told, place)) : placePiece('passed', place);
    return turn ? Buffer.concat([turn, own]) : own;
  }

  /** From what all readers have in common; undefined where this one is too far behind. */
  async function recentNext(): Promise<Next | undefined> {
    const found = await recent.after(seq);
    if (!found) return undefined;
    const { changes, end } = found;
    const ofAll = recent.shared(`${asked.workspace} ${seq} ${asked.every === undefined ? '' : 'gathered'} ${kinds?.join() ?? ''}`, () => {
      const ofKinds = kindSet ? changes.filter(({ kind }) => kindSet.has(kind)) : changes;
      if (!ofKinds.every(isForAllOfWorkspace)) return { ofKinds };
      const told = ownOf(ofKinds);
      return { told, piece: told.length > 0 ? changesPiece(told, { plane, epoch: found.epoch, seq: end }) : undefined };
    });
    return {
      told: ofAll.told ?? ownOf(ofAll.ofKinds),
      end,
      epoch: found.epoch,
      isCutOff: false,
      piece: ofAll.piece,
    };
  }

  function ownOf(changes: readonly Change[]): readonly Change[] {
    const own = changes.filter(asked.isFor);
    return asked.every === undefined ? own : gathered(own);
  }

  async function nextFromStore(): Promise<Next | 'gap'> {
    // How far there is nothing of the reader's kinds but what is read now.
    const upTo = kinds ? await store.seq() : seq;
    const changes = await recent.readBack(seq, most, kinds);
    const end = Math.max(changes.at(-1)?.seq ?? seq, changes.length < most ? upTo : seq);
    if (end > seq && changes[0]?.seq !== seq + 1 && (await store.oldestSeq()) > seq + 1) return 'gap';
    return {
      told: ownOf(changes),
      end,
      epoch: await store.epoch(),
      isCutOff: changes.length >= most,
      piece: undefined,
    };
  }
}

/** Where a member is let in no more, a reader that comes again is told why. */
const isAllowed = (stillMay: () => Promise<void>): Promise<boolean> =>
  stillMay().then(
    () => true,
    () => false,
  );

const texts = new WeakMap<Change, string>();

/** A change is written once, however many readers it goes to. */
function textOf(change: Change): string {
  const known = texts.get(change);
  if (known !== undefined) return known;
  const text = `event: change\ndata: ${JSON.stringify(change)}\nid: ${change.seq}\n\n`;
  texts.set(change, text);
  return text;
}

/** Changes, and how far the reader has come with them. */
function changesPiece(told: readonly Change[], place: Required<FeedCursor>): Uint8Array {
  const passed = told.at(-1)?.seq === place.seq ? '' : placeText('passed', place);
  return encoder.encode(told.map(textOf).join('') + passed);
}

type PlaceEvent = 'start' | 'reset' | 'passed' | 'permissions';

const placeText = (event: PlaceEvent, place: Required<FeedCursor>): string => `event: ${event}\ndata: ${JSON.stringify(place)}\n\n`;

const placePiece = (event: PlaceEvent, place: Required<FeedCursor>): Uint8Array => encoder.encode(placeText(event, place));
