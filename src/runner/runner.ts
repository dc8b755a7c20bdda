import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import type { Logger } from '../base/logger.ts';
import { UserError } from '../base/userError.ts';
import { ChangeStream } from '../client/changeStream.ts';
import { allPages, type PlaneClient } from '../client/planeClient.ts';
import { workspacePath } from '../protocol/arm.ts';
import type { Change } from '../protocol/change.ts';
import { isCommand, isPipeline, isSweep, isTerminal, type Job } from '../protocol/job.ts';
import { runCommandJob } from './commandJob.ts';
import type { Executor } from './executors/executor.ts';
import { ProcessExecutor } from './executors/process/processExecutor.ts';
import { TaskWatch } from './executors/taskWatch.ts';
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
  /** Where commands run; as processes of this machine when absent. */
  executor?: Executor;
}

export interface Runner {
  /** Ends the runner, not the commands: the next runner with the same folder goes on with them. */
  dispose(): Promise<void>;
  /** What will become of each step of a pipeline, were it submitted now. */
  preview: Preview;
}

/** Milliseconds until a job is taken up again whose end could not be reported. */
const retryAfter = 1000;
/** Milliseconds in which the news of a job that is in hand comes together: mostly they are our own reports, at times a wish to cancel. */
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
  private readonly news = new Set<string>();
  private readonly slots: Slots;
  private gathering: NodeJS.Timeout | undefined;
  private changes: ChangeStream | undefined;

  constructor({ client, planeUrl, token, folder, environment, jobVariables, logger, maxParallelJobs, ...given }: RunnerOptions) {
    mkdirSync(folder, { recursive: true });
    const trash = new Trash(path.join(folder, 'trash'), logger);
    const executor = given.executor ?? new ProcessExecutor(path.join(folder, 'jobs'), (each) => trash.discard(each));
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
      executor,
      tasks: new TaskWatch(executor, logger, this.abort.signal),
      trash,
      signal: this.abort.signal,
    };
  }

  async start(): Promise<void> {
    this.changes = new ChangeStream(this.client.http);
    this.changes.onDidChange((change) => {
      if (change.kind === 'environment') this.context.plans.clear();
      if (change.kind === 'component' && change.op === 'delete') this.context.components.forget();
      if (change.kind === 'metric') {
        const parent = this.orchestrations.get(change.parent ?? '');
        if (parent instanceof SweepRun) parent.metric(change.id, change.keys ?? []);
      }
      if (change.kind !== 'job') return;
      if (change.op === 'put') this.hear(change);
      else {
        this.waiting.delete(change.id);
        this.ended.delete(change.id);
      }
    });
    this.changes.onDidReset(() => {
      this.context.plans.clear();
      this.context.components.forget();
      void this.lookAtAll();
    });
    this.changes.onDidChangeState((state) => {
      // First the feed, then the list: whatever comes between is seen twice, never missed.
      if (state === 'live') void this.lookAtAll();
    });
  }

  async dispose(): Promise<void> {
    this.abort.abort();
    clearTimeout(this.gathering);
    this.context.trash.dispose();
    this.context.executor.dispose();
    this.changes?.dispose();
    this.context.systemMetrics.dispose();
    await Promise.allSettled([...this.commands.values()].map(({ done }) => done));
  }

  readonly preview: Preview = (request, findReusable) => previewPipeline(this.client, request, findReusable);

  private async lookAtAll(): Promise<void> {
    const status = ['NotStarted', 'Queued', 'Starting', 'Provisioning', 'Preparing', 'Running', 'Finalizing', 'CancelRequested'];
    try {
      const jobs = await Array.fromAsync(allPages((next) => this.client.listJobs({ status, listViewType: 'All', top: 1000 }, next)));
      // The list has no steps: their pipelines bring them.
      for (const job of jobs.reverse()) this.consider(job);
    } catch (error) {
      if (!this.abort.signal.aborted) this.context.logger.error('the list of jobs could not be read', error);
    }
  }

  private hear({ id: name, parent }: Change): void {
    if (this.ended.has(name)) return;
    const pipeline = this.orchestrations.get(parent ?? '');
    if (pipeline instanceof PipelineRun && pipeline.isCreating(name)) return;
    const isInHand = this.commands.has(name) || this.waiting.has(name) || this.orchestrations.has(name);
    if (!isInHand) return void this.look(name);
    this.news.add(name);
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      for (const each of this.news) if (!this.ended.has(each)) void this.look(each);
      this.news.clear();
    }, gather);
  }

  private async look(name: string): Promise<void> {
    try {
      this.consider(await this.client.getJob(name));
    } catch (error) {
      if (!this.abort.signal.aborted && !(error instanceof UserError && error.code === 'NotFound'))
        this.context.logger.error(`job ${name}`, error);
    }
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
        setTimeout(() => void this.look(name), retryAfter).unref();
      })
      .finally(() => {
        this.commands.delete(name);
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
