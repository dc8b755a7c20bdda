import path from 'node:path';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { Schedule } from '../protocol/schedule.ts';
import { kindFacts } from '../spec/kinds/all.ts';
import { loadSpec } from '../spec/load.ts';
import { beside, isLocalPath } from '../spec/paths.ts';
import { restOf } from '../spec/rest.ts';
import { setValue } from '../spec/setValue.ts';
import { AssetUploader } from './assets.ts';
import { sendTo } from './destination.ts';
import { localFiles } from './localFiles.ts';
import { withUploads } from './uploadedPlaces.ts';
import { ValidationFailed } from './validationFailed.ts';

/**
 * Creates or replaces the schedule that a YAML file describes. The job that it starts is checked, and what it needs is uploaded, as for a submission: later
 * changes of its files change the schedule when it is created again. Throws `ValidationFailed` before anything was sent.
 */
export async function createSchedule(client: PlaneClient, file: string, overrides: string[] = []): Promise<Schedule> {
  const original = localFiles.readText(file);
  const text = original === undefined ? undefined : overrides.reduce(setValue, original);
  const { spec, diagnostics } = loadSpec(file, localFiles, { mustBeOurs: true, toRun: true, ...(text === undefined ? {} : { text }) });
  if (diagnostics.some((each) => each.severity === 'error')) throw new ValidationFailed(file, diagnostics);
  if (spec?.kind !== 'schedule')
    throw new UserError('InvalidArgument', `${path.basename(file)} is ${spec ? kindFacts[spec.kind].title : 'none of ours'}.`, undefined, {
      file,
    });
  if (!spec.value.name) throw new UserError('MissingField', '"name" is missing.', 'Add "name:".', { file });
  const job = jobFileOf(spec.value.create_job, file);
  if (job) checkJob(job);
  const uploader = new AssetUploader(client, sendTo(client, { onProgress: () => {} }));
  const { properties } = await withUploads(uploader, (places) => restOf(spec, localFiles, places)!);
  const { jobDefinition } = properties.action;
  // As of a job that is submitted from its file.
  if (job && !jobDefinition.experimentName) jobDefinition.experimentName = path.basename(path.dirname(job));
  return client.putSchedule(String(spec.value.name), properties);
}

/** The file of the job that a schedule starts; undefined for a job that ran. */
function jobFileOf(createJob: unknown, file: string): string | undefined {
  const reference = typeof createJob === 'string' ? createJob : (createJob as { job?: unknown } | undefined)?.job;
  return typeof reference === 'string' && isLocalPath(reference) ? beside(file, reference) : undefined;
}

/** The file of the job has its own mistakes, at its own lines. */
function checkJob(file: string): void {
  const { diagnostics } = loadSpec(file, localFiles, { mustBeOurs: true, toRun: true });
  if (diagnostics.some((each) => each.severity === 'error')) throw new ValidationFailed(file, diagnostics);
}
