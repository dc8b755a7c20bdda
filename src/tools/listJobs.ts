import * as Type from 'typebox';
import { formatDuration } from '../base/text.ts';
import { jobStatuses } from '../protocol/job.ts';
import type { Cell, RunColumn } from '../protocol/runTable.ts';
import { fields } from './jobField.ts';
import { tableText } from './tableText.ts';
import { tool } from './tool.ts';

const attributes = ['status', 'run_name', 'experiment', 'job_type', 'start_time', 'duration'];

export const listJobs = tool({
  name: 'list_jobs',
  title: 'List jobs',
  what:
    'Lists or searches jobs (training runs), the newest first: name, status, display name, experiment, type, start, duration, and metrics that are asked for. ' +
    'Finds the best run too: sort by "metrics.accuracy DESC".',
  schema: fields({
    experiment: Type.Optional(Type.String({ description: 'Only jobs of this experiment.' })),
    parent: Type.Optional(
      Type.String({
        description: 'The steps of this pipeline or the trials of this sweep, by its name. Without it, jobs that are part of no other one.',
      }),
    ),
    status: Type.Optional(Type.Array(Type.Enum([...jobStatuses]), { description: 'Only jobs with one of these statuses.' })),
    search: Type.Optional(Type.String({ description: 'Only jobs whose name or display name has this text, in any case.', maxLength: 200 })),
    filter: Type.Optional(
      Type.String({
        description: "MLflow's filter, such as: metrics.accuracy > 0.9 AND params.lr = '0.1' AND tags.team = 'vision'",
        maxLength: 5000,
      }),
    ),
    sort: Type.Optional(Type.String({ description: "MLflow's order_by, such as: metrics.accuracy DESC", maxLength: 300 })),
    metrics: Type.Optional(Type.Array(Type.String(), { description: 'Metrics whose last values are shown, as columns.', maxItems: 10 })),
    limit: Type.Optional(Type.Integer({ description: 'Most jobs of the answer. 20 where nothing is said.', minimum: 1, maximum: 100 })),
    offset: Type.Optional(Type.Integer({ description: 'Jobs to pass over: for the next page.', minimum: 0 })),
  }),
  async run({ experiment, parent, status, search, filter, sort, metrics = [], limit = 20, offset = 0 }, { client, signal }) {
    const conditions = [
      ...(status?.length ? [`(${status.map((each) => `attributes.status = ${quoted(each)}`).join(' OR ')})`] : []),
      ...(search ? [`(attributes.run_name ILIKE ${quoted(`%${search}%`)} OR attributes.run_id ILIKE ${quoted(`%${search}%`)})`] : []),
      ...(filter ? [`(${filter})`] : []),
    ];
    const columns: RunColumn[] = [
      ...attributes.map((key) => ({ of: 'attribute' as const, key })),
      ...metrics.map((key) => ({ of: 'metric' as const, key })),
    ];
    const {
      total,
      runs,
      columns: cells,
    } = await client.runTable(
      {
        ...(experiment ? { experiments: [experiment] } : {}),
        parent: parent ?? null,
        ...(conditions.length ? { filter: conditions.join(' AND ') } : {}),
        ...(sort ? { orderBy: [sort] } : {}),
        columns,
        offset,
        limit,
      },
      signal,
    );
    if (runs.length === 0) return total === 0 ? 'No such jobs.' : `There are ${total} such jobs, none from the offset ${offset} on.`;
    const rows = runs.map((name, row) => [
      name,
      ...cells.map((column, index) => shown(columns[index]!.key, columns[index]!.of, column[row] ?? null)),
    ]);
    const end = offset + runs.length;
    return [
      tableText(['name', 'status', 'display name', 'experiment', 'type', 'started', 'duration', ...metrics], rows),
      `Jobs ${offset + 1} to ${end} of ${total}.${end < total ? ` The next page has the offset ${end}.` : ''}`,
    ].join('\n');
  },
});

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function shown(key: string, of: RunColumn['of'], cell: Cell): Cell {
  if (of !== 'attribute' || typeof cell !== 'number') return cell;
  if (key === 'duration') return formatDuration(cell);
  return key === 'start_time' ? new Date(cell).toISOString() : cell;
}
