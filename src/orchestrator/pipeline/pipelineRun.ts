import { allPages } from '../../client/planeClient.ts';
import { registerOutputs } from '../../client/registerOutputs.ts';
import { isTerminal, type JobProperties, jobProperty, mostNewSteps, type PipelineJob } from '../../protocol/job.ts';
import type { Orchestration, OrchestrationContext } from '../orchestration.ts';
import { Turns } from '../turns.ts';
import { nextActions } from './nextActions.ts';
import { pipelineOutputs } from './pipelineOutputs.ts';
import { type HashCache, reuseKeyOf } from './reuse.ts';
import { type ComponentSpec, componentIdOf, type StepJob, stepJobName, stepProperties } from './stepJob.ts';

/** One pipeline job. */
export class PipelineRun implements Orchestration {
  readonly name: string;
  private readonly context: OrchestrationContext;
  private readonly children = new Map<string, StepJob>();
  private readonly creating = new Set<string>();
  private readonly hashes: HashCache = new Map();
  private readonly turns: Turns;
  private pipeline: PipelineJob;
  private isRead = false;

  constructor(context: OrchestrationContext, pipeline: PipelineJob) {
    this.context = context;
    this.pipeline = pipeline;
    this.name = pipeline.name;
    this.turns = new Turns({ context, name: this.name, act: () => this.act(), children: () => this.children.values() });
  }

  refresh(): void {
    this.isRead = false;
    this.turns.wake();
  }

  isOwnCreation(name: string): boolean {
    return this.creating.delete(name);
  }

  update(step: StepJob): void {
    this.remember(step);
    // What comes next depends on ends alone.
    if (isTerminal(step.properties.status!)) this.turns.wake();
  }

  cancel(): void {
    // The steps were canceled with it, and that may have been told before they were known.
    this.isRead = false;
    this.pipeline = { ...this.pipeline, properties: { ...this.pipeline.properties, status: 'CancelRequested' } };
    this.turns.wake();
  }

  dispose(): void {
    this.turns.end();
  }

  private remember(child: StepJob): void {
    if (child.properties.nodeName) this.children.set(child.properties.nodeName, child);
  }

  private async act(): Promise<void> {
    if (!this.isRead) await this.read();
    for (;;) {
      const { create, finish } = nextActions(this.pipeline, this.children);
      for (let at = 0; at < create.length; at += mostNewSteps) await this.createSteps(create.slice(at, at + mostNewSteps));
      if (finish?.status === 'Failed' && (await this.isCanceled())) this.cancel();
      else if (finish) return this.finish(finish);
      if ((!create.length && !finish) || this.turns.signal.aborted) return;
    }
  }

  /** A step that was canceled may be heard of before the cancel of its pipeline is. */
  private async isCanceled(): Promise<boolean> {
    return (await this.context.client.getJob(this.name)).properties.status === 'CancelRequested';
  }

  /** The steps that there are already: those of an earlier orchestrator, or all when news may have been missed. */
  private async read(): Promise<void> {
    const { client } = this.context;
    for await (const child of allPages((next) => client.listJobs({ parent: this.name, listViewType: 'All', top: 1000 }, next)))
      this.remember(child);
    this.isRead = true;
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
    for (const [index, { name, properties }] of jobs.entries()) {
      const job = { name, properties: { ...properties, ...created[index] } };
      // What was heard of it meanwhile is newer than the answer.
      if (!this.children.has(properties.nodeName!)) this.remember(job);
      this.context.onCreated(job);
    }
  }

  /** The properties of a step's job, with its reuse key when the same step always has the same result. */
  private async step(step: string, component: ComponentSpec): Promise<JobProperties> {
    const properties = stepProperties(this.pipeline, step, component, this.children);
    if (component.is_deterministic === false || properties.jobType !== 'Command') return properties;
    const reuseKey = await reuseKeyOf(this.context, properties, this.hashes);
    return { ...properties, properties: { ...properties.properties, [jobProperty.reuseKey]: reuseKey } };
  }

  private async finish(finish: NonNullable<ReturnType<typeof nextActions>['finish']>): Promise<void> {
    const { client, runnerId } = this.context;
    if (finish.status === 'Completed') {
      const { outputs, hashes, producers } = pipelineOutputs(this.pipeline, this.children);
      await registerOutputs(client, this.pipeline, outputs, hashes, producers);
      // A pipeline without outputs is as it was, and not written anew.
      const results = Object.keys(outputs).length ? { outputs, properties: hashes } : {};
      await client.reportJob(this.name, { runnerId, status: 'Completed', ...results });
    } else await client.reportJob(this.name, { runnerId, ...finish });
    this.turns.end();
  }
}
