import type { Disposable } from '../base/disposable.ts';
import type { Logger } from '../base/logger.ts';
import { OneAtATime } from '../base/oneAtATime.ts';
import { messageOf } from '../base/userError.ts';
import { ChangeStream } from '../client/feed/changeStream.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { Change, ChangeKind } from '../protocol/change.ts';
import { mostJobsNamed } from '../protocol/claims.ts';
import { isTerminal, type Job } from '../protocol/job.ts';
import { orchestratorOf } from '../protocol/jobTypes.ts';
import type { ChildJob, Orchestration, OrchestrationContext } from './orchestration.ts';
import { orchestrations } from './orchestrations.ts';
import { Components } from './pipeline/components.ts';
import { EnvironmentContents } from './pipeline/environmentContents.ts';

export interface OrchestratorOptions {
  /** Of the plane in whose process it is. */
  client: PlaneClient;
  /** The same over restarts, so that it finds its own jobs again at once. */
  id: string;
  logger: Logger;
  /** The feed of the plane, of `orchestratorKinds` at least. */
  changes: ChangeStream;
}

export interface Orchestrator {
  /** Ends the orchestrator, not its jobs: the next one goes on with them. */
  dispose(): Promise<void>;
}

/** The changes that an orchestrator acts on. Those of metrics it hears only while something that it orchestrates looks at them. */
export const orchestratorKinds: readonly ChangeKind[] = ['job', 'environment', 'component'];

/** Jobs that it takes in hand at one request. */
const room = 1000;
/** Children whose end is remembered, so that late news of them is not looked into. */
const rememberedEnds = 10_000;

/** Claims the jobs that are made of jobs, such as pipelines and sweeps, and makes those. */
export function startOrchestrator(options: OrchestratorOptions): Orchestrator {
  return new JobOrchestrator(options);
}

class JobOrchestrator implements Orchestrator {
  private readonly client: PlaneClient;
  private readonly context: OrchestrationContext;
  private readonly abort = new AbortController();
  private readonly running = new Map<string, Orchestration>();
  /** Children that have news, to be read. */
  private readonly news = new Set<string>();
  private readonly ended = new Set<string>();
  private readonly claims: OneAtATime;
  private readonly looks: OneAtATime;
  private readonly subscriptions: Disposable[];
  private metrics: ChangeStream | undefined;
  private heartbeat: NodeJS.Timeout | undefined;

  constructor({ client, id, logger, changes }: OrchestratorOptions) {
    const { signal } = this.abort;
    this.client = client;
    const onError = (error: unknown, attempt: number) => {
      if (attempt === 0) logger.warn(`orchestrator: will be tried again: ${messageOf(error)}`);
    };
    this.claims = new OneAtATime({ work: () => this.claim(), onError, signal });
    this.looks = new OneAtATime({ work: () => this.look(), onError, signal });
    this.context = {
      client,
      runnerId: id,
      components: new Components(client),
      environments: new EnvironmentContents(client),
      logger,
      signal,
      onCreated: (job) => this.consider(job),
      isOurs: async (name) => !(await this.ask([name], 0)).lost.includes(name),
      onEnded: (name) => {
        this.running.delete(name);
        this.followMetrics();
      },
    };
    this.subscriptions = [
      changes.onDidChange((change) => this.hear(change)),
      changes.onDidReset(() => this.readAnew()),
      changes.onDidChangeState((state) => {
        // First the feed, then the question: whatever comes between is seen twice, never missed.
        if (state === 'live') this.claims.ask();
      }),
    ];
    if (changes.state === 'live') this.claims.ask();
  }

  async dispose(): Promise<void> {
    this.abort.abort();
    clearTimeout(this.heartbeat);
    for (const each of this.subscriptions) each.dispose();
    this.metrics?.dispose();
    await Promise.all([this.claims.settled(), this.looks.settled()]);
  }

  private hear({ kind, op, id, parent }: Change): void {
    if (kind === 'environment') this.context.environments.forget();
    else if (kind === 'component' && op === 'delete') this.context.components.forget();
    else if (kind === 'job' && op === 'put' && !this.ended.has(id)) {
      const above = this.running.get(parent ?? '');
      if (above?.isOwnCreation?.(id)) return;
      if (above) {
        this.news.add(id);
        this.looks.ask();
      }
      // Either one in hand, which someone may have canceled, or one that may be new.
      if (!above || this.running.has(id)) this.claims.ask();
    }
  }

  /** Hears of metrics as long as something looks at them. */
  private followMetrics(): void {
    const watching = () => [...this.running.values()].filter(({ metric }) => metric);
    if (watching().length === 0 || this.abort.signal.aborted) {
      this.metrics?.dispose();
      this.metrics = undefined;
      return;
    }
    if (this.metrics) return;
    const feed = new ChangeStream(this.client.http, { kinds: ['metric'], logger: this.context.logger });
    this.metrics = feed;
    feed.onDidChange(({ id, parent, keys }) => this.running.get(parent ?? '')?.metric?.(id, keys));
    const readAnew = () => {
      for (const each of watching()) each.refresh();
    };
    feed.onDidReset(readAnew);
    feed.onDidChangeState((state) => {
      // What was logged before the feed was there.
      if (state === 'live') readAnew();
    });
  }

  /** News may have been missed. */
  private readAnew(): void {
    this.context.environments.forget();
    this.context.components.forget();
    this.ended.clear();
    for (const each of this.running.values()) each.refresh();
    this.claims.ask();
  }

  private async look(): Promise<void> {
    const names = [...this.news].slice(0, mostJobsNamed);
    for (const name of names) this.news.delete(name);
    try {
      for (const job of await this.client.getJobs(names)) this.consider(job);
    } catch (error) {
      for (const name of names) this.news.add(name);
      throw error;
    }
    if (this.news.size) this.looks.ask();
  }

  /** Acts on what a child looks like now. Seeing it twice does no harm. */
  private consider(job: ChildJob): void {
    const { status, parentJobName } = job.properties;
    if (isTerminal(status!)) {
      if (this.ended.size >= rememberedEnds) this.ended.clear();
      this.ended.add(job.name);
    } else if (orchestratorOf(job) && !this.running.has(job.name)) this.claims.ask();
    this.running.get(parentJobName ?? '')?.update(job);
  }

  private async claim(): Promise<void> {
    clearTimeout(this.heartbeat);
    const { jobs, lost, canceled, heartbeatMs } = await this.ask([...this.running.keys()], room);
    for (const name of lost) this.running.get(name)?.dispose();
    for (const name of canceled) this.running.get(name)?.cancel();
    for (const job of jobs) await this.start(job);
    if (this.running.size) this.heartbeat = setTimeout(() => this.claims.ask(), heartbeatMs).unref();
    if (jobs.length === room) this.claims.ask();
  }

  private ask(holds: string[], most: number) {
    return this.client.claimJobs(
      { runnerId: this.context.runnerId, computes: [], orchestrates: true, room: most, holds },
      this.abort.signal,
    );
  }

  private async start(job: Job): Promise<void> {
    if (this.running.has(job.name)) return;
    const run = await orchestrations[orchestratorOf(job) ?? '']?.(this.context, job);
    if (!run || this.abort.signal.aborted) return;
    this.running.set(job.name, run);
    this.followMetrics();
    run.refresh();
  }
}
