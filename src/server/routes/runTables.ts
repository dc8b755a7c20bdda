import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { type RunColumn, RunScope, type RunTable, RunTableRequest } from '../../protocol/runTable.ts';
import type { RunChoice } from '../../store/runQuery.ts';
import type { StoreReader } from '../../store/store.ts';
import { runStatus } from '../jobState.ts';
import { parseRunFilter, parseRunOrder } from './mlflow/runFilter.ts';

/** Largest request in bytes. */
const sizeLimit = 1_000_000;

const attributes = [
  'run_id',
  'run_name',
  'status',
  'user_id',
  'start_time',
  'end_time',
  'artifact_uri',
  'experiment',
  'parent',
  'job_type',
];

/** Tables of runs: what pages show of very many of them, by columns and in parts. */
export function runTableRoutes(): Hono {
  const app = new Hono();

  app.post('/updraft/runs/table', bodyLimit({ maxSize: sizeLimit }), async (c) => {
    const { store } = c.get('asked');
    const request = check(RunTableRequest, await c.req.json(), 'The request for a table of runs');
    for (const column of request.columns) mustBeKnown(column);
    const found = await store.runTable({
      ...(await choiceOf(store, request)),
      order: parseRunOrder(request.orderBy ?? []),
      columns: request.columns,
      offset: request.offset,
      limit: request.limit,
    });
    return c.json({ ...found, columns: found.columns.map((column) => column.map(cellOf)) } satisfies RunTable);
  });

  app.post('/updraft/runs/keys', bodyLimit({ maxSize: sizeLimit }), async (c) => {
    const { store } = c.get('asked');
    const { experiments } = check(RunScope, await c.req.json(), 'The request for keys of runs');
    return c.json(await store.runKeys(await experimentIdsOf(store, experiments)));
  });

  return app;
}

async function choiceOf(store: StoreReader, scope: RunScope): Promise<RunChoice> {
  const { view = 'ACTIVE_ONLY' } = scope;
  return {
    experimentIds: await experimentIdsOf(store, scope.experiments),
    deleted: view === 'ALL' ? undefined : view === 'DELETED_ONLY',
    parent: scope.parent,
    tests: parseRunFilter(scope.filter ?? ''),
    statusName: runStatus,
  };
}

/** Names that no experiment has stand for none. */
async function experimentIdsOf(store: StoreReader, names: string[] | undefined): Promise<string[] | undefined> {
  if (!names) return undefined;
  const found = await Promise.all(names.map((name) => store.experiment({ name })));
  return found.flatMap((each) => (each ? [each.id] : []));
}

function mustBeKnown({ of, key }: RunColumn): void {
  if (of === 'attribute' && !attributes.includes(key))
    throw new UserError('InvalidRequest', `A run has no attribute "${key.slice(0, 100)}".`, `There are: ${attributes.join(', ')}.`);
}

/** JSON has no number that is not finite. */
const cellOf = (value: number | string | undefined): number | string | null =>
  value === undefined ? null : typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
