import { asked, type OpenStores } from '../../unit/store/implementations.ts';
import { addJob, rowsOf } from '../../unit/store/stores.ts';

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

export async function act(stores: OpenStores, todo: Act): Promise<unknown> {
  const { metrics } = stores;
  const rows = rowsOf(stores);
  switch (todo.do) {
    case 'tag':
      return rows.write((writer) => writer.setTag(job, todo.key, todo.value));
    case 'param':
      return rows.write((writer) => writer.setParam(job, todo.key, todo.value));
    case 'points':
      return metrics.append(
        asked,
        job,
        todo.steps.map((step) => ({ key: todo.key, step, at: step, value: step })),
      );
    case 'anew':
      return rows.write(async (writer) => {
        await writer.deleteJob(job);
        await addJob(writer, job);
      });
    case 'seal':
      return metrics.maintain('seal');
    case 'count':
      return Promise.all(
        Array.from({ length: todo.times }, () =>
          rows.write(async (writer) => {
            const n = Number((await writer.tags(job)).n ?? 0) + 1;
            await writer.setTag(job, 'n', String(n));
            return n;
          }),
        ),
      );
    case 'look':
      return look(stores);
  }
}

/** What a process sees of the job: through every cache there is. */
export async function look(stores: OpenStores) {
  const { metrics } = stores;
  const rows = rowsOf(stores);
  const found = await rows.job(job);
  if (!found) return undefined;
  const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
  const latest = (await metrics.latest(job)).sort(byKey);
  const matching = async (of: 'metric' | 'tag' | 'param', key: string, value: string | number) =>
    (
      await rows.searchRuns({
        experimentIds: [found.experimentId],
        deleted: false,
        tests: [{ of, key, operator: '=', value }],
        order: [],
        limit: 10,
        statusName: (status) => status,
      })
    ).jobs.length === 1;
  const tags = await rows.tags(job);
  const params = (await rows.params(job)).sort(byKey);
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
