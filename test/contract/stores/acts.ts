import type { OpenStores } from '../../unit/store/implementations.ts';
import { addJob } from '../../unit/store/stores.ts';

/** Something that a process does to a store. */
export type Act =
  | { do: 'tag'; key: string; value: string | null }
  | { do: 'param'; key: string; value: string }
  | { do: 'points'; key: string; steps: number[] }
  /** Deletes the job and makes another of its name. */
  | { do: 'anew' }
  | { do: 'seal' }
  /** Adds 1 to a number `times` times, all at once, by reading and writing it; answers what each wrote. */
  | { do: 'count'; times: number }
  | { do: 'look' };

export const job = 'job';

export async function act({ store, metrics }: OpenStores, asked: Act): Promise<unknown> {
  switch (asked.do) {
    case 'tag':
      return store.write((writer) => writer.setTag(job, asked.key, asked.value));
    case 'param':
      return store.write((writer) => writer.setParam(job, asked.key, asked.value));
    case 'points':
      return metrics.append(
        job,
        asked.steps.map((step) => ({ key: asked.key, step, at: step, value: step })),
      );
    case 'anew':
      return store.write(async (writer) => {
        await writer.deleteJob(job);
        await addJob(writer, job);
      });
    case 'seal':
      return metrics.maintain('seal');
    case 'count':
      return Promise.all(
        Array.from({ length: asked.times }, () =>
          store.write(async (writer) => {
            const n = Number((await writer.tags(job)).n ?? 0) + 1;
            await writer.setTag(job, 'n', String(n));
            return n;
          }),
        ),
      );
    case 'look':
      return look({ store, metrics });
  }
}

/** What a process sees of the job: through every cache there is. */
export async function look({ store, metrics }: Pick<OpenStores, 'store' | 'metrics'>) {
  const found = await store.job(job);
  if (!found) return undefined;
  const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
  const latest = (await metrics.latest(job)).sort(byKey);
  const matching = async (of: 'metric' | 'tag' | 'param', key: string, value: string | number) =>
    (
      await store.searchRuns({
        experimentIds: [found.experimentId],
        deleted: false,
        tests: [{ of, key, operator: '=', value }],
        order: [],
        limit: 10,
        statusName: (status) => status,
      })
    ).jobs.length === 1;
  const tags = await store.tags(job);
  const params = (await store.params(job)).sort(byKey);
  return {
    tags,
    params,
    latest: latest.map(({ key, value }) => [key, value]),
    totals: await Promise.all(latest.map(async ({ key }) => (await metrics.series(job, key, 100)).total)),
    isFound: {
      metrics: await Promise.all(latest.map(({ key, value }) => matching('metric', key, value))),
      tags: await Promise.all(Object.entries(tags).map(([key, value]) => matching('tag', key, value))),
      params: await Promise.all(params.map(({ key, value }) => matching('param', key, value))),
    },
  };
}
