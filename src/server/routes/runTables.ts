import { Hono } from 'hono';
import { UserError } from '../../base/userError.ts';
import { check } from '../../protocol/check.ts';
import { type Cell, type RunGroups, RunGroupsRequest, RunScope, type RunTable, RunTableRequest } from '../../protocol/runTable.ts';
import type { GroupOrder, MetricSummary } from '../../store/runQuery.ts';
import { jsonBody } from './arm/request.ts';
import { ownFields, parseRunOrder } from './mlflow/runFilter.ts';
import { cellOf, choiceOf, mustBeKnown, scopeOf, wholeCellOf } from './runScope.ts';

/** Tables of runs: what pages show of very many of them, by columns and in parts. */
export function runTableRoutes(): Hono {
  const app = new Hono();

  app.post('/updraft/runs/table', async (c) => {
    const { store } = c.get('asked');
    const request = check(RunTableRequest, await jsonBody(c), 'The request for a table of runs');
    for (const column of request.columns) mustBeKnown(column);
    const found = await store.runTable({
      ...(await choiceOf(store, request)),
      order: parseRunOrder(request.orderBy ?? [], ownFields).map((each) => ({
        ...each,
        asNumbers: each.of === 'param' || each.of === 'tag',
      })),
      columns: request.columns,
      offset: request.offset,
      limit: request.limit,
    });
    const columns = found.columns.map((column) => column.map(request.whole ? wholeCellOf : cellOf));
    if (!request.whole) return c.json({ ...found, columns } satisfies RunTable);
    const rows = rowsThatFit(columns, found.runs.length);
    return c.json({
      ...found,
      runs: found.runs.slice(0, rows),
      columns: columns.map((column) => column.slice(0, rows)),
    } satisfies RunTable);
  });

  app.post('/updraft/runs/groups', async (c) => {
    const { store } = c.get('asked');
    const request = check(RunGroupsRequest, await jsonBody(c), 'The request for groups of runs');
    for (const column of request.by) {
      mustBeKnown(column);
      if ((column.value ?? 'last') !== 'last')
        throw new UserError('InvalidRequest', `Runs can't be grouped by the ${column.value} of a metric, only by its last value.`);
    }
    const { total, groups } = await store.runGroups({
      ...(await choiceOf(store, request)),
      by: request.by,
      metrics: request.metrics,
      order: (request.order ?? []).map((each) => groupOrderOf(each, request)),
      offset: request.offset,
      limit: request.limit,
    });
    const figures = (index: number, stat: keyof MetricSummary) => groups.map(({ metrics }) => metrics[index]![stat] ?? null);
    return c.json({
      total,
      by: request.by.map((_, index) => groups.map(({ values }) => cellOf(values[index]))),
      runs: groups.map(({ runs }) => runs),
      metrics: request.metrics.map((_, index) => ({
        count: figures(index, 'count'),
        notFinite: figures(index, 'notFinite'),
        mean: figures(index, 'mean'),
        deviation: figures(index, 'deviation'),
        min: figures(index, 'min'),
        max: figures(index, 'max'),
      })),
    } satisfies RunGroups);
  });

  app.post('/updraft/runs/keys', async (c) => {
    const { store } = c.get('asked');
    const scope = check(RunScope, await jsonBody(c), 'The request for keys of runs');
    return c.json(await store.runKeys(await scopeOf(store, scope)));
  });

  return app;
}

/** Characters of all whole texts in an answer, unless its first row alone has more. */
const mostWholeText = 8_000_000;

/** How many rows from the first one on an answer with whole texts has. */
function rowsThatFit(columns: readonly (readonly Cell[])[], rows: number): number {
  let length = 0;
  for (let row = 0; row < rows; row++) {
    for (const column of columns) length += String(column[row]).length;
    if (length > mostWholeText) return Math.max(1, row);
  }
  return rows;
}

function groupOrderOf(
  { of, index, stat = 'mean', descending = false }: NonNullable<RunGroupsRequest['order']>[number],
  { by, metrics }: RunGroupsRequest,
): GroupOrder {
  if (of === 'runs') return { of, descending };
  const list = of === 'value' ? by : metrics;
  if (index === undefined || index >= list.length)
    throw new UserError(
      'InvalidRequest',
      `The order of groups names ${of} ${index ?? 'without an index'}, and there are ${list.length} of these in "${of === 'value' ? 'by' : 'metrics'}".`,
    );
  return of === 'value' ? { of, index, descending } : { of, index, stat, descending };
}
