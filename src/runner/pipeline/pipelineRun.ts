import { messageOf, UserError } from '../../base/userError.ts';
import { allPages } from '../../client/planeClient.ts';
import { isTerminal, type JobProperties, jobProperty, mostNewSteps, type PipelineJob } from '../../protocol/job.ts';
import { registerOutputs } from '../registerOutputs.ts';
import type { RunnerContext } from '../runnerContext.ts';
import { nextActions } from './nextActions.ts';
import { pipelineOutputs } from './pipelineOutputs.ts';
import { type HashCache, reuseKeyOf } from './reuse.ts';
import { type ComponentSpec, componentIdOf, type StepJob, stepJobName, stepProperties } from './stepJob.ts';

/** One pipeline job that this runner orchestrates. All it remembers can be read again from the plane. */
export class PipelineRun {
  readonly name: string;
  private readonly context: RunnerContext;
  private readonly onCreated: (job: StepJob) => void;
  private readonly children = new Map<string, StepJob>();
  private readonly creating = new Set<string>();
  private readonly hashes: HashCache = new Map();
  private pipeline: PipelineJob;
  private turn: Promise<void> = Promise.resolve();
  private isTurnWaiting = false;
  private ended = false;

  constructor(context: RunnerContext, pipeline: PipelineJob, onCreated: (job: StepJob) => void) {
    this.context = context;
    this.pipeline = pipeline;
    this.name = pipeline.name;
    this.onCreated = onCreated;
  }

  async start(): Promise<void> {
    const { client } = this.context;
    for await (const child of allPages((next) => client.listJobs({ parent: this.name, listViewType: 'All', top: 1000 }, next)))
      this.created(child);
    await this.advance();
  }

  /** Whether a step's job is being created by this very run, which then tells of it. */
  isCreating(name: string): boolean {
    return this.creating.has(name);
  }

  /** News of the pipeline itself or of one of its steps. Settles when what follows from it was done. */
  update(job: StepJob): Promise<void> {
    if (job.name === this.name) this.pipeline = job as PipelineJob;
    else this.remember(job);
    return this.advance();
  }

  private remember(child: StepJob): void {
    if (child.properties.nodeName) this.children.set(child.properties.nodeName, child);
  }

  /** One turn at a time: each looks at what is known then. */
  private advance(): Promise<void> {
    if (this.isTurnWaiting) return this.turn;
    this.isTurnWaiting = true;
    this.turn = this.turn
      .then(() => {
        this.isTurnWaiting = false;
        return this.act();
      })
      .catch(async (error) => {
        if (this.context.signal.aborted) return;
        if (!(error instanceof UserError)) this.context.logger.error(`pipeline ${this.name}`, error);
        await this.fail(error);
      });
    return this.turn;
  }

  private async act(): Promise<void> {
    if (this.ended || this.context.signal.aborted) return;
    const { create, finish } = nextActions(this.pipeline, this.children);
    for (let at = 0; at < create.length; at += mostNewSteps) await this.createSteps(create.slice(at, at + mostNewSteps));
    if (finish) await this.finish(finish);
    else if (create.length) await this.act();
  }

  /** Creates the jobs of steps that are ready, in one request: those that ran before with the same result are there as `Completed` already. */
  private async createSteps(steps: string[]): Promise<void> {
    const { client, runnerId } = this.context;
    const ids = steps.map((step) => componentIdOf(this.pipeline.properties.jobs[step]!, step));
    const components = await this.context.components.get(ids);
    const jobs = await Promise.all(
      steps.map(async (step, index) => ({ name: stepJobName(this.name, step), properties: await this.step(step, components[index]!) })),
    );
    const reuse = !this.pipeline.properties.settings?.force_rerun;
    for (const { name } of jobs) this.creating.add(name);
    const created = await client.createSteps(this.name, { runnerId, reuse, steps: jobs }).finally(() => this.creating.clear());
    for (const [index, { name, properties }] of jobs.entries()) this.created({ name, properties: { ...properties, ...created[index] } });
  }

  /** The properties of a step's job, with its reuse key when the same step always has the same result. */
  private async step(step: string, component: ComponentSpec): Promise<JobProperties> {
    const properties = stepProperties(this.pipeline, step, component, this.children);
    if (component.is_deterministic === false || properties.jobType !== 'Command') return properties;
    const reuseKey = await reuseKeyOf(this.context, properties, this.hashes);
    return { ...properties, properties: { ...properties.properties, [jobProperty.reuseKey]: reuseKey } };
  }

  private created(job: StepJob): void {
    this.remember(job);
    this.onCreated(job);
  }

  private async finish(finish: NonNullable<ReturnType<typeof nextActions>['finish']>): Promise<void> {
    this.ended = true;
    const { client, runnerId } = this.context;
    if (finish.status !== 'Completed') {
      await client.reportJob(this.name, { runnerId, ...finish });
      return;
    }
    const { outputs, hashes, producers } = pipelineOutputs(this.pipeline, this.children);
    await registerOutputs(client, this.pipeline, outputs, hashes, producers);
    await client.reportJob(this.name, { runnerId, status: 'Completed', outputs, properties: hashes });
  }

  private async fail(error: unknown): Promise<void> {
    this.ended = true;
    const { client, runnerId } = this.context;
    for (const child of this.children.values())
      if (!isTerminal(child.properties.status!)) await client.cancelJob(child.name).catch(() => {});
    const known = error instanceof UserError ? error : undefined;
    await client
      .reportJob(this.name, {
        runnerId,
        status: 'Failed',
        error: {
          code: known?.code ?? 'RemoteError',
          message: messageOf(known ? known.message : error),
          ...(known?.hint ? { hint: known.hint } : {}),
        },
      })
      .catch((failure) => this.context.logger.error(`pipeline ${this.name}`, failure));
  }
}
