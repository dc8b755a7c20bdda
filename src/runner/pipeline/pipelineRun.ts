import { messageOf, UserError } from '../../base/userError.ts';
import { allPages } from '../../client/planeClient.ts';
import { datastoreUri } from '../../protocol/asset.ts';
import {
  type CommandJobProperties,
  isTerminal,
  type Job,
  type JobOutput,
  type JobProperties,
  jobProperty,
  type PipelineJob,
} from '../../protocol/job.ts';
import { wholeExpression } from '../../spec/expression.ts';
import { registerOutputs } from '../registerOutputs.ts';
import type { RunnerContext } from '../runnerContext.ts';
import { nextActions } from './nextActions.ts';
import { findReusable, type HashCache, reuseKeyOf } from './reuse.ts';
import { type ComponentSpec, componentOf, stepJobName, stepProperties } from './stepJob.ts';

/** One pipeline job that this runner orchestrates. All it remembers can be read again from the plane. */
export class PipelineRun {
  readonly name: string;
  private readonly context: RunnerContext;
  private readonly onCreated: (job: Job) => void;
  private readonly children = new Map<string, Job>();
  private readonly components = new Map<string, Promise<ComponentSpec>>();
  private readonly hashes: HashCache = new Map();
  private pipeline: PipelineJob;
  private turn: Promise<void> = Promise.resolve();
  private isTurnWaiting = false;
  private ended = false;

  constructor(context: RunnerContext, pipeline: PipelineJob, onCreated: (job: Job) => void) {
    this.context = context;
    this.pipeline = pipeline;
    this.name = pipeline.name;
    this.onCreated = onCreated;
  }

  async start(): Promise<void> {
    const { client, runnerId } = this.context;
    for await (const child of allPages((next) => client.listJobs({ parent: this.name, listViewType: 'All', top: 1000 }, next)))
      this.created(child);
    if (this.pipeline.properties.status !== 'CancelRequested') await client.reportJob(this.name, { runnerId, status: 'Running' });
    await this.advance();
  }

  /** News of the pipeline itself or of one of its steps. Settles when what follows from it was done. */
  update(job: Job): Promise<void> {
    if (job.name === this.name) this.pipeline = job as PipelineJob;
    else this.remember(job);
    return this.advance();
  }

  private remember(child: Job): void {
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
    await Promise.all(create.map((step) => this.createStep(step)));
    if (finish) await this.finish(finish);
    else if (create.length) await this.act();
  }

  private async createStep(step: string): Promise<void> {
    const { client, runnerId } = this.context;
    const component = await this.component(step);
    const properties = stepProperties(this.pipeline, step, component, this.children);
    const name = stepJobName(this.name, step);
    const isDeterministic = component.is_deterministic !== false && properties.jobType === 'Command';
    if (!isDeterministic) return this.created(await client.putJob(name, properties));
    const key = await reuseKeyOf(this.context, properties as CommandJobProperties, this.hashes);
    const original = this.pipeline.properties.settings?.force_rerun ? undefined : await findReusable(client, key);
    if (!original) return this.created(await client.putJob(name, withFacts(properties, { [jobProperty.reuseKey]: key })));
    const facts = { [jobProperty.isReused]: 'true', [jobProperty.reusedFrom]: original.name, ...contentHashes(original) };
    await client.putJob(
      name,
      withFacts({ ...properties, outputs: { ...properties.outputs, ...original.properties.outputs } } as JobProperties, facts),
    );
    await client.claimJob(name, { runnerId });
    this.remember(await client.reportJob(name, { runnerId, status: 'Completed' }));
  }

  private created(job: Job): void {
    this.remember(job);
    this.onCreated(job);
  }

  private component(step: string): Promise<ComponentSpec> {
    const node = this.pipeline.properties.jobs[step]!;
    const { name, version } = componentOf(node, step);
    const key = `${name}:${version}`;
    let spec = this.components.get(key);
    if (!spec)
      this.components.set(
        key,
        (spec = this.context.client.getAsset('components', name, version).then((found) => found.properties.componentSpec as ComponentSpec)),
      );
    return spec;
  }

  private async finish(finish: NonNullable<ReturnType<typeof nextActions>['finish']>): Promise<void> {
    this.ended = true;
    const { client, runnerId } = this.context;
    if (finish.status !== 'Completed') {
      await client.reportJob(this.name, { runnerId, ...finish });
      return;
    }
    const { outputs, hashes, producers } = this.outputs();
    await registerOutputs(client, this.pipeline, outputs, hashes, producers);
    await client.reportJob(this.name, { runnerId, status: 'Completed', outputs, properties: hashes });
  }

  /** The pipeline's outputs are those of the steps that are bound to them. */
  private outputs(): { outputs: Record<string, JobOutput>; hashes: Record<string, string>; producers: Record<string, string> } {
    const outputs: Record<string, JobOutput> = {};
    const hashes: Record<string, string> = {};
    const producers: Record<string, string> = {};
    for (const [step, node] of Object.entries(this.pipeline.properties.jobs)) {
      for (const [output, binding] of Object.entries(node.outputs ?? {})) {
        const path = wholeExpression(binding.value ?? '');
        if (path?.[0] !== 'parent' || path[1] !== 'outputs') continue;
        const name = path.slice(2).join('.');
        const child = this.children.get(step);
        const from = child?.properties.outputs?.[output];
        if (!child || !from) continue;
        const declared = this.pipeline.properties.outputs?.[name];
        outputs[name] = { ...from, ...declared, uri: from.uri ?? datastoreUri(`azureml/${child.name}/${output}/`) };
        hashes[`updraft.contenthash.${name}`] = child.properties.properties?.[`updraft.contenthash.${output}`] ?? '';
        producers[name] = child.properties.properties?.[jobProperty.reusedFrom] ?? child.name;
      }
    }
    return { outputs, hashes, producers };
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

function withFacts(properties: JobProperties, facts: Record<string, string>): JobProperties {
  return { ...properties, properties: { ...properties.properties, ...facts } };
}

function contentHashes(job: Job): Record<string, string> {
  return Object.fromEntries(Object.entries(job.properties.properties ?? {}).filter(([key]) => key.startsWith('updraft.contenthash.')));
}
