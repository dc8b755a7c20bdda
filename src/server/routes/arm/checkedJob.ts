import { UserError } from '../../../base/userError.ts';
import { parseAssetId, type WorkspaceRef } from '../../../protocol/arm.ts';
import { check } from '../../../protocol/check.ts';
import { hasWork, type JobOutput, JobProperties, type PipelineJobProperties } from '../../../protocol/job.ts';
import { defaultDatastoreOf, filledOutputUri } from '../../../protocol/jobPlaces.ts';
import { jobTypeOf, planeRefusalOf, stepRefusalOf } from '../../../protocol/jobTypes.ts';
import type { StoreReader } from '../../../store/store.ts';
import { withoutNulls } from './request.ts';

/** The properties of a job that is to be created: of a kind that runs here, and valid. Throws `UnsupportedKind`, `InvalidRequest` or `AssetNotFound`. */
export async function checkedJob(properties: unknown, ref: WorkspaceRef, store: StoreReader): Promise<JobProperties> {
  const given = withoutNulls(properties) as Record<string, unknown> | undefined;
  mustRunHere(given);
  // The one schema of the job's type, so that an error names the place and not the types.
  const job = check(jobTypeOf(given?.jobType)?.schema ?? JobProperties, given, 'The job') as JobProperties;
  // A pipeline that is one component and nothing else has that component's steps.
  const id = job.jobType === 'Pipeline' && Object.keys(job.jobs).length === 0 ? parseAssetId(job.componentId ?? '') : undefined;
  if (!id) return job;
  const found = await store.resource('components', id.name, id.version);
  const jobs = (found?.properties.componentSpec as { jobs?: PipelineJobProperties['jobs'] } | undefined)?.jobs;
  if (!jobs)
    throw new UserError('AssetNotFound', `There is no pipeline component "${id.name}:${id.version}" in the workspace ${ref.workspace}.`);
  return { ...job, jobs } as JobProperties;
}

/** A new job must have something to run: without a command it would be queued for ever. Throws `InvalidRequest`. */
export function mustHaveWork(properties: JobProperties): void {
  if (!hasWork({ properties }))
    throw new UserError(
      'InvalidRequest',
      'The job has no command, so there is nothing to run.',
      'A run that a script has made can not be run again from here: run its script, or submit the job that started it.',
    );
}

/** The properties with the addresses of outputs filled in, so that jobs of one file do not write over each other. `name`: the job's. */
export function withOutputPlaces<T extends JobProperties>(properties: T, name: string): T {
  // Each trial of a sweep has its own.
  if (!properties.outputs || properties.jobType === 'Sweep') return properties;
  const datastore = properties.jobType === 'Pipeline' ? defaultDatastoreOf(properties.settings) : undefined;
  const filled = Object.entries(properties.outputs).map(([output, each]): [string, JobOutput] => [
    output,
    each.uri ? { ...each, uri: filledOutputUri(each.uri, { name, output, datastore }) } : each,
  ]);
  return { ...properties, outputs: Object.fromEntries(filled) };
}

/** What this plane can't run is refused at once, rather than kept as a job that never starts or a pipeline that waits for ever. */
function mustRunHere(given: Record<string, unknown> | undefined): void {
  const type = jobTypeOf(given?.jobType);
  const refusal = type && planeRefusalOf(type);
  if (refusal) throw new UserError('UnsupportedKind', refusal.message, refusal.hint);
  if (given?.jobType !== 'Pipeline' || typeof given.jobs !== 'object' || given.jobs === null) return;
  for (const [name, node] of Object.entries(given.jobs as Record<string, { type?: unknown } | undefined>)) {
    const stepType = node?.type ?? 'command';
    const stepRefusal = typeof stepType === 'string' ? stepRefusalOf(name, stepType) : undefined;
    if (stepRefusal) throw new UserError('UnsupportedKind', stepRefusal.message, stepRefusal.hint);
  }
}
