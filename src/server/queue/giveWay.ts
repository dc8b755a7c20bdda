import { isSpot } from '../../protocol/queue.ts';
import type { Claim } from '../../store/store.ts';

/** How often a job gives way at most. After that it runs to its end, so that none waits for ever. */
export const mostGivenWay = 3;

/** A job that a runner has, as far as it matters here. */
export interface InHand extends Pick<Claim, 'name' | 'rank' | 'status' | 'startedAt'> {
  /** For whom it was asked to give way already. */
  givesWayTo?: string | undefined;
  /** How often it gave way before. */
  gaveWay: number;
}

const hasBegun = ({ status }: InHand): boolean => status === 'Running' || status === 'Finalizing';

/**
 * Which spot jobs give way, and to which: a job that is `ready` on the same runner, waits for a place, and is of a higher tier. The one that began last loses least. A spot job never takes another's place, so it can't go round
 * in a circle. Who was asked to give way already makes a place for one.
 */
export function whoGivesWay(inHand: readonly InHand[], ready: readonly string[]): { name: string; to: string }[] {
  const waiting = ready.flatMap((name) => inHand.find((each) => each.name === name && !hasBegun(each) && !isSpot(each.rank)) ?? []);
  const asked = inHand.filter((each) => hasBegun(each) && each.givesWayTo !== undefined).length;
  const able = inHand
    .filter((each) => each.status === 'Running' && isSpot(each.rank) && each.givesWayTo === undefined && each.gaveWay < mostGivenWay)
    .sort((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0));
  return waiting
    .sort((a, b) => a.rank - b.rank)
    .slice(asked)
    .flatMap(({ name: to }, index) => (able[index] ? [{ name: able[index].name, to }] : []));
}

/** A spot job that was made ready ahead and has not begun: it loses nothing, and makes room for one of a higher tier that no runner has yet. */
export const whoHandsBack = (inHand: readonly InHand[]): InHand | undefined =>
  inHand.findLast((each) => !hasBegun(each) && each.status !== 'CancelRequested' && isSpot(each.rank) && each.givesWayTo === undefined);
