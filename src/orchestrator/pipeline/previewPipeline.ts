import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { assetId, parseAssetId } from '../../protocol/arm.ts';
import { datastoreUri } from '../../protocol/asset.ts';
import { type CommandJobProperties, isCommand, isPipeline, type Job, type JobProperties, type PipelineJob } from '../../protocol/job.ts';
import type { PreviewRequest, StepPreview } from '../../protocol/preview.ts';
import type { OrchestrationContext } from '../orchestration.ts';
import { EnvironmentContents } from './environmentContents.ts';
import { dependenciesOf } from './nextActions.ts';
import { pipelineOutputs } from './pipelineOutputs.ts';
import { type HashCache, hashOfFacts, type ReuseFacts, reuseFactsOf } from './reuse.ts';
import { type ComponentSpec, componentIdOf, type StepJob, stepProperties } from './stepJob.ts';

/** The completed job, with all its outputs, that has a reuse key: the plane knows it when it creates steps. */
type FindReusable = (key: string) => Promise<StepJob | undefined>;
export type Preview = (request: PreviewRequest, findReusable: FindReusable) => Promise<StepPreview[]>;
type Context = Pick<OrchestrationContext, 'client' | 'environments'> & { hashes: HashCache; findReusable: FindReusable };

/** What will become of each step of a pipeline, by the same rules by which it is run then. Creates and keeps nothing. */
export async function previewPipeline(plane: PlaneClient, request: PreviewRequest, findReusable: FindReusable): Promise<StepPreview[]> {
  const client = withPlanned(plane, request);
  const context: Context = { client, environments: new EnvironmentContents(client), hashes: new Map(), findReusable };
  const pipeline = { id: '', name: 'preview', type: '', properties: request.properties } satisfies PipelineJob;
  const previous = request.previous === undefined ? undefined : await plane.getJob(request.previous);
  return (await previewSteps(context, pipeline, previous, '')).steps;
}

async function previewSteps(
  context: Context,
  pipeline: PipelineJob,
  previous: Job | undefined,
  path: string,
): Promise<{ steps: StepPreview[]; children: ReadonlyMap<string, StepJob> }> {
  const { client } = context;
  const before = await childrenOf(client, previous);
  const children = new Map<string, StepJob>();
  const steps: StepPreview[] = [];
  for (const step of inOrder(pipeline)) {
    const { name, version } = parseAssetId(componentIdOf(pipeline.properties.jobs[step]!, step))!;
    const component = (await client.getAsset('components', name, version)).properties.componentSpec as ComponentSpec;
    const properties = stepProperties(pipeline, step, component, children);
    const own = path === '' ? step : `${path}/${step}`;
    const add = (preview: Pick<StepPreview, 'outlook' | 'why' | 'from'>, outputs: JobProperties['outputs'] = {}) => {
      steps.push({ path: own, ...preview, properties });
      // What is not there yet stands as the expression that means it.
      const places = Object.entries(properties.outputs ?? {}).map(([output, declared]) => [
        output,
        { ...declared, uri: `\${{parent.jobs.${step}.outputs.${output}}}`, ...outputs[output] },
      ]);
      const job = { name: own, properties: { ...properties, outputs: { ...Object.fromEntries(places), ...outputs } } };
      children.set(step, job as StepJob);
    };
    if (properties.jobType === 'Command') {
      const preview = await previewCommand(context, pipeline, component, properties, before.get(step));
      add(preview, preview.outputs);
    } else if (properties.jobType === 'Pipeline') {
      const nested = { id: '', name: own, type: '', properties };
      const inside = await previewSteps(context, nested, before.get(step), own);
      const outlooks = new Set(inside.steps.map(({ outlook }) => outlook));
      const outlook = outlooks.has('runs') ? 'runs' : outlooks.has('open') ? 'open' : 'reused';
      const why = { runs: 'some of its steps run', open: 'some of its steps wait for others', reused: 'all of its steps are reused' }[
        outlook
      ];
      const { outputs } = pipelineOutputs(nested, inside.children);
      // Inside, an expression means a step of the nested pipeline; seen from here it is the nested pipeline's own output.
      add({ outlook, why }, Object.fromEntries(Object.entries(outputs).filter(([, { uri }]) => !isOpen(uri))));
      steps.push(...inside.steps);
    } else add({ outlook: 'runs', why: 'a sweep is never reused' });
  }
  return { steps, children };
}

async function previewCommand(
  context: Context,
  pipeline: PipelineJob,
  component: ComponentSpec,
  properties: CommandJobProperties,
  before: Job | undefined,
): Promise<Pick<StepPreview, 'outlook' | 'why' | 'from'> & { outputs?: JobProperties['outputs'] }> {
  if (component.is_deterministic === false) return { outlook: 'runs', why: 'its component says is_deterministic: false' };
  if (pipeline.properties.settings?.force_rerun) return { outlook: 'runs', why: 'settings.force_rerun is on' };
  const waitsFor = Object.values(properties.inputs ?? {}).flatMap(({ uri }) => (isOpen(uri) ? [uri!.split('.')[2]!] : []));
  if (waitsFor.length > 0) return { outlook: 'open', why: `it reads what ${[...new Set(waitsFor)].join(' and ')} will write` };
  const facts = await reuseFactsOf(context, properties, context.hashes);
  const original = await context.findReusable(hashOfFacts(facts));
  if (original)
    return {
      outlook: 'reused',
      why: 'same code, command, environment and inputs',
      from: original.name,
      outputs: original.properties.outputs ?? {},
    };
  return { outlook: 'runs', why: await whatChanged(context, facts, before) };
}

/** What differs from the step's job in an earlier run. */
async function whatChanged(context: Context, facts: ReuseFacts, before: Job | undefined): Promise<string> {
  if (!before || !isCommand(before)) return 'it has not run before';
  const earlier = await reuseFactsOf(context, before.properties, context.hashes).catch(() => undefined);
  if (!earlier) return 'what it ran on before is no longer there';
  const inputs = new Map(earlier.inputs.map((each) => [each[0], JSON.stringify(each)]));
  const changed = [
    ...(['code', 'command', 'environment', 'distribution'] as const)
      .filter((part) => facts[part] !== earlier[part])
      .map((part) => `the ${part}`),
    ...facts.inputs.filter((each) => inputs.get(each[0]) !== JSON.stringify(each)).map(([name]) => `the input "${name}"`),
    ...(JSON.stringify(facts.variables) === JSON.stringify(earlier.variables) ? [] : ['an environment variable']),
    // Where a run has put an output is no wish of the step's.
    ...(outputTypesOf(facts) === outputTypesOf(earlier) ? [] : ['an output']),
  ];
  if (changed.length > 0) return `${changed.join(' and ')} changed`;
  const { status } = before.properties;
  if (status === 'Completed') return 'its earlier result is no longer there';
  return status === 'Failed' ? 'its last run failed' : status === 'Canceled' ? 'its last run was canceled' : 'its last run has not ended';
}

const outputTypesOf = ({ outputs }: ReuseFacts) => JSON.stringify(outputs.map(([name, type]) => [name, type]));
const isOpen = (uri: string | undefined): boolean => uri?.startsWith('${{') ?? false;

/** The steps, each behind those that it reads from. What waits for itself is left out: the checks say so. */
function inOrder({ properties: { jobs } }: PipelineJob): string[] {
  const done = new Set<string>();
  for (let count = -1; count !== done.size; ) {
    count = done.size;
    for (const [step, node] of Object.entries(jobs)) if ([...dependenciesOf(node)].every((each) => done.has(each))) done.add(step);
  }
  return [...done];
}

async function childrenOf(client: PlaneClient, job: Job | undefined): Promise<ReadonlyMap<string, Job>> {
  const children = new Map<string, Job>();
  if (!job || !isPipeline(job)) return children;
  for await (const child of allPages((next) => client.listJobs({ parent: job.name, listViewType: 'All', top: 1000 }, next)))
    if (child.properties.nodeName) children.set(child.properties.nodeName, child);
  return children;
}

/** The plane as it would be when all that is missing had been sent. */
function withPlanned(plane: PlaneClient, { assets, files }: PreviewRequest): PlaneClient {
  const planned: Pick<PlaneClient, 'getAsset' | 'listBlobs'> = {
    getAsset: async (kind, name, version) => {
      const id = assetId(plane.workspace, kind, name, version);
      const properties = assets[id];
      return properties ? ({ id, name: version, type: '', properties } as never) : plane.getAsset(kind, name, version);
    },
    listBlobs: async (container, prefix, options) => {
      const entries = files[datastoreUri(prefix)];
      return entries ? { entries } : plane.listBlobs(container, prefix, options);
    },
  };
  return Object.assign(Object.create(plane) as PlaneClient, planned);
}
