import { Check } from 'typebox/schema';
import { aside } from '../../base/aside.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import { OneAtATime } from '../../base/oneAtATime.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { StoredEntity } from '../../store/entities.ts';
import type { Lease } from '../../store/leases.ts';
import type { Store, WorkspaceStore } from '../../store/store.ts';
import type { Work } from '../duties/duties.ts';
import type { Clock } from '../schedules/clock.ts';
import type { Team } from '../team/team.ts';
import { inSpan, type Tracer } from '../tracing/tracer.ts';
import { ownWorkspaces } from '../workspaceNames.ts';
import { mayBeTold } from './mayBeTold.ts';
import { nextOf, Pending, pendingOf } from './queue.ts';
import type { Sender } from './sender.ts';
import { settle } from './settle.ts';
import { isTurnedOn, jobMail, subscriptionById, subscriptions } from './subscription.ts';

export interface DelivererOptions {
  /** One that notes what occurs: a webhook that is turned off is told, too. */
  store: Store;
  lease: Lease | undefined;
  team: Team | undefined;
  sender: Sender;
  clock: Clock;
  logger: Logger;
  tracer?: Tracer | undefined;
}

/** Queues that are worked on at a time: a receiver that is slow keeps few others waiting. */
const mostAtOnce = 20;

/**
 * Sends what is queued for webhooks, for notices and as mail. What waits is in the store until it is settled there, so nothing is lost when the server is killed; what was sent just before is sent again then, under
 * the same id. A queue is worked on in its order, and several are at a time. One server of the plane does it.
 */
export class Deliverer implements Work {
  private readonly options: DelivererOptions;
  private readonly over = new AbortController();
  private readonly busy = new Map<string, Promise<void>>();
  private readonly looks: OneAtATime;
  private readonly subscription: Disposable;
  private forget = () => {};
  private hasSaidNoMail = false;

  constructor(options: DelivererOptions) {
    const { store, logger } = options;
    this.options = options;
    this.looks = new OneAtATime({
      work: () => this.look(),
      onError: (error) => logger.error('what is queued for webhooks could not be read', error),
      signal: this.over.signal,
    });
    this.subscription = store.onDidCommit(({ kinds }) => {
      if (kinds?.has('delivery') !== false) this.looks.ask();
    });
    this.looks.ask();
  }

  async end(): Promise<void> {
    this.over.abort();
    this.subscription.dispose();
    this.forget();
    await this.looks.settled();
    await Promise.all(this.busy.values());
  }

  /** Begins with every queue in which something is due, and sees to the next one that will be. */
  private async look(): Promise<void> {
    const { store, lease, clock } = this.options;
    let next = Number.POSITIVE_INFINITY;
    for (const workspace of await ownWorkspaces(store)) {
      const rows = store.in(workspace, thePlane, lease);
      for (const queue of [...(await subscriptions(rows.entities)).map(({ entity }) => entity.id), jobMail]) {
        const key = `${workspace}/${queue}`;
        if (this.busy.has(key)) continue;
        const first = await nextOf(rows.entities, queue);
        if (!first) continue;
        const due = (first.body as Pending).nextTryAt ?? 0;
        if (due > clock.now()) next = Math.min(next, due);
        else if (this.busy.size < mostAtOnce) this.begin(key, rows, queue);
      }
    }
    this.forget();
    if (next < Number.POSITIVE_INFINITY && !this.over.signal.aborted) this.forget = clock.at(next, () => this.looks.ask());
  }

  private begin(queue: string, rows: WorkspaceStore, scope: string): void {
    const work = this.drain(rows, scope)
      .catch((error) => {
        if (this.over.signal.aborted) return;
        // The store is away, or another server has the duties: nothing is settled, so it is tried again.
        this.options.logger.error(`deliveries of ${queue}`, error);
        this.forget();
        this.forget = this.options.clock.at(this.options.clock.now() + 5000, () => this.looks.ask());
      })
      .finally(() => {
        this.busy.delete(queue);
        this.looks.ask();
      });
    this.busy.set(queue, work);
    aside('deliveries', work, this.options.logger);
  }

  /** One event after the other, until none is left or one has to wait. */
  private async drain(rows: WorkspaceStore, scope: string): Promise<void> {
    for (;;) {
      const queued = await pendingOf(rows.entities, scope);
      if (queued.length === 0) return;
      for (const entity of queued) {
        if (this.over.signal.aborted) return;
        const isNext = await inSpan(this.options.tracer, 'delivery', () => this.deliver(rows, scope, entity));
        if (!isNext) return;
      }
    }
  }

  /** One try. Answers whether the next event of the queue may follow. */
  private async deliver(rows: WorkspaceStore, scope: string, entity: StoredEntity): Promise<boolean> {
    const { team, sender, clock, logger } = this.options;
    const subscription = scope === jobMail ? undefined : await subscriptionById(rows.entities, scope);
    const isWanted = scope === jobMail || (subscription && isTurnedOn(subscription));
    if (!Check(Pending, entity.body) || !isWanted) {
      await rows.write(({ entities }) => entities.delete('pendingDelivery', entity.id));
      return true;
    }
    if ((entity.body.nextTryAt ?? 0) > clock.now()) return false;
    if (scope === jobMail && !sender.hasMail) {
      if (!this.hasSaidNoMail)
        logger.warn(
          'jobs ask for mail in notification_settings, and the control plane has no mail server: name one with --smtp-host, or smtp in team.yml',
        );
      this.hasSaidNoMail = true;
    }
    const mayBe = subscription?.kind !== 'notice' || (await mayBeTold(team, subscription.body, rows.workspace));
    const outcome = mayBe
      ? await sender.send(subscription, entity.body, rows.workspace, this.over.signal)
      : ({ isDelivered: false, error: 'Whose notice it is may not read the workspace any more.', isRefusal: true } as const);
    // What was cut off by the end of this server is not settled: the next one sends it again.
    if (this.over.signal.aborted && !outcome.isDelivered) return false;
    const isFinal = !mayBe || (scope === jobMail && !sender.hasMail);
    const settled = await settle(rows, entity, outcome, { now: clock.now(), isFinal });
    if (settled.turnedOff) logger.warn(`the webhook or notice ${scope} was turned off: ${settled.turnedOff}`);
    return settled.isDone;
  }
}
