import { UserError } from '../../base/userError.ts';
import { listAudit } from '../../client/audit.ts';
import { listComments } from '../../client/comments.ts';
import { filesOf } from '../../client/filesOf.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { parseAssetId } from '../../protocol/arm.ts';
import { type EnvironmentVersion, type ModelVersion, runOf } from '../../protocol/asset.ts';
import type { AuditLine } from '../../protocol/audit.ts';
import type { Comment } from '../../protocol/comment.ts';
import type { Job } from '../../protocol/job.ts';
import { packagesFile } from '../../protocol/jobPlaces.ts';

/** A file by its content: `sha256` is absent where the plane does not keep it. */
export interface ReportFile {
  path: string;
  size: number | undefined;
  sha256: string | undefined;
}

/** Files of an address; `count` is how many there are, where not all are listed. `note` says why there are none. */
export interface ReportFiles {
  files: ReportFile[];
  count: number;
  note?: string;
}

/** A job that has a part in a model: what ran, on what, with what. */
export interface ReportJob {
  job: Job;
  params: [string, string][];
  metrics: [string, number][];
  inputs: { name: string; uri: string; files: ReportFiles }[];
  /** The files of its code, by content. */
  code: ReportFiles;
  environment: EnvironmentVersion | undefined;
  /** What its environment really had, as a requirements file. */
  packages: string | undefined;
}

/** All that the plane knows of how a version of a model came to be. */
export interface ModelReport {
  name: string;
  version: ModelVersion;
  files: ReportFiles;
  /** The pipeline, or the single job, that made it; absent where it was registered from elsewhere. */
  origin: Job | undefined;
  /** The steps of the pipeline, in the order in which they began; or the single job. */
  jobs: ReportJob[];
  /** What people wrote about the model and this version of it, the oldest first. */
  comments: Comment[];
  /** Lines of the audit log that name the model, or why there are none. */
  audit: AuditLine[] | string;
}

const mostFiles = 200;
const mostSteps = 100;
const mostAudit = 200;

/** Reads it. What was deleted since, or is not shown to who asks, is left out and said. */
export async function readReport(client: PlaneClient, name: string, version: ModelVersion): Promise<ModelReport> {
  const producer = runOf(version);
  const job = producer === undefined ? undefined : await client.getJob(producer).catch(unlessMissing<Job>);
  const parent = job?.properties.parentJobName ?? (job?.properties.jobType === 'Pipeline' ? job.name : undefined);
  const origin = parent === undefined || parent === job?.name ? job : await client.getJob(parent).catch(unlessMissing<Job>);
  const steps = origin?.properties.jobType === 'Pipeline' ? await stepsOf(client, origin.name) : job ? [job] : [];
  return {
    name,
    version,
    files: await readFiles(client, version.properties.modelUri),
    origin,
    jobs: await Promise.all(steps.map((step) => readJob(client, step))),
    comments: await readComments(client, name, version.name),
    audit: await readAudit(client, name),
  };
}

async function stepsOf(client: PlaneClient, parent: string): Promise<Job[]> {
  const steps: Job[] = [];
  for await (const step of allPages((next) => client.listJobs({ parent, listViewType: 'All' }, next))) {
    steps.push(step);
    if (steps.length === mostSteps) break;
  }
  const began = ({ properties: { startedAt } }: Job) => startedAt ?? '';
  return steps.sort((one, other) => began(one).localeCompare(began(other)));
}

async function readJob(client: PlaneClient, job: Job): Promise<ReportJob> {
  const { inputs = {} } = job.properties;
  const command = job.properties.jobType === 'Command' ? job.properties : undefined;
  const codeId = command?.codeId ? parseAssetId(command.codeId) : undefined;
  const environmentId = command && parseAssetId(command.environmentId);
  const [run, code, environment, packages, read] = await Promise.all([
    client.getRun(job.name).then((answer) => answer.run, unlessMissing<undefined>),
    codeId && client.getAsset('codes', codeId.name, codeId.version).catch(unlessMissing<undefined>),
    environmentId && client.getAsset('environments', environmentId.name, environmentId.version).catch(unlessMissing<undefined>),
    client.readArtifact(job.name, packagesFile).then((file) => file.text(), unlessMissing<undefined>),
    Promise.all(
      Object.entries(inputs).flatMap(([input, { uri }]) =>
        uri ? [readFiles(client, uri).then((files) => ({ name: input, uri, files }))] : [],
      ),
    ),
  ]);
  return {
    job,
    params: (run?.data.params ?? []).map(({ key, value }) => [key, value]),
    metrics: (run?.data.metrics ?? []).map(({ key, value }) => [key, Number(value)]),
    inputs: read,
    code: code ? await readFiles(client, code.properties.codeUri) : { files: [], count: 0 },
    environment,
    packages,
  };
}

async function readFiles(client: PlaneClient, uri: string): Promise<ReportFiles> {
  try {
    const found = (await filesOf(client, uri)).filter(({ isFolder }) => !isFolder);
    return { files: found.slice(0, mostFiles).map(({ path, size, sha256 }) => ({ path, size, sha256 })), count: found.length };
  } catch (error) {
    if (error instanceof UserError && !isTrouble(error)) return { files: [], count: 0, note: error.message };
    throw error;
  }
}

async function readComments(client: PlaneClient, name: string, version: string): Promise<Comment[]> {
  try {
    const all = await Array.fromAsync(allPages((next) => listComments(client.http, { kind: 'models', name }, next)));
    return all.filter(({ on }) => on.version === undefined || on.version === version).reverse();
  } catch (error) {
    return unlessMissing<Comment[]>(error) ?? [];
  }
}

async function readAudit(client: PlaneClient, name: string): Promise<AuditLine[] | string> {
  try {
    const { value } = await listAudit(client.http, { resource: name, limit: mostAudit });
    return value;
  } catch (error) {
    if (error instanceof UserError && !isTrouble(error)) return error.message;
    throw error;
  }
}

/** What would be another answer later is no reason to leave something out. */
const isTrouble = ({ code }: UserError): boolean => code === 'PlaneUnreachable' || code === 'Unauthorized' || code === 'RemoteError';

function unlessMissing<T>(error: unknown): T | undefined {
  if (error instanceof UserError && !isTrouble(error)) return undefined;
  throw error;
}
