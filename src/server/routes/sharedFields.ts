import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { type FieldConflict, type JobConflict, SharedNews } from '../../protocol/sharedFields.ts';
import type { StoredJob, StoreReader } from '../../store/store.ts';
import { safeName } from '../paths.ts';
import type { PlaneServices } from '../services.ts';
import { conflictsOf, mergeFields, share, sharedFieldsOf, takeConflicts } from '../sharedFields/sharedFields.ts';
import { jsonBody } from './arm/request.ts';

/** What people write of a job that is on several planes: told to another plane, taken from it, and where two of them wrote the same field. */
export function sharedFieldRoutes({ clock, planeId }: PlaneServices): Hono {
  const tell = async (reader: StoreReader, job: StoredJob): Promise<SharedNews> => ({
    fields: await sharedFieldsOf(reader, job, planeId),
    conflicts: await conflictsOf(reader, job),
  });

  return new Hono()
    .get('/updraft/shared/:job', async (c) => {
      const { store } = c.get('asked');
      return c.json(await tell(store, await jobNamed(store, c.req.param('job'))));
    })
    .post('/updraft/shared/:job', async (c) => {
      const news = check(SharedNews, await jsonBody(c), 'The shared fields');
      const answer = await c.get('asked').store.write(async (writer) => {
        const job = await share(writer, await jobNamed(writer, c.req.param('job')));
        const now = clock.now();
        const { ahead } = await mergeFields(writer, job, news.fields, { plane: planeId, now });
        await takeConflicts(writer, job, news.conflicts, now);
        return { ...(await tell(writer, (await writer.job(job.name))!)), ahead };
      });
      return c.json(answer);
    })
    .get('/updraft/conflicts', async (c) => {
      const { store } = c.get('asked');
      const jobs = [...new Set((await store.entities.list('fieldConflict')).map(({ scope }) => scope))];
      const found = await Promise.all(
        (await store.jobsNamed(jobs)).map(async (job) =>
          (await conflictsOf(store, job)).map((each: FieldConflict): JobConflict => ({ job: job.name, ...each })),
        ),
      );
      return c.json({ value: found.flat() });
    });
}

async function jobNamed(reader: Pick<StoreReader, 'job'>, name: string): Promise<StoredJob> {
  const job = await reader.job(safeName(name, 'job'));
  if (!job) throw new UserError('NotFound', `There is no job "${name}".`);
  return job;
}
