import type { Context } from 'hono';
import { filterAsync } from '../../../base/filterAsync.ts';
import { UserError } from '../../../base/userError.ts';
import type { WorkspaceRef } from '../../../protocol/arm.ts';
import { blobAddress } from '../../../protocol/asset.ts';
import { check } from '../../../protocol/check.ts';
import { type JobProperties, jobProperty, type NewStep, NewSteps } from '../../../protocol/job.ts';
import type { StoredJob, StoreReader } from '../../../store/store.ts';
import { safeName } from '../../paths.ts';
import type { Services } from '../../services.ts';
import { checkedJob, withOutputPlaces } from './checkedJob.ts';
import { jsonBody } from './request.ts';

/** `POST …/jobs/{pipeline}/steps`: creates jobs of a pipeline's steps in one write, those with a like that has completed as `Completed`. */
export async function createSteps(c: Context, ref: WorkspaceRef, pipeline: string, { store }: Services): Promise<Response> {
  const { runnerId, reuse, steps } = check(NewSteps, await jsonBody(c), 'The steps');
  const given = await Promise.all(
    steps.map(async ({ name, properties }) => ({ name: safeName(name, 'job'), properties: await checkedJob(properties, ref, store) })),
  );
  const value = await store.write(async (writer) => {
    const parent = await writer.job(pipeline);
    if (!parent || parent.workspace !== ref.workspace)
      throw new UserError('NotFound', `There is no job "${pipeline}" in the workspace ${ref.workspace}.`);
    if (parent.claimedBy !== runnerId) throw new UserError('Conflict', `The job ${pipeline} is not yours to give steps to.`);
    const present = new Map((await writer.jobsNamed(given.map(({ name }) => name))).map((job) => [job.name, job]));
    const keys = given.flatMap(({ properties }) => reuseKeyOf(properties) ?? []);
    const originals = reuse ? await reusable(writer, keys) : new Map<string, Original>();
    const now = Date.now();
    return await Promise.all(
      given.map(async ({ name, properties }): Promise<NewStep> => {
        const found = present.get(name);
        if (found) return asFound(found, pipeline);
        const { tags: _tags, status: _status, experimentName: _experiment, ...kept } = properties;
        const original = originals.get(reuseKeyOf(properties) ?? '');
        const taken = original && takenOver(kept, original);
        await writer.putJob({
          name,
          experimentId: parent.experimentId,
          properties: withOutputPlaces({ displayName: name, ...kept, ...taken } as JobProperties, name),
          status: original ? 'Completed' : 'Queued',
          parent: pipeline,
          claimedBy: original ? runnerId : null,
          startedAt: original ? now : null,
          endedAt: original ? now : null,
          // It counts for who submitted the whole.
          user: parent.user,
          isDeleted: false,
        });
        return { status: original ? 'Completed' : 'Queued', ...taken };
      }),
    );
  });
  return c.json({ value }, 201);
}

/** A step that was created before stays as it is; throws `Conflict` when its name belongs to another job. */
function asFound({ name, parent, status, properties: { outputs, properties } }: StoredJob, pipeline: string): NewStep {
  if (parent !== pipeline)
    throw new UserError(
      'Conflict',
      `There is a job "${name}" already, which is no step of ${pipeline}.`,
      'Delete it, or name the step differently.',
    );
  return { status, ...(outputs ? { outputs } : {}), ...(properties ? { properties } : {}) };
}

const reuseKeyOf = ({ properties }: Pick<JobProperties, 'properties'>): string | undefined => properties?.[jobProperty.reuseKey];

/** A completed job whose results another takes over. */
type Original = Pick<StoredJob, 'name' | 'properties'>;

/** By reuse key: the newest completed job, when all its outputs are still there. */
export async function reusable(store: StoreReader, keys: string[]): Promise<Map<string, Original>> {
  const isWhole = async ({ properties }: Original) => {
    for (const { uri } of Object.values(properties.outputs ?? {})) if (!(await isKept(store, uri))) return false;
    return true;
  };
  return new Map((await filterAsync(await store.jobsByReuseKey(keys), isWhole)).map((job) => [reuseKeyOf(job.properties)!, job]));
}

/** Whether there is a blob behind a datastore uri, or a folder with one. */
async function isKept(store: StoreReader, uri: string | undefined): Promise<boolean> {
  const address = blobAddress(uri ?? '');
  if (!address) return false;
  const { container, path } = address;
  return (await store.blobsFrom(container, `${path}/`, '', 1)).length > 0 || (await store.blob(container, path)) !== undefined;
}

/** What a job has from the one whose results it takes over, and says so. Later ones take them from the same original: it has no reuse key. */
function takenOver(
  { outputs, properties }: Partial<JobProperties>,
  { name, properties: original }: Original,
): Pick<NewStep, 'outputs' | 'properties'> {
  const { [jobProperty.reuseKey]: _key, ...facts } = properties ?? {};
  const hashes = Object.entries(original.properties ?? {}).filter(([key]) => key.startsWith(jobProperty.contentHash));
  return {
    outputs: { ...outputs, ...original.outputs },
    properties: { ...facts, ...Object.fromEntries(hashes), [jobProperty.isReused]: 'true', [jobProperty.reusedFrom]: name },
  };
}
