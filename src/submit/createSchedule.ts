import path from 'node:path';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { jobProperty } from '../protocol/job.ts';
import type { Schedule } from '../protocol/schedule.ts';
import { kindFacts } from '../spec/kinds/all.ts';
import { armBodyOf } from '../spec/rest.ts';
import { scheduledJob } from '../spec/restSchedules.ts';
import { AssetUploader } from './assets.ts';
import { sendTo } from './destination.ts';
import { localFiles } from './localFiles.ts';
import { withUploads } from './uploadedPlaces.ts';
import { validSpec } from './validSpec.ts';

/**
 * Creates or replaces the schedule that a YAML file describes. The job that it starts is checked, and what it needs is uploaded, as for a submission: later
 * changes of its files change the schedule when it is created again. Throws `ValidationFailed` before anything was sent.
 */
export async function createSchedule(client: PlaneClient, file: string, overrides: string[] = []): Promise<Schedule> {
  const { spec } = validSpec(file, { overrides, kinds: ['schedule'], mustRunHere: true });
  if (spec?.kind !== 'schedule')
    throw new UserError('InvalidArgument', `${path.basename(file)} is ${spec ? kindFacts[spec.kind].title : 'none of ours'}.`, undefined, {
      file,
    });
  if (!spec.value.name) throw new UserError('MissingField', '"name" is missing.', 'Add "name:".', { file });
  const job = scheduledJob(spec.value.create_job, file).file;
  // It has its own mistakes, at its own lines.
  const { spec: scheduled } = job ? validSpec(job, { mustRunHere: true }) : {};
  if (scheduled?.kind === 'finetuningJob')
    throw new UserError(
      'UnsupportedKind',
      `${path.basename(job!)} is a fine-tuning job, which has no schedule of its own.`,
      'Write its pipeline to a folder with `updraft job pipeline`, and name that in "create_job".',
      { file },
    );
  const uploader = new AssetUploader(client, sendTo(client, { onProgress: () => {} }));
  const { properties } = await withUploads(uploader, (places) => armBodyOf(spec, localFiles, places)!);
  const { jobDefinition } = properties.action;
  // As of a job that is submitted from its file.
  if (job && !jobDefinition.experimentName) jobDefinition.experimentName = path.basename(path.dirname(job));
  // Where it was written, for whoever wants to change it.
  return client.putSchedule(String(spec.value.name), {
    ...properties,
    properties: { ...properties.properties, [jobProperty.submittedFile]: path.resolve(file) },
  });
}
