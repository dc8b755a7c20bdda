import { allPages } from '../../client/planeClient.ts';
import { registerOutputs } from '../../client/registerOutputs.ts';
import { isTerminal, type JobReport, jobProperty, type SweepJob } from '../../protocol/job.ts';
import type { ChildJob, Orchestration, OrchestrationContext } from '../orchestration.ts';
import { Turns } from '../turns.ts';
import { bestOf, goalOf, type NextTrials, nextTrials, scoreOf, type Trial, timeoutOf } from './nextTrials.ts';
import { type Sampler, samplerOf, type TrialValues } from './sampling.ts';
import { SweepLog } from './sweepLog.ts';
import type { Observation } from './tpe.ts';
import { trialIndex, trialName, trialProperties } from './trialJob.ts';

/** More points of a metric than this are not looked at one by one. */
const mostReports = 100_000;

/** One sweep job. */
export class SweepRun implements Orchestration {
  readonly name: string;
  /** Only a policy, and people, look at trials before their end. */
  readonly metric: Orchestration['metric'];
  private readonly context: OrchestrationContext;
  private readonly jobs = new Map<number, ChildJob>();
  private readonly reported = new Map<number, number[]>();
  /** Trials whose metric is to be read: it has news, or the trial has ended. */
  private readonly unread = new Set<number>();
  /** Values of trials that are being created. */
  private readonly drawn = new Map<number, TrialValues>();
  /** Trials whose end stands in the log. */
  private readonly told = new Set<string>();
  private readonly log: SweepLog;
  private readonly turns: Turns;
  private sweep: SweepJob;
  private sampler: Sampler | undefined;
  private timer: NodeJS.Timeout | undefined;
  private best: string | undefined;
  private isRead = false;
  private isEndTold = false;

  constructor(context: OrchestrationContext, sweep: SweepJob) {
    this.context = context;
    this.sweep = sweep;
    this.name = sweep.name;
    if (sweep.properties.earlyTermination) this.metric = (trial, keys) => this.hear(trial, keys);
    this.log = new SweepLog(context.client, this.name);
    this.turns = new Turns({ context, name: this.name, act: () => this.act(), children: () => this.jobs.values() });
    for (const signal of [context.signal, this.turns.signal]) signal.addEventListener('abort', () => clearTimeout(this.timer));
  }

  refresh(): void {
    this.isRead = false;
    this.turns.wake();
  }

  update(trial: ChildJob): void {
    this.remember(trial);
    this.turns.wake();
  }

  cancel(): void {
    this.sweep = { ...this.sweep, properties: { ...this.sweep.properties, status: 'CancelRequested' } };
    this.turns.wake();
  }

  dispose(): void {
    this.turns.end();
  }

  private hear(trial: string, keys: string[] | undefined): void {
    const index = trialIndex(this.name, trial);
    if (index === undefined || keys?.includes(this.sweep.properties.objective.primaryMetric) === false) return;
    this.unread.add(index);
    this.turns.wake();
  }

  private async read(): Promise<void> {
    const { client } = this.context;
    const isFirst = this.sampler === undefined;
    this.sampler ??= samplerOf(this.sweep.properties, this.name);
    for await (const child of allPages((next) => client.listJobs({ parent: this.name, listViewType: 'All', top: 1000 }, next))) {
      const index = this.remember(child);
      if (index === undefined) continue;
      this.unread.add(index);
      // What ended before this orchestrator came was told by the one before it.
      if (isFirst && isTerminal(child.properties.status!)) this.told.add(child.name);
    }
    this.isRead = true;
    const timeout = timeoutOf(this.sweep);
    if (timeout === undefined) return;
    const left = Math.max(0, Date.parse(this.sweep.properties.startedAt!) + timeout - Date.now());
    clearTimeout(this.timer);
    // Longer than a timer can count is longer than an orchestrator lives.
    if (left < 2 ** 31) this.timer = setTimeout(() => this.turns.wake(), left + 1).unref();
  }

  private remember(job: ChildJob): number | undefined {
    const index = trialIndex(this.name, job.name);
    if (index === undefined) return undefined;
    this.jobs.set(index, job);
    if (isTerminal(job.properties.status!)) this.unread.add(index);
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
    if (!this.isRead) await this.read();
    for (let isChanged = true; isChanged && !this.turns.signal.aborted; ) {
      for (const index of this.unread) {
        // News that comes while it is read counts for the next turn.
        this.unread.delete(index);
        await this.readMetric(index).catch((error) => {
          this.unread.add(index);
          throw error;
        });
      }
      const trials = this.trials();
      this.tell(trials);
      await this.noteBest(trials);
      const { create, stop, finish } = nextTrials(this.sweep, trials, this.sampler!.size, Date.now());
      for (const { name, why } of stop) await this.stop(name, why);
      for (const index of create) await this.create(index);
      if (finish) return this.finish(finish);
      await this.log.flush();
      // A trial that no runner had taken yet has ended at once.
      isChanged = stop.some(({ name }) => isTerminal(this.jobs.get(trialIndex(this.name, name)!)!.properties.status!));
    }
  }

  private async stop(name: string, why: string): Promise<void> {
    const { client } = this.context;
    await client.patchJob(name, { tags: { early_termination: why } });
    await client.cancelJob(name);
    this.log.line(`${name} is ended: ${why}.`);
    this.remember(await client.getJob(name));
  }

  private async create(index: number): Promise<void> {
    const { client } = this.context;
    // Tried again, it is the same trial, whatever became known meanwhile.
    const values = this.drawn.get(index) ?? this.sampler!.values(index, this.observations());
    this.drawn.set(index, values);
    const name = trialName(this.name, index);
    const job = await client.putJob(name, trialProperties(this.sweep, index, values));
    await client.logBatch(name, { params: Object.entries(values).map(([key, value]) => ({ key, value: String(value) })) });
    this.log.line(
      `${name}: ${Object.entries(values)
        .map(([key, value]) => `${key} = ${value}`)
        .join(', ')}`,
    );
    this.drawn.delete(index);
    this.remember(job);
    this.context.onCreated(job);
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
      if (!isTerminal(trial.status) || this.told.has(trial.name)) continue;
      this.told.add(trial.name);
      const score = scoreOf(trial, goalOf(this.sweep));
      this.log.line(
        `${trial.name} is ${trial.status}${score === undefined ? '' : `, ${primaryMetric} = ${score}`}${trial.error ? `: ${trial.error.message}` : ''}`,
      );
    }
  }

  /** The best trial so far shows while the sweep runs. */
  private async noteBest(trials: Trial[]): Promise<void> {
    const best = bestOf(trials, goalOf(this.sweep));
    if (!best || best.trial.name === this.best) return;
    const properties = { [jobProperty.bestTrial]: best.trial.name, [jobProperty.bestScore]: String(best.score) };
    await this.report({ properties });
    this.best = best.trial.name;
  }

  private report(change: Omit<JobReport, 'runnerId'>): Promise<void> {
    return this.context.client.reportJob(this.name, { runnerId: this.context.runnerId, ...change });
  }

  private async finish({ status, error }: NonNullable<NextTrials['finish']>): Promise<void> {
    const { client } = this.context;
    const best = bestOf(this.trials(), goalOf(this.sweep));
    const { primaryMetric } = this.sweep.properties.objective;
    if (best && !this.isEndTold) this.log.line(`\nThe best trial is ${best.trial.name}: ${primaryMetric} = ${best.score}`);
    if (error && !this.isEndTold) this.log.line(`\n${error.message}`);
    this.isEndTold = true;
    await this.log.flush();
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
    this.turns.end();
  }
}
