import type { RunPlace } from '../../../store/runQuery.ts';
import { runStatus } from '../../jobState.ts';
import type { PlaneServices } from '../../services.ts';
import type { Endpoints } from './endpoint.ts';
import { experimentsOf } from './experiments.ts';
import { lineageOf } from './lineage.ts';
import { placeIn, tokenOf, wrongToken } from './pageToken.ts';
import { invalidValue, limitOf } from './request.ts';
import { parseRunFilter, parseRunOrder } from './runFilter.ts';
import { mlflowRun } from './runs.ts';

/** MLflow's view types, by their number. */
const views = ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'];

/** MLflow's search over runs. */
export function runSearchEndpoints({ metrics }: PlaneServices): Endpoints {
  return {
    'POST runs/search': async (fields, { store }) => {
      const asked = fields.all.run_view_type ?? 'ACTIVE_ONLY';
      const view = typeof asked === 'number' ? views[asked - 1] : asked;
      if (!views.includes(view as string)) throw invalidValue('run_view_type', asked);
      const order = parseRunOrder(fields.texts('order_by'));
      const { jobs, next } = await store.searchRuns({
        experimentIds: await experimentsOf(store, fields.texts('experiment_ids')),
        deleted: view === 'ALL' ? undefined : view === 'DELETED_ONLY',
        tests: parseRunFilter(fields.optionalText('filter') ?? ''),
        order,
        limit: limitOf(fields, 1000, 50_000),
        after: checkedPlace(placeIn(fields), order.length),
        statusName: runStatus,
      });
      return {
        runs: await Promise.all(
          jobs.map(async (job) => {
            const [run, lineage] = await Promise.all([mlflowRun({ store, metrics }, job), lineageOf(store, job.name)]);
            return { ...run, ...lineage };
          }),
        ),
        ...(next ? { next_page_token: tokenOf(fields, next) } : {}),
      };
    },
  };
}

/** A token can be written by anyone. */
function checkedPlace(place: unknown, count: number): RunPlace | undefined {
  if (place === undefined) return undefined;
  const { values, start, id } = Object(place) as Partial<RunPlace>;
  if (!Array.isArray(values) || values.length !== count || typeof start !== 'number' || typeof id !== 'string') throw wrongToken();
  if (values.some((value) => value !== null && typeof value !== 'number' && typeof value !== 'string')) throw wrongToken();
  return { values, start, id };
}
