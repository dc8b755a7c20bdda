import { aside } from '../../base/aside.ts';
import { growing } from '../../base/backOff.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import type { Timers } from '../../base/timers.ts';
import { messageOf } from '../../base/userError.ts';
import { ChangeStream } from '../../client/feed/changeStream.ts';
import { isNotFound, LookUps } from '../../client/feed/lookUps.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import type { Change, FeedCursor } from '../../protocol/change.ts';
import { isTerminal, type Job } from '../../protocol/job.ts';
import type { KeptSelection, ReadPlace } from '../../protocol/sync.ts';
import type { Journal } from '../folder/journal.ts';
import { isLeft, isSamePlace, type Place } from '../folder/journalEntry.ts';
import { isSelected } from '../folder/selections.ts';
import type { Connect } from './lane.ts';
import { type PlaceTrouble, restOf, troubleOf, troubleWith } from './placeTrouble.ts';

interface KeptJobsOptions {
  place: Place;
  /** Those from and to this place, as they are now. */
  selections(): readonly KeptSelection[];
  connect: Connect;
  journal: Journal;
  /** The journal has something new. */
  onWant(): void;
  /** Up to where the feed was read. */
  kept: { read(): ReadPlace | undefined; write(place: ReadPlace): void };
  /** How the place is doing. */
  become(trouble: PlaceTrouble | undefined): void;
  logger: Logger;
  timers: Timers;
}

/** Which jobs of the selections are looked at: those that were never sent, or all. */
type Whole = 'new' | 'all';

/**
 * Follows the change feed of one place. Notes in the journal each job of the experiments and tags that are kept in sync, at once; and again when the job, or its copy here, changes after it has ended. How far the
 * feed was read is kept on the disk, so that nothing is missed while no process runs.
 */
export class KeptJobs implements Disposable {
  private readonly options: KeptJobsOptions;
  private readonly subscriptions = new DisposableStore();
  private readonly looks: LookUps<'it'>;
  private client: PlaneClient | undefined;
  private stream: ChangeStream | undefined;
  private isDisposed = false;
  /** Nothing is asked before. */
  private notBefore = 0;
  /** What there is to look at. */
  private whole: Whole | undefined;
  private names = new Set<string>();

  constructor(options: KeptJobsOptions) {
    this.options = options;
    const { logger, timers, place } = options;
    this.looks = this.subscriptions.add(
      new LookUps({
        read: () => this.look(),
        onError: (error) => logger.warn(`${place.plane} is not followed for now: ${messageOf(error)}`),
        backOff: growing(500, 5000),
        timers,
      }),
    );
    this.looks.ask('it');
  }

  /** There may be other selections. */
  selectionsChanged(): void {
    this.looks.ask('it');
  }

  /** What failed is tried again at once. */
  retryNow(): void {
    this.notBefore = 0;
    this.looks.retryNow();
    this.stream?.retryNow();
  }

  dispose(): void {
    this.isDisposed = true;
    this.stream?.dispose();
    this.subscriptions.dispose();
  }

  private async look(): Promise<void> {
    const { place, kept, journal, onWant } = this.options;
    const selections = this.options.selections();
    const client = await this.connected();
    if (this.isDisposed) return;
    if (!this.stream) return this.follow(client);
    // Not before it is live: what comes while a list is read would be in neither.
    const at = this.stream.place;
    if (!at) return;
    const read = kept.read();
    const isListed = selections.every((each) => read?.selections.some((other) => JSON.stringify(other) === JSON.stringify(each)));
    const [whole, names] = [this.whole ?? (isListed ? undefined : 'new'), this.names];
    this.whole = undefined;
    this.names = new Set();
    try {
      for (const selection of selections) {
        const jobs = isSamePlace(selection.from, place)
          ? new Set([...(whole ? await this.list(client, selection, whole) : []), ...(await this.changed(client, selection, names))])
          : this.changedCopies(selection, names, whole);
        journal.want([...jobs].map((job) => ({ job, from: selection.from, to: selection.to })));
        if (jobs.size > 0) onWant();
      }
    } catch (error) {
      this.whole = whole ?? this.whole;
      for (const name of names) this.names.add(name);
      // The control plane of this machine has another address after a restart.
      this.client = undefined;
      throw error;
    }
    kept.write({ place, cursor: at, selections: [...selections] });
  }

  private async connected(): Promise<PlaneClient> {
    const { connect, place, become, timers } = this.options;
    if (timers.now() < this.notBefore) throw new Error('it is asked later');
    try {
      this.client ??= await connect(place);
      become(undefined);
      return this.client;
    } catch (error) {
      this.meet(troubleOf(error));
      // Also where there is no such workspace, it is tried again: somebody may make it.
      throw new Error(messageOf(error));
    }
  }

  /** What is wrong with the place, if anything. One that says no is left alone for a while. */
  private meet(trouble: PlaceTrouble | undefined): void {
    const { become, timers } = this.options;
    become(trouble);
    const rest = restOf(trouble);
    if (rest === 0 || this.isDisposed) return;
    this.notBefore = timers.now() + rest;
    this.client = undefined;
    this.stream?.dispose();
    this.stream = undefined;
    this.looks.ask('it');
  }

  private follow(client: PlaneClient): void {
    const { kept, logger, timers, become } = this.options;
    const since: FeedCursor | undefined = kept.read()?.cursor;
    if (!since) this.whole = 'new';
    const stream = new ChangeStream(client.http, {
      ...(since ? { since } : {}),
      kinds: ['job'],
      timers,
      logger,
      reconnect: async () => {
        this.client = undefined;
        return (await this.connected()).http;
      },
    });
    this.stream = stream;
    stream.onDidChange((change) => this.take(change));
    stream.onDidReset(() => {
      this.whole = 'all';
      this.looks.ask('it');
    });
    stream.onDidChangeState((state) => {
      if (state === 'live') {
        become(undefined);
        this.looks.ask('it');
        this.looks.retryNow();
      } else if (state === 'disconnected')
        aside(
          'a look at a place',
          troubleWith(this.client ?? client).then((trouble) => this.meet(trouble)),
          logger,
        );
    });
  }

  private take({ kind, op, id, parent }: Change): void {
    if (kind !== 'job' || op !== 'put' || parent !== undefined) return;
    this.names.add(id);
    this.looks.ask('it');
  }

  /** The jobs of a selection that are to be sent: those that the journal does not know, or all that do not wait already. */
  private async list(client: PlaneClient, selection: KeptSelection, whole: Whole): Promise<string[]> {
    const { experiment, tag } = selection;
    const query = { top: 500, ...(experiment === undefined ? {} : { experiment }), ...(tag === undefined ? {} : { tag }) };
    const jobs = await Array.fromAsync(allPages((next) => client.listJobs(query, next)));
    return jobs.filter((job) => isSelected(job, selection) && this.isWanted(job, selection, whole)).map(({ name }) => name);
  }

  /** Of what was sent to this place, what people may have changed here: that goes back when the job is sent again. */
  private changedCopies({ from, to }: KeptSelection, names: ReadonlySet<string>, whole: Whole | undefined): Set<string> {
    const sent = this.options.journal.entries.filter(
      (entry) => entry.state === 'sent' && isSamePlace(entry.from, from) && isSamePlace(entry.to, to),
    );
    return new Set(sent.map(({ job }) => job).filter((job) => whole === 'all' || names.has(job)));
  }

  private async changed(client: PlaneClient, selection: KeptSelection, names: ReadonlySet<string>): Promise<string[]> {
    const found: string[] = [];
    for (const name of names) {
      try {
        const job = await client.getJob(name);
        if (isSelected(job, selection) && this.isWanted(job, selection, 'all')) found.push(name);
      } catch (error) {
        // It was deleted meanwhile.
        if (!isNotFound(error)) throw error;
      }
    }
    return found;
  }

  private isWanted({ name, properties }: Job, { from, to }: KeptSelection, whole: Whole): boolean {
    const entry = this.options.journal.find({ job: name, from, to });
    if (!entry || whole === 'new') return !entry;
    // Whoever follows a job that runs sees for himself what is new. What has ended may have been looked at already, when it is just being sent.
    return !isLeft(entry) || isTerminal(properties.status ?? 'Unknown');
  }
}
