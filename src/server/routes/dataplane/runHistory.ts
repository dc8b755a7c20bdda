import type { Static } from 'typebox';
import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { artifactContainer } from '../../../protocol/asset.ts';
import { check } from '../../../protocol/check.ts';
import { artifactFolder, outputReference } from '../../../protocol/jobPlaces.ts';
import { jobTypeOf } from '../../../protocol/jobTypes.ts';
import type { StoredJob } from '../../../store/store.ts';
import { originOf } from '../../origin.ts';
import { writeShared } from '../../sharedFields/sharedFields.ts';
import { type ArmRequest, jsonBody, page, refuseMethod, withoutNulls } from '../arm/request.ts';
import { armTime } from '../arm/resource.ts';
import { describeJob } from '../note.ts';
import type { Followers } from './followers.ts';

const Patch = Type.Object({
  displayName: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Record(Type.String(), Type.String())),
  properties: Type.Optional(Type.Record(Type.String(), Type.String())),
  hidden: Type.Optional(Type.Boolean()),
});
const RunData = Type.Object({ runId: Type.String() });

/** How long the address of a log is good for; a job may run that long while somebody follows it. */
const logHours = 7 * 24;

/** `/history/v1.0{workspace}/…`: `runs/{id}[/details|/children]`, `experiments/{e}/runs/{id}` and `rundata`. A run is a job. */
export async function runHistory(request: ArmRequest, followers: Followers): Promise<Response> {
  const { c, method, rest, services } = request;
  const path = rest[0]?.toLowerCase() === 'experiments' || rest[0]?.toLowerCase() === 'experimentids' ? rest.slice(2) : rest;
  const [collection, id, part] = path;
  if (collection?.toLowerCase() === 'rundata' && method === 'POST') {
    const { runId } = check(RunData, withoutNulls(await jsonBody(c)), 'The request');
    return c.json({ runMetadata: await historyRun(await mustFind(request, runId), services) });
  }
  if (collection?.toLowerCase() !== 'runs' || id === undefined) return refuseMethod(request);
  const job = await mustFind(request, id);
  if (part === undefined && method === 'GET') return c.json(await historyRun(job, services));
  if (part === undefined && method === 'PATCH') {
    const body = check(Patch, withoutNulls(await jsonBody(c)), 'The change');
    return c.json(await historyRun(await patch(request, id, body), services));
  }
  if (part?.toLowerCase() === 'children' && method === 'GET')
    return page(
      c,
      (offset, limit) => services.store.jobs({ parent: job.name }, offset, limit),
      (child) => historyRun(child, services),
    );
  if (part?.toLowerCase() === 'details' && method === 'GET') return c.json(await details(request, job, followers));
  return refuseMethod(request);
}

async function mustFind({ ref, services }: ArmRequest, name: string): Promise<StoredJob> {
  const job = await services.store.job(name);
  if (!job || job.workspace !== ref.workspace)
    throw new UserError('NotFound', `There is no run "${name.slice(0, 255)}" in the workspace ${ref.workspace}.`);
  return job;
}

/** Tags and properties are merged; `hidden` is the archive. */
function patch(
  { services }: ArmRequest,
  name: string,
  { hidden, tags, properties, description, ...fields }: Static<typeof Patch>,
): Promise<StoredJob> {
  return services.store.write(async (writer) => {
    const job = (await writer.job(name))!;
    return writeShared(writer, job, { plane: services.planeId, now: services.clock.now() }, async () => {
      for (const [key, value] of Object.entries(tags ?? {})) await writer.setTag(name, key, value);
      const changed = await writer.updateJob(
        job,
        {
          ...job.properties,
          ...fields,
          ...(properties ? { properties: { ...job.properties.properties, ...properties } } : {}),
          ...(hidden === undefined ? {} : { isArchived: hidden }),
        },
        {},
      );
      return description === undefined ? changed : describeJob(writer, changed, description);
    });
  });
}

/** What the SDK polls while it streams. Each log comes as an address that needs no token, and only as whole lines while the job runs. */
async function details({ c, services }: ArmRequest, job: StoredJob, followers: Followers): Promise<Record<string, unknown>> {
  const origin = originOf(c);
  const logFiles: Record<string, string> = {};
  for (const { path } of await services.logs.list(job.name)) {
    const blob = `${artifactFolder(job.name)}/${path}`;
    const sas = services.sas.sign({
      container: artifactContainer,
      blob,
      permissions: 'r',
      expiresAt: Date.now() + logHours * 3_600_000,
      principal: services.principal,
      workspace: services.workspace,
    });
    logFiles[path] = `${origin}/${artifactContainer}/${blob.split('/').map(encodeURIComponent).join('/')}?${sas}`;
  }
  const { error } = job.properties;
  return {
    runId: job.name,
    // Each process of the SDK comes with a token of its own.
    status: followers.told(job, c.req.header('authorization') ?? ''),
    logFiles,
    error: error
      ? {
          error: {
            code: error.code,
            message: [error.message, error.hint].filter(Boolean).join('\n'),
            ...(error.exitCode === undefined ? {} : { exitCode: error.exitCode }),
          },
        }
      : null,
    warnings: [],
    properties: { ...job.properties.properties },
    inputDatasets: [],
    outputDatasets: [],
    ...(job.startedAt ? { startTimeUtc: armTime(job.startedAt) } : {}),
    ...(job.endedAt ? { endTimeUtc: armTime(job.endedAt) } : {}),
  };
}

/** Azure's words for what kind of run a job is. */
async function historyRun(job: StoredJob, { store }: ArmRequest['services']): Promise<Record<string, unknown>> {
  const runType = jobTypeOf(job.properties.jobType)?.runType ?? 'azureml.scriptrun';
  let root = job;
  for (
    let parent = job.parent && (await store.job(job.parent));
    parent;
    parent = parent.parent ? await store.job(parent.parent) : undefined
  )
    root = parent;
  const outputs = Object.entries(job.properties.outputs ?? {}).filter(([, output]) => output.uri);
  return {
    runId: job.name,
    rootRunId: root.name,
    parentRunId: job.parent,
    experimentId: job.experimentId,
    displayName: job.properties.nodeName ?? job.properties.displayName ?? job.name,
    description: job.properties.description ?? null,
    status: job.status,
    runType,
    properties: { 'azureml.runsource': runType, ...job.properties.properties },
    tags: Object.fromEntries(Object.entries(await store.tags(job.name)).filter(([key]) => !key.startsWith('mlflow.'))),
    hidden: job.properties.isArchived ?? false,
    createdUtc: armTime(job.createdAt),
    ...(job.startedAt ? { startTimeUtc: armTime(job.startedAt) } : {}),
    ...(job.endedAt ? { endTimeUtc: armTime(job.endedAt) } : {}),
    // A model too is told as the folder that it is: for a model's own word the SDK builds a request that fails inside of it.
    outputs: Object.fromEntries(
      outputs.map(([name, { jobOutputType }]) => [
        name,
        { assetId: outputReference(job.name, name), type: jobOutputType.endsWith('_model') ? 'uri_folder' : jobOutputType },
      ]),
    ),
    services: {},
  };
}
