import path from 'node:path';
import { newJobName } from '../client/jobName.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { blobContainer, datastoreUri } from '../protocol/asset.ts';
import { type Job, jobProperty } from '../protocol/job.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { sendTo } from './destination.ts';
import type { Names } from './names.ts';
import { resolveJob } from './resolveJob.ts';

export interface SubmitOptions {
  client: PlaneClient;
  /** Path of the YAML file. */
  file: string;
  /** `a.b=value`, as `--set`. */
  overrides?: string[];
  name?: string;
  experiment?: string;
  displayName?: string;
  /** What assets and computes are called on the plane, where that is not what the file calls them. */
  names?: Names;
  onProgress?: (text: string) => void;
  signal?: AbortSignal;
}

/** Checks a job's YAML, uploads what it needs and creates the job. Throws `ValidationFailed` before anything was sent. */
export async function submitJob({
  client,
  file,
  name,
  onProgress = () => {},
  signal,
  ...changes
}: SubmitOptions): Promise<{ job: Job; diagnostics: Diagnostic[] }> {
  const destination = sendTo(client, { onProgress, signal });
  const { spec, text, properties, diagnostics } = await resolveJob({ client, file, destination, ...changes });
  const jobName = name ?? (spec.value.name ? String(spec.value.name) : newJobName());
  const yamlPath = `jobs/${jobName}/${path.basename(file)}`;
  await client.writeBlob(blobContainer, yamlPath, text);
  signal?.throwIfAborted();
  onProgress('Creating the job');
  const facts = { ...properties.properties, [jobProperty.submittedYaml]: datastoreUri(yamlPath) };
  return { job: await client.putJob(jobName, { ...properties, properties: facts }), diagnostics };
}
