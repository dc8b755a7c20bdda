import path from 'node:path';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { check } from '../protocol/check.ts';
import { JobProperties, jobProperty } from '../protocol/job.ts';
import { typesThatRun } from '../protocol/jobTypes.ts';
import type { Diagnostic, FileSource } from '../spec/diagnostic.ts';
import { isRunnableJob } from '../spec/kind.ts';
import { kindFacts } from '../spec/kinds/all.ts';
import type { Spec } from '../spec/load.ts';
import { armBodyOf } from '../spec/rest.ts';
import { AssetUploader } from './assets.ts';
import type { Destination } from './destination.ts';
import { pipelineOf } from './fineTuning/pipelineOf.ts';
import { gitFacts } from './gitFacts.ts';
import { localFiles } from './localFiles.ts';
import { type Names, namesOf } from './names.ts';
import { withUploads } from './uploadedPlaces.ts';
import { validSpec } from './validSpec.ts';

export interface ResolveOptions {
  client: PlaneClient;
  /** Path of the YAML file. */
  file: string;
  /** What the job needs goes there first. */
  destination: Destination;
  /** Where files are read: as they are on disk, when absent. */
  files?: FileSource;
  /** What assets and computes are called there; those of the workspace itself when absent. */
  names?: Names | undefined;
  /** `a.b=value`, as `--set`. */
  overrides?: string[];
  experiment?: string | undefined;
  displayName?: string | undefined;
}

/** A file's job as the plane takes it. */
export interface ResolvedJob {
  spec: Spec;
  /** The YAML, overrides included. */
  text: string;
  properties: JobProperties;
  diagnostics: Diagnostic[];
}

/** Checks a job's YAML, puts what it needs at its destination, and answers the job with ids and uris in place of names and paths. Throws `ValidationFailed` before anything was put. */
export async function resolveJob({
  client,
  file,
  destination,
  files = localFiles,
  names = namesOf(client),
  overrides = [],
  experiment,
  displayName,
}: ResolveOptions): Promise<ResolvedJob> {
  const absolute = path.resolve(file);
  const { spec, text, diagnostics } = validSpec(absolute, { files, overrides, mustRunHere: true });
  if (!spec || !isRunnableJob(spec.kind))
    throw new UserError(
      'InvalidArgument',
      `${path.basename(file)} is ${spec ? kindFacts[spec.kind].title : 'no job'}.`,
      `Submit the YAML of a ${typesThatRun('or')} job.`,
      { file: absolute },
    );

  const sent = spec.kind === 'finetuningJob' ? pipelineOf(spec, files) : { spec, files };
  const uploader = new AssetUploader(client, destination, sent.files, names);
  const body = await withUploads(uploader, (places) => armBodyOf(sent.spec, sent.files, places)!.properties);
  const properties: JobProperties = check(JobProperties, body, path.basename(file));
  // Azure's clients send it as a name, where all other computes are ids.
  if (properties.jobType === 'Pipeline' && typeof properties.settings?.default_compute === 'string')
    properties.settings.default_compute = names.compute(properties.settings.default_compute);
  return {
    spec,
    text: text!,
    diagnostics,
    properties: {
      ...properties,
      experimentName: experiment ?? properties.experimentName ?? path.basename(path.dirname(absolute)),
      ...(displayName ? { displayName } : {}),
      properties: { ...properties.properties, ...(await gitFacts(path.dirname(absolute))), [jobProperty.submittedFile]: absolute },
    },
  };
}
