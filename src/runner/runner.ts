import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import type { Logger } from '../base/logger.ts';
import { UserError } from '../base/userError.ts';
import { ChangeStream } from '../client/changeStream.ts';
import { allPages, type PlaneClient } from '../client/planeClient.ts';
import { workspacePath } from '../protocol/arm.ts';
import { isCommand, isPipeline, isTerminal, type Job } from '../protocol/job.ts';
import { runCommandJob } from './commandJob.ts';
import { PipelineRun } from './pipeline/pipelineRun.ts';
import type { RunnerContext } from './runnerContext.ts';
import { findGpus, programs } from './system/gpus.ts';
import { MachineLoad } from './system/machineLoad.ts';
import { SystemMetrics } from './system/systemMetrics.ts';

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
}

/** Milliseconds until a job is taken up again whose end could not be reported. */
const retryAfter = 1000;

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
  private readonly pipelines = new Map<string, PipelineRun>();
  private readonly commands = new Map<string, { cancel: AbortController; done: Promise<void> }>();
  private readonly waiting = new Map<string, Job>();
  private changes: ChangeStream | undefined;

  constructor({ client, planeUrl, token, folder, environment, jobVariables, logger, maxParallelJobs }: RunnerOptions) {
    mkdirSync(folder, { recursive: true });
    this.client = client;
    this.most = maxParallelJobs ?? cpus().length;
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
      signal: this.abort.signal,
    };
  }

  async start(): Promise<void> {
    this.changes = new ChangeStream(this.client.http);
    this.changes.onDidChange((change) => {
      if (change.kind === 'job' && change.op === 'put') void this.look(change.id);
      else if (change.kind === 'job') this.waiting.delete(change.id);
    });
    this.changes.onDidReset(() => void this.lookAtAll());
    this.changes.onDidChangeState((state) => {
      // First the feed, then the list: whatever comes between is seen twice, never missed.
      if (state === 'live') void this.lookAtAll();
    });
  }

  async dispose(): Promise<void> {
    this.abort.abort();
    this.changes?.dispose();
    this.context.systemMetrics.dispose();
    await Promise.allSettled([...this.commands.values()].map(({ done }) => done));
  }

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

  private async look(name: string): Promise<void> {
    try {
      this.consider(await this.client.getJob(name));
    } catch (error) {
      if (!this.abort.signal.aborted && !(error instanceof UserError && error.code === 'NotFound'))
        this.context.logger.error(`job ${name}`, error);
    }
  }

  /** Acts on what a job looks like now. Seeing the same job twice does no harm. */
  private consider(job: Job): void {
    if (this.abort.signal.aborted) return;
    const { status, parentJobName } = job.properties;
    if (parentJobName && isTerminal(status!)) void this.pipelines.get(parentJobName)?.update(job);
    if (isTerminal(status!)) {
      this.waiting.delete(job.name);
      this.pipelines.delete(job.name);
      return;
    }
    const command = this.commands.get(job.name);
    const pipeline = this.pipelines.get(job.name);
    if (command) {
      if (status === 'CancelRequested') command.cancel.abort();
    } else if (pipeline) void pipeline.update(job);
    else if (isPipeline(job)) void this.orchestrate(job.name);
    else if (isCommand(job) && job.properties.command !== '') {
      this.waiting.set(job.name, job);
      this.fill();
    }
  }

  private async orchestrate(name: string): Promise<void> {
    const claimed = await this.claim(name);
    if (!claimed || !isPipeline(claimed) || this.pipelines.has(name)) return;
    const run = new PipelineRun(this.context, claimed, (step) => this.consider(step));
    this.pipelines.set(name, run);
    await run.start();
  }

  /** Starts waiting commands while there is room. */
  private fill(): void {
    for (const [name, job] of this.waiting) {
      if (this.commands.size >= this.most) return;
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
    await runCommandJob(this.context, job, cancel.signal);
  }

  /** The job when it is ours now; undefined when another runner has it or it is gone. */
  private async claim(name: string): Promise<Job | undefined> {
    try {
      return await this.client.claimJob(name, { runnerId: this.context.runnerId });
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
