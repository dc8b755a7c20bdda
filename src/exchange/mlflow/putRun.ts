import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { CopiedJob } from '../../protocol/copiedJob.ts';
import type { JobStatus } from '../../protocol/job.ts';
import type { RunStatus } from '../../protocol/mlflow.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import { importedFields } from '../importedFields.ts';
import { mapOf } from '../mapOf.ts';
import type { SourceRun } from './source.ts';

/**
 * Where runs of MLflow come from, whatever server or folder it was: their ids are random, and the same run is the same one by whichever address it comes.
 */
const origin = { plane: 'mlflow', workspace: 'runs' };

/** What runs that have not ended become when they are taken all the same. */
const statuses: Record<RunStatus, JobStatus | undefined> = {
  FINISHED: 'Completed',
  FAILED: 'Failed',
  KILLED: 'Canceled',
  RUNNING: undefined,
  SCHEDULED: undefined,
};

export const parentTag = 'mlflow.parentRunId';

/**
 * Keeps a run of MLflow here as a job of the same name: status, times, params, tags, what went in and came out. Says whether anything changed. `parent`: the run that it is below, where that is here. Throws
 * `Conflict` for a run that has not ended, unless `unendedAs` says what becomes of it.
 */
export async function putRun(
  to: PlaneClient,
  run: SourceRun,
  {
    experiment,
    parent,
    unendedAs,
    signal,
  }: { experiment: string; parent?: string | undefined; unendedAs?: 'Canceled' | undefined; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const { info, data } = run;
  const status = statuses[info.status] ?? unendedAs;
  if (!status)
    throw new UserError(
      'Conflict',
      'It has not ended yet.',
      'Import again when it has. If nothing works on it any more, --unended-as-killed takes it as a run that was killed.',
    );
  const start = timeOf(info.start_time, 'Its start');
  const end = timeOf(info.end_time, 'Its end');
  const tags = mapOf(data.tags);
  const displayName = info.run_name || tags['mlflow.runName'] || info.run_id;
  const copy: CopiedJob = {
    origin,
    ...importedFields(origin, { displayName, description: tags['mlflow.note.content'], tags }),
    createdAt: start ?? new Date(0).toISOString(),
    properties: {
      jobType: 'Command',
      command: '',
      environmentId: '',
      experimentName: experiment,
      status,
      ...(start === undefined ? {} : { startedAt: start }),
      ...(end === undefined ? {} : { endedAt: end }),
      ...(parent === undefined ? {} : { parentJobName: parent }),
    },
    params: data.params ?? [],
  };
  const { changed } = await withRetries(() => to.putCopy(info.run_id, copy, signal), { signal });
  return (await putLineage(to, run, signal)) || changed;
}

function timeOf(ms: number | undefined, what: string): string | undefined {
  if (ms === undefined || ms <= 0) return undefined;
  const time = new Date(ms);
  if (Number.isNaN(time.getTime())) throw new UserError('InvalidValue', `${what} is no time: ${ms}.`);
  return time.toISOString();
}

/** Tells what went into a run and came out of it; says whether any of it was new. A run has nothing twice, and what it has stays: what is there already is not told again. */
export async function putLineage(
  to: PlaneClient,
  { info, inputs, outputs }: Pick<SourceRun, 'inputs' | 'outputs'> & { info: { run_id: string } },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [datasets, modelsIn, modelsOut] = [inputs?.dataset_inputs ?? [], inputs?.model_inputs ?? [], outputs?.model_outputs ?? []];
  if (datasets.length + modelsIn.length + modelsOut.length === 0) return false;
  const here = (await withRetries(() => to.getRun(info.run_id), { signal })).run as SourceRun;
  const key = ({ dataset: { name, digest } }: (typeof datasets)[number]) => JSON.stringify([name, digest]);
  const known = new Set((here.inputs?.dataset_inputs ?? []).map(key));
  const knownIn = new Set((here.inputs?.model_inputs ?? []).map(({ model_id }) => model_id));
  const knownOut = new Set((here.outputs?.model_outputs ?? []).map(({ model_id }) => model_id));
  const missing = {
    datasets: datasets.filter((each) => !known.has(key(each))),
    models: modelsIn.filter(({ model_id }) => !knownIn.has(model_id)),
  };
  const missingOut = modelsOut.filter(({ model_id }) => !knownOut.has(model_id));
  const tell = (path: string, body: object) =>
    withRetries(() => to.http.json('POST', `/api/2.0/mlflow/runs/${path}`, { run_id: info.run_id, ...body }, signal), { signal });
  const isNew = !isDeepStrictEqual(missing, { datasets: [], models: [] });
  if (isNew) await tell('log-inputs', missing);
  if (missingOut.length > 0)
    await tell('outputs', { models: missingOut.map(({ model_id, step = 0 }) => ({ model_id, step: Number(step) })) });
  return isNew || missingOut.length > 0;
}
