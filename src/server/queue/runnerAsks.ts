import type { ClaimRequest } from '../../protocol/claims.ts';
import { thisMachine } from '../../protocol/infrastructure.ts';
import { jobProperty } from '../../protocol/job.ts';
import { isSpot } from '../../protocol/queue.ts';
import type { SeenRunner } from '../../store/queue.ts';
import type { Claim, StoreReader, StoreWriter } from '../../store/store.ts';
import { heartbeatMs } from '../leases/lease.ts';
import { type InHand, whoGivesWay, whoHandsBack } from './giveWay.ts';
import { nextJobs, type RunnerQueue } from './nextJobs.ts';

/** Jobs that a runner of a team makes ready while others run. More would be taken from the queue long before their turn, past whoever comes meanwhile. */
const ahead = 1;

/** What comes of a runner's question: jobs that it gets, and those of its own that give way, with the name of the job for which. */
export interface Decision {
  next: string[];
  giveWay: { name: string; to: string }[];
}

/** A runner's question for jobs. */
export class RunnerAsks {
  readonly queue: RunnerQueue;
  private readonly request: ClaimRequest;
  private readonly isTeam: boolean;
  private readonly now: number;

  constructor(request: ClaimRequest, served: readonly string[], isTeam: boolean, now: number) {
    this.request = request;
    this.isTeam = isTeam;
    this.now = now;
    const own = new Set(request.computes);
    this.queue = request.others
      ? { computesOtherThan: served.filter((name) => name !== thisMachine && !own.has(name)) }
      : { computes: request.computes };
  }

  /** Decides by what is stored. Within a write nobody else changes it: so a limit holds, however many runners ask however many servers. */
  async decide(reader: StoreReader, mine: readonly Claim[]): Promise<Decision> {
    const { holds, ready = [] } = this.request;
    const except = new Set(holds);
    const inHand = await inHandOf(reader, mine, except);
    const giveWay = whoGivesWay(inHand, ready);
    const room = this.room();
    const next = await nextJobs(reader, this.queue, room, this.now, except);
    const handsBack = room <= 0 ? whoHandsBack(inHand) : undefined;
    if (handsBack) {
      const [first] = await nextJobs(reader, this.queue, 1, this.now, except);
      if (first && !isSpot(first.rank)) return { next: [first.name], giveWay: [...giveWay, { name: handsBack.name, to: first.name }] };
    }
    return { next: next.map(({ name }) => name), giveWay };
  }

  private room(): number {
    const { room, places, holds } = this.request;
    return this.isTeam && places !== undefined ? Math.min(room, places + ahead - holds.length) : room;
  }

  /** What is to be noted of the runner; undefined when that was done a moment ago. */
  seen(known: readonly SeenRunner[]): SeenRunner | undefined {
    const { runnerId: id, computes, others = false } = this.request;
    const before = known.find((each) => each.id === id);
    const isSame = before && before.others === others && JSON.stringify(before.computes) === JSON.stringify(computes);
    return isSame && this.now - before.seenAt < heartbeatMs ? undefined : { id, computes, others, seenAt: this.now };
  }
}

/** Only spot jobs are looked into: of the others nothing else matters. */
async function inHandOf(reader: StoreReader, mine: readonly Claim[], holds: ReadonlySet<string>): Promise<InHand[]> {
  const held = mine.filter(({ name }) => holds.has(name));
  const spots = held.filter(({ rank }) => isSpot(rank)).map(({ name }) => name);
  const facts = new Map((spots.length ? await reader.jobsNamed(spots) : []).map((job) => [job.name, job.properties.properties ?? {}]));
  return held.map((each) => ({
    ...each,
    givesWayTo: facts.get(each.name)?.[jobProperty.givesWayTo],
    gaveWay: Number(facts.get(each.name)?.[jobProperty.gaveWay] ?? 0),
  }));
}

/** Writes down that a job gives way, so that its runner is told until it has done so. */
export async function askToGiveWay(writer: StoreWriter, name: string, to: string): Promise<void> {
  const job = (await writer.job(name))!;
  await writer.updateJob(job, { ...job.properties, properties: { ...job.properties.properties, [jobProperty.givesWayTo]: to } }, {});
}

/** Of the jobs that a runner has, those that are to be stopped, with the name of the job for which. */
export async function givingWay(reader: StoreReader, mine: readonly Claim[], holds: ReadonlySet<string>): Promise<Record<string, string>> {
  const inHand = await inHandOf(reader, mine, holds);
  return Object.fromEntries(inHand.flatMap(({ name, givesWayTo }) => (givesWayTo === undefined ? [] : [[name, givesWayTo]])));
}
