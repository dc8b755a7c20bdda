import { messageOf, UserError } from '../../base/userError.ts';
import { allPages } from '../../client/planeClient.ts';
import { type Change, mayConcern } from '../../protocol/change.ts';
import { isTerminal, type Job, type JobError, type JobReport, jobProperty, type SweepJob } from '../../protocol/job.ts';
import { JobLog } from '../jobLog.ts';
import type { StepJob } from '../pipeline/stepJob.ts';
import { registerOutputs } from '../registerOutputs.ts';
import type { RunnerContext } from '../runnerContext.ts';
import { bestOf, goalOf, type NextTrials, nextTrials, scoreOf, type Trial, timeoutOf } from './nextTrials.ts';
import { type Sampler, samplerOf, type TrialValues } from './sampling.ts';
import type { Observation } from './tpe.ts';
import { trialIndex, trialName, trialProperties } from './trialJob.ts';

/** More points of a metric than this are not looked at one by one. */
const mostReports = 100_000;

/** One sweep that this runner orchestrates. All it remembers can be read again from the plane. */
export class SweepRun {
  readonly name: string;
  private readonly context: RunnerContext;
  private readonly onCreated: (job: StepJob) => void;
  private readonly jobs = new Map<number, StepJob>();
  private readonly reported = new Map<number, number[]>();
  private readonly said = new Set<string>();
  private sweep: SweepJob;
  private sampler: Sampler | undefined;
  private log: JobLog | undefined;
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> = Promise.resolve();
  private best: string | undefined;
  private ended = false;

  constructor(context: RunnerContext, sweep: SweepJob, onCreated: (job: StepJob) => void) {
    this.context = context;
    this.sweep = sweep;
    this.name = sweep.name;
    this.onCreated = onCreated;
  }

  async start(): Promise<void> {
    const { client, signal } = this.context;
    this.turn = this.guarded(async () => {
      this.log = await JobLog.open(client, this.name);
      this.sampler = samplerOf(this.sweep.properties, this.name);
      for await (const child of allPages((next) => client.listJobs({ parent: this.name, listViewType: 'All', top: 1000 }, next))) {
        // What ended before this runner came was told by the one before it.
        const index = this.remember(child);
        if (index !== undefined && isTerminal(child.properties.status!)) this.said.add(child.name);
        if (index !== undefined) await this.readMetric(index);
        this.onCreated(child);
      }
      const timeout = timeoutOf(this.sweep);
      if (timeout === undefined) return;
      const left = Math.max(0, Date.parse(this.sweep.properties.startedAt!) + timeout - Date.now());
      // Longer than a timer can count is longer than a runner lives.
      if (left < 2 ** 31) this.timer = setTimeout(() => void this.advance(), left + 1).unref();
      signal.addEventListener('abort', () => clearTimeout(this.timer));
    });
    await this.advance();
  }

  /** News of the sweep itself or of one of its trials. Settles when what follows from it was done. */
  update(job: StepJob): Promise<void> {
    return this.advance(async () => {
      if (job.name === this.name) {
        this.sweep = job as SweepJob;
        return;
      }
      const index = this.remember(job);
      if (index !== undefined && isTerminal(job.properties.status!)) await this.readMetric(index);
    });
  }

  /** A trial has logged metrics. */
  metric(change: Change): void {
    const index = trialIndex(this.name, change.id);
    if (index === undefined || !mayConcern(change, this.sweep.properties.objective.primaryMetric)) return;
    // Only a policy, and people, look at trials before their end.
    if (this.sweep.properties.earlyTermination) void this.advance(() => this.readMetric(index));
  }

  private remember(job: StepJob): number | undefined {
    const index = trialIndex(this.name, job.name);
    if (index !== undefined) this.jobs.set(index, job);
    return index;
  }

  private async readMetric(index: number): Promise<void> {
    const key = this.sweep.properties.objective.primaryMetric;
    const { series } = await this.context.client.metricSeries(trialName(this.name, index), [key], mostReports);
    this.reported.set(
      index,
      (series[0]?.values ?? []).map((value) => value ?? Number.NaN),
    );
  }

  private advance(first: () => Promise<void> = async () => {}): Promise<void> {
    this.turn = this.turn.then(() =>
      this.guarded(async () => {
        await first();
        await this.act();
      }),
    );
    return this.turn;
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      if (!this.ended && !this.context.signal.aborted) await work();
    } catch (error) {
      if (this.context.signal.aborted) return;
      if (!(error instanceof UserError)) this.context.logger.error(`sweep ${this.name}`, error);
      await this.fail(error);
    }
  }

  private trials(): Trial[] {
    return [...this.jobs].map(([index, { name, properties }]) => ({
      index,
      name,
      status: properties.status!,
      reported: this.reported.get(index) ?? [],
      error: properties.error,
    }));
  }

  private async act(): Promise<void> {
    const trials = this.trials();
    this.tell(trials);
    await this.noteBest(trials);
    const { create, stop, finish } = nextTrials(this.sweep, trials, this.sampler!.size, Date.now());
    for (const { name, why } of stop) {
      this.log!.line(`${name} is ended: ${why}.`);
      await this.context.client.patchJob(name, { tags: { early_termination: why } });
      await this.context.client.cancelJob(name);
      this.remember(await this.context.client.getJob(name));
    }
    for (const index of create) await this.create(index);
    if (finish) await this.finish(finish);
    // A trial that no runner had taken yet has ended at once.
    else if (stop.some(({ name }) => isTerminal(this.jobs.get(trialIndex(this.name, name)!)!.properties.status!))) await this.act();
  }

  private async create(index: number): Promise<void> {
    const { client } = this.context;
    const values = this.sampler!.values(index, this.observations());
    const name = trialName(this.name, index);
    const job = await client.putJob(name, trialProperties(this.sweep, index, values));
    await client.logBatch(name, { params: Object.entries(values).map(([key, value]) => ({ key, value: String(value) })) });
    this.log!.line(
      `${name}: ${Object.entries(values)
        .map(([key, value]) => `${key} = ${value}`)
        .join(', ')}`,
    );
    this.remember(job);
    this.onCreated(job);
  }

  private observations(): Observation[] {
    const goal = goalOf(this.sweep);
    return this.trials()
      .sort((a, b) => a.index - b.index)
      .flatMap((trial) => {
        const score = isTerminal(trial.status) ? scoreOf(trial, goal) : undefined;
        const text = this.jobs.get(trial.index)!.properties.properties?.hyperparameters;
        return score === undefined || !text
          ? []
          : [{ values: JSON.parse(text) as TrialValues, loss: goal === 'minimize' ? score : -score }];
      });
  }

  /** One line in the sweep's log for each trial that has ended. */
  private tell(trials: Trial[]): void {
    const { primaryMetric } = this.sweep.properties.objective;
    for (const trial of trials) {
      if (!isTerminal(trial.status) || this.said.has(trial.name)) continue;
      this.said.add(trial.name);
      const score = scoreOf(trial, goalOf(this.sweep));
      this.log!.line(
        `${trial.name} is ${trial.status}${score === undefined ? '' : `, ${primaryMetric} = ${score}`}${trial.error ? `: ${trial.error.message}` : ''}`,
      );
    }
  }

  /** The best trial so far shows while the sweep runs. */
  private async noteBest(trials: Trial[]): Promise<void> {
    const best = bestOf(trials, goalOf(this.sweep));
    if (!best || best.trial.name === this.best) return;
    this.best = best.trial.name;
    const properties = { [jobProperty.bestTrial]: best.trial.name, [jobProperty.bestScore]: String(best.score) };
    await this.report({ properties });
  }

  private report(change: Omit<JobReport, 'runnerId'>): Promise<Job> {
    return this.context.client.reportJob(this.name, { runnerId: this.context.runnerId, ...change });
  }

  private async finish({ status, error }: NonNullable<NextTrials['finish']>): Promise<void> {
    const { client } = this.context;
    const best = bestOf(this.trials(), goalOf(this.sweep));
    const { primaryMetric } = this.sweep.properties.objective;
    if (best) this.log!.line(`\nThe best trial is ${best.trial.name}: ${primaryMetric} = ${best.score}`);
    if (error) this.log!.line(`\n${error.message}`);
    await this.log!.flush();
    if (status === 'Completed' && best) {
      const winner = this.jobs.get(best.trial.index)!.properties;
      const outputs = Object.fromEntries(
        Object.entries(winner.outputs ?? {}).map(([name, output]) => {
          const { assetName, assetVersion } = this.sweep.properties.outputs?.[name] ?? {};
          return [name, { ...output, ...(assetName ? { assetName } : {}), ...(assetVersion ? { assetVersion } : {}) }];
        }),
      );
      const hashes = Object.fromEntries(Object.entries(winner.properties ?? {}).filter(([key]) => key.startsWith(jobProperty.contentHash)));
      const producers = Object.fromEntries(Object.keys(outputs).map((name) => [name, best.trial.name]));
      await registerOutputs(client, this.sweep, outputs, hashes, producers);
      await this.end({ status, outputs, properties: hashes });
    } else await this.end({ status, ...(error ? { error } : {}) });
  }

  private async end(change: Omit<JobReport, 'runnerId'>): Promise<void> {
    await this.report(change);
    this.ended = true;
    clearTimeout(this.timer);
  }

  private async fail(error: unknown): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    for (const job of this.jobs.values())
      if (!isTerminal(job.properties.status!)) await this.context.client.cancelJob(job.name).catch(() => {});
    const known = error instanceof UserError ? error : undefined;
    const reason: JobError = {
      code: known?.code ?? 'RemoteError',
      message: known?.message ?? messageOf(error),
      ...(known?.hint ? { hint: known.hint } : {}),
    };
    await this.report({ status: 'Failed', error: reason }).catch((failure) => this.context.logger.error(`sweep ${this.name}`, failure));
  }
}
