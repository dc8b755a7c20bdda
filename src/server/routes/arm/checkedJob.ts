import type { TSchema } from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { parseAssetId, type WorkspaceRef } from '../../../protocol/arm.ts';
import { check } from '../../../protocol/check.ts';
import { CommandJobProperties, JobProperties, PipelineJobProperties, SweepJobProperties } from '../../../protocol/job.ts';
import type { StoreReader } from '../../../store/store.ts';
import { withoutNulls } from './request.ts';

/** The properties of a job that is to be created: of a kind that runs here, and valid. Throws `UnsupportedKind`, `InvalidRequest` or `AssetNotFound`. */
export async function checkedJob(properties: unknown, ref: WorkspaceRef, store: StoreReader): Promise<JobProperties> {
  const given = withoutNulls(properties) as Record<string, unknown> | undefined;
  mustBeSupported(given);
  const job = check(schemaOf(given?.jobType), given, 'The job') as JobProperties;
  // A pipeline that is one component and nothing else has that component's steps.
  const id = job.jobType === 'Pipeline' && Object.keys(job.jobs).length === 0 ? parseAssetId(job.componentId ?? '') : undefined;
  if (!id) return job;
  const found = await store.resource('components', id.name, id.version);
  const jobs = (found?.properties.componentSpec as { jobs?: PipelineJobProperties['jobs'] } | undefined)?.jobs;
  if (!jobs)
    throw new UserError('AssetNotFound', `There is no pipeline component "${id.name}:${id.version}" in the workspace ${ref.workspace}.`);
  return { ...job, jobs } as JobProperties;
}

/** Kinds of Azure ML that this machine can't run. They are refused at once, rather than kept as jobs that never start. */
const refusedJobs = ['Spark', 'AutoML', 'FineTuning', 'Labeling', 'Distillation'];
/** The kinds of steps that run; the others would leave their pipeline waiting. */
const steps = ['command', 'pipeline', 'sweep'];

function mustBeSupported(given: Record<string, unknown> | undefined): void {
  const hint = 'It runs command, pipeline and sweep jobs. docs/azure.md lists what is left out.';
  if (refusedJobs.includes(String(given?.jobType)))
    throw new UserError('UnsupportedKind', `${given!.jobType} jobs are not run by this control plane.`, hint);
  if (given?.jobType !== 'Pipeline' || typeof given.jobs !== 'object' || given.jobs === null) return;
  for (const [name, node] of Object.entries(given.jobs as Record<string, { type?: unknown } | undefined>)) {
    const type = node?.type ?? 'command';
    if (typeof type === 'string' && !steps.includes(type))
      throw new UserError(
        'UnsupportedKind',
        `The step "${name}" is of the type "${type.slice(0, 50)}", which is not run by this control plane.`,
        hint,
      );
  }
}

/** The one schema of a job's kind, so that an error names the place and not the kinds. */
function schemaOf(jobType: unknown): TSchema {
  return { Command: CommandJobProperties, Pipeline: PipelineJobProperties, Sweep: SweepJobProperties }[String(jobType)] ?? JobProperties;
}
