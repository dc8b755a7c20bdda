import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { newJobName } from '../client/jobName.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { blobContainer, datastoreUri } from '../protocol/asset.ts';
import { check } from '../protocol/check.ts';
import { type Job, JobProperties, jobProperty } from '../protocol/job.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { isJobKind } from '../spec/kind.ts';
import { kindFacts } from '../spec/kinds/all.ts';
import { loadSpec } from '../spec/load.ts';
import { restOf } from '../spec/rest.ts';
import { setValue } from '../spec/setValue.ts';
import { AssetUploader } from './assets.ts';
import { gitFacts } from './gitFacts.ts';
import { localFiles } from './localFiles.ts';
import { withUploads } from './uploadedPlaces.ts';
import { ValidationFailed } from './validationFailed.ts';

export interface SubmitOptions {
  client: PlaneClient;
  /** Path of the YAML file. */
  file: string;
  /** `a.b=value`, as `--set`. */
  overrides?: string[];
  name?: string;
  experiment?: string;
  displayName?: string;
  onProgress?: (text: string) => void;
  signal?: AbortSignal;
}

/** Checks a job's YAML, uploads what it needs and creates the job. Throws `ValidationFailed` before anything was sent. */
export async function submitJob({
  client,
  file,
  overrides = [],
  name,
  experiment,
  displayName,
  onProgress = () => {},
  signal,
}: SubmitOptions): Promise<{ job: Job; diagnostics: Diagnostic[] }> {
  const absolute = path.resolve(file);
  const original = localFiles.readText(absolute);
  const text = original === undefined ? undefined : overrides.reduce(setValue, original);
  const { spec, diagnostics } = loadSpec(absolute, localFiles, { mustBeOurs: true, toRun: true, ...(text === undefined ? {} : { text }) });
  if (diagnostics.some((each) => each.severity === 'error')) throw new ValidationFailed(absolute, diagnostics);
  if (!spec || !isJobKind(spec.kind))
    throw new UserError(
      'InvalidArgument',
      `${path.basename(file)} is ${spec ? kindFacts[spec.kind].title : 'no job'}.`,
      'Submit the YAML of a command, sweep or pipeline job.',
      { file: absolute },
    );

  const { value } = spec;
  const uploader = new AssetUploader(client, { onProgress, signal });
  const body = await withUploads(uploader, (places) => restOf(spec, localFiles, places)!.properties);
  let properties: JobProperties = check(JobProperties, body, path.basename(file));

  const jobName = name ?? (value.name ? String(value.name) : newJobName());
  const yamlPath = `jobs/${jobName}/${path.basename(file)}`;
  await client.writeBlob(blobContainer, yamlPath, text!);
  properties = {
    ...properties,
    experimentName: experiment ?? properties.experimentName ?? path.basename(path.dirname(absolute)),
    ...(displayName ? { displayName } : {}),
    properties: {
      ...properties.properties,
      ...(await gitFacts(path.dirname(absolute))),
      [jobProperty.submittedYaml]: datastoreUri(yamlPath),
      [jobProperty.submittedFile]: absolute,
    },
  };
  signal?.throwIfAborted();
  onProgress('Creating the job');
  return { job: await client.putJob(jobName, properties), diagnostics };
}
