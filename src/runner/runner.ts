import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { DisposableStore } from '../base/disposable.ts';
import type { Logger } from '../base/logger.ts';
import { UserError } from '../base/userError.ts';
import { ChangeStream } from '../client/feed/changeStream.ts';
import { follow } from '../client/feed/follow.ts';
import { LookUps } from '../client/feed/lookUps.ts';
import { allPages, type PlaneClient, type WrittenJob } from '../client/planeClient.ts';
import { workspacePath } from '../protocol/arm.ts';
import type { Change } from '../protocol/change.ts';
import { isCommand, isPipeline, isSweep, isTerminal, type Job } from '../protocol/job.ts';
import { runCommandJob } from './commandJob.ts';
import { ContentCache } from './contentCache.ts';
import { Launcher } from './executors/launcher.ts';
import { Components } from './pipeline/components.ts';
import { PipelineRun } from './pipeline/pipelineRun.ts';
import { type Preview, previewPipeline } from './pipeline/previewPipeline.ts';
import type { StepJob } from './pipeline/stepJob.ts';
import type { RunnerContext } from './runnerContext.ts';
import { Slots } from './slots.ts';
import { SweepRun } from './sweep/sweepRun.ts';
import { findGpus, programs } from './system/gpus.ts';
import { MachineLoad } from './system/machineLoad.ts';
import { SystemMetrics } from './system/systemMetrics.ts';
import { Trash } from './trash.ts';

export interface RunnerOptions {
  client: PlaneClient;
  /** Where the jobs' own processes reach the plane. */
  planeUrl: string;
  token: string;
  /** The runner's own: jobs, environments, tools, cache. */
  folder: string;
  /** Variables that commands start from; the runner never looks at its process's own. */
  environment: Record<string, string>;
  /** What a job's command sees besides, such as the variables for Azure's clients. */
  jobVariables?: () => Promise<Record<string, string>>;
  logger: Logger;
  /** Command jobs at the same time; the machine's cores when absent. */
  maxParallelJobs?: number;
}

export interface Runner {
  /** Ends the runner, not the commands: the next runner with the same folder goes on with them. */
  dispose(): Promise<void>;
  /** What will become of each step of a pipeline, were it submitted now. */
  preview: Preview;
}

/** Milliseconds until a job is taken up again whose end could not be reported. */
const retryAfter = 1000;
/** Milliseconds, at most, in which the news of jobs in hand comes together: mostly they are our own reports, at times a wish to cancel. */
const gather = 200;
/** Jobs whose end is remembered, so that late news of them is not looked into. */
const rememberedEnds = 10_000;

/** Claims queued jobs of a plane and runs them; takes up what an earlier runner of the same folder left. */
export function startRunner(options: RunnerOptions): Runner {
  const runner = new JobRunner(options);
  void runner.start();
  return runner;
}

class JobRunner implements Runner {
  private readonly client: PlaneClient;
  private readonly context: RunnerContext;
  private readonly abort = new AbortController();
  private readonly most: number;
  /** Pipelines and sweeps: jobs that are made of jobs. */
  private readonly orchestrations = new Map<string, PipelineRun | SweepRun>();
  private readonly commands = new Map<string, { cancel: AbortController; done: Promise<void> }>();
  private readonly waiting = new Map<string, StepJob>();
  private readonly ended = new Set<string>();
  private readonly slots: Slots;
  private readonly feed = new DisposableStore();
  private readonly lookUps: LookUps<string>;
  /** The newest change that was heard of a job in hand, and the one that the plane's answer to a claim or report knows of. */
  private readonly heard = new Map<string, number>();
  private readonly known = new Map<string, number>();

  constructor({ client, planeUrl, token, folder, environment, jobVariables, logger, maxParallelJobs }: RunnerOptions) {
    mkdirSync(folder, { recursive: true });
    this.client = client;
    this.most = maxParallelJobs ?? cpus().length;
    this.slots = new Slots(this.most);
    this.context = {
      client,
      runnerId: runnerIdOf(folder),
      workspaceId: workspacePath(client.workspace),
      planeUrl,
      token,
      folder,
      environment,
      jobVariables: jobVariables ?? (async () => ({})),
      logger,
      systemMetrics: new SystemMetrics(client, new MachineLoad(folder, findGpus(programs(environment))), logger),
      plans: new Map(),
      components: new Components(client),
      launcher: new Launcher(path.join(folder, 'jobs')),
      cache: new ContentCache(path.join(folder, 'cache')),
      trash: new Trash(path.join(folder, 'trash'), logger),
      signal: this.abort.signal,
    };
    this.lookUps = this.feed.add(
      new LookUps({ parallel: 64, read: (name) => this.look(name), onError: (error, name) => logger.error(`job ${name}`, error) }),
    );
  }

  async start(): Promise<void> {
    await this.context.launcher.takeOver();
    if (this.abort.signal.aborted) return;
    const { logger } = this.context;
    const changes = this.feed.add(new ChangeStream(this.client.http, { logger }));
    this.feed.add(this.client.onDidWriteJob((written) => this.onWritten(written)));
    changes.onDidChange((change) => {
      if (change.kind === 'environment') this.context.plans.clear();
      if (change.kind === 'component' && change.op === 'delete') this.context.components.forget();
      if (change.kind === 'metric') {
        const parent = this.orchestrations.get(change.parent ?? '');
        if (parent instanceof SweepRun) parent.metric(change);
      }
      if (change.kind !== 'job') return;
      if (change.op === 'put') this.hear(change);
      else {
        this.waiting.delete(change.id);
        this.ended.delete(change.id);
      }
    });
    changes.onDidReset(() => {
      this.context.plans.clear();
      this.context.components.forget();
      this.known.clear();
    });
    changes.onDidChangeState((state) => state === 'live' && this.lookUps.retryNow());
    const onError = (error: unknown) => logger.error('the list of jobs could not be read; it is tried again', error);
    this.feed.add(follow(changes, { readAll: () => this.lookAtAll(), onError }));
  }

  async dispose(): Promise<void> {
    this.abort.abort();
    this.feed.dispose();
    this.context.trash.dispose();
    this.context.launcher.dispose();
    this.context.systemMetrics.dispose();
    await Promise.allSettled([...this.commands.values()].map(({ done }) => done));
  }

  readonly preview: Preview = (request, findReusable) => previewPipeline(this.client, request, findReusable);

  private async lookAtAll(): Promise<void> {
    const status = ['NotStarted', 'Queued', 'Starting', 'Provisioning', 'Preparing', 'Running', 'Finalizing', 'CancelRequested'];
    await this.lookUps.besideList(async () => {
      const jobs = await Array.fromAsync(allPages((next) => this.client.listJobs({ status, listViewType: 'All', top: 1000 }, next)));
      // The list has no steps: their pipelines bring them.
      for (const job of jobs.reverse()) this.consider(job);
    });
  }

  private hear({ id: name, parent, seq }: Change): void {
    if (this.ended.has(name) || seq <= (this.known.get(name) ?? 0)) return;
    const pipeline = this.orchestrations.get(parent ?? '');
    if (pipeline instanceof PipelineRun && pipeline.isCreating(name)) return;
    const isInHand = this.commands.has(name) || this.waiting.has(name) || this.orchestrations.has(name);
    if (this.commands.has(name)) this.heard.set(name, seq);
    // Jobs in hand are looked at together: a pipeline that is canceled must not hear of its canceled steps first.
    this.lookUps.ask(name, isInHand ? gather - (performance.now() % (gather / 2)) : 0);
  }

  /** The plane's answer to a claim or a report says what the change that it made would say. */
  private onWritten({ job, asOf }: WrittenJob): void {
    // A wish to cancel comes by the feed, after the same wish for the pipeline.
    if (!this.commands.has(job.name) || job.properties.status === 'CancelRequested') return;
    this.known.set(job.name, asOf);
    if ((this.heard.get(job.name) ?? 0) <= asOf) this.lookUps.forget(job.name);
  }

  private async look(name: string): Promise<void> {
    if (!this.ended.has(name)) this.consider(await this.client.getJob(name));
  }

  /** Acts on what a job looks like now. Seeing the same job twice does no harm. */
  private consider(job: StepJob): void {
    if (this.abort.signal.aborted) return;
    const { status, parentJobName } = job.properties;
    if (parentJobName && isTerminal(status!)) void this.orchestrations.get(parentJobName)?.update(job);
    if (isTerminal(status!)) {
      this.waiting.delete(job.name);
      this.orchestrations.delete(job.name);
      if (this.ended.size >= rememberedEnds) this.ended.clear();
      this.ended.add(job.name);
      return;
    }
    const command = this.commands.get(job.name);
    const orchestration = this.orchestrations.get(job.name);
    if (command) {
      if (status === 'CancelRequested') command.cancel.abort();
    } else if (orchestration) void orchestration.update(job);
    else if (isPipeline(job) || isSweep(job)) void this.orchestrate(job.name);
    else if (isCommand(job) && job.properties.command !== '') {
      this.waiting.set(job.name, job);
      this.fill();
    }
  }

  private async orchestrate(name: string): Promise<void> {
    const claimed = await this.claim(name, 'Running');
    if (!claimed || this.orchestrations.has(name)) return;
    const onCreated = (child: StepJob) => this.consider(child);
    const run = isPipeline(claimed)
      ? new PipelineRun(this.context, claimed, onCreated)
      : isSweep(claimed)
        ? new SweepRun(this.context, claimed, onCreated)
        : undefined;
    if (!run) return;
    this.orchestrations.set(name, run);
    await run.start();
  }

  /** Takes waiting commands in hand: those that run, and as many again that are made ready meanwhile. */
  private fill(): void {
    for (const [name, job] of this.waiting) {
      if (this.commands.size >= 2 * this.most) return;
      this.waiting.delete(name);
      if (!isTerminal(job.properties.status!)) this.startCommand(name);
    }
  }

  private startCommand(name: string): void {
    const cancel = new AbortController();
    const done = this.run(name, cancel)
      .catch((error) => {
        if (this.abort.signal.aborted) return;
        this.context.logger.error(`job ${name}`, error);
        this.lookUps.ask(name, retryAfter);
      })
      .finally(() => {
        this.commands.delete(name);
        this.heard.delete(name);
        this.known.delete(name);
        if (!this.abort.signal.aborted) this.fill();
      });
    this.commands.set(name, { cancel, done });
  }

  private async run(name: string, cancel: AbortController): Promise<void> {
    const job = await this.claim(name);
    if (!job || !isCommand(job)) return;
    if (job.properties.status === 'CancelRequested') cancel.abort();
    const ended = await runCommandJob(this.context, job, cancel.signal, this.slots);
    if (ended) this.consider(ended);
  }

  /** The job when it is ours now; undefined when another runner has it or it is gone. */
  private async claim(name: string, status?: 'Running'): Promise<Job | undefined> {
    try {
      return await this.client.claimJob(name, { runnerId: this.context.runnerId, ...(status ? { status } : {}) });
    } catch (error) {
      if (error instanceof UserError && (error.code === 'Conflict' || error.code === 'NotFound')) return undefined;
      throw error;
    }
  }
}

/** The same over restarts, so that a runner finds its own claims again. */
function runnerIdOf(folder: string): string {
  const file = path.join(folder, 'runnerId');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    const id = randomUUID();
    writeFileSync(file, id, { flush: true });
    return id;
  }
}
