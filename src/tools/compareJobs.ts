import * as Type from 'typebox';
import { UserError } from '../base/userError.ts';
import { jobProperty, literalInputs } from '../protocol/job.ts';
import { keyMetrics } from '../protocol/keyMetrics.ts';
import { mostTableColumns, type RunColumn } from '../protocol/runTable.ts';
import { durationOf } from './getJob.ts';
import { inLine } from './inLine.ts';
import { fields, jobField } from './jobField.ts';
import { number } from './readMetrics.ts';
import { tableText } from './tableText.ts';
import { tool } from './tool.ts';

type Row = [name: string, ...cells: (string | number | null | undefined)[]];

export const compareJobs = tool({
  name: 'compare_jobs',
  title: 'Compare jobs',
  what: 'Lays 2 to 10 jobs beside each other: status, duration, commit, inputs, parameters and the last values of metrics. What is equal in all of them is left out and counted.',
  schema: fields({
    jobs: Type.Array(jobField, { description: 'Names of the jobs.', minItems: 2, maxItems: 10, uniqueItems: true }),
    metrics: Type.Optional(Type.Array(Type.String(), { description: 'Only these metrics.', maxItems: 50 })),
    with_equal: Type.Optional(Type.Boolean({ description: 'Shows what is equal, too.' })),
  }),
  async run({ jobs: names, metrics: wanted, with_equal: withEqual = false }, { client }) {
    const found = new Map((await client.getJobs(names)).map((job) => [job.name, job]));
    const absent = names.find((name) => !found.has(name));
    if (absent !== undefined) throw new UserError('NotFound', `There is no job "${inLine(absent)}".`, 'list_jobs lists them.');
    const jobs = names.map((name) => found.get(name)!);
    const keys = await client.runKeys(undefined, { ids: names });
    const metrics = (wanted ?? keyMetrics(keys.metrics)).slice(0, mostTableColumns / 2);
    const params = keys.params.slice(0, mostTableColumns / 2);
    const columns = [
      ...params.map((key): RunColumn => ({ of: 'param', key })),
      ...metrics.map((key): RunColumn => ({ of: 'metric', key })),
    ];
    const table = await client.runTable({ ids: names, columns, offset: 0, limit: names.length });
    const cells = (column: number) => names.map((name) => table.columns[column]?.[table.runs.indexOf(name)] ?? null);
    const inputs = jobs.map((job) => new Map(literalInputs(job)));
    const inputNames = [...new Set(inputs.flatMap((each) => [...each.keys()]))];
    const facts: Row[] = [
      ['status', ...jobs.map(({ properties }) => properties.status)],
      ['display name', ...jobs.map(({ properties }) => properties.displayName)],
      ['started', ...jobs.map(({ properties }) => properties.startedAt)],
      ['duration', ...jobs.map(durationOf)],
      ['commit', ...jobs.map(({ properties }) => properties.properties?.[jobProperty.gitCommit])],
    ];
    const rows: Row[] = [
      ...inputNames.map((name): Row => [`input ${name}`, ...inputs.map((each) => each.get(name))]),
      ...params.map((key, index): Row => [`param ${key}`, ...cells(index)]),
      ...metrics.map((key, index): Row => [`metric ${key}`, ...cells(params.length + index).map((cell) => cell && number(cell))]),
    ];
    const shown = withEqual ? rows : rows.filter(([, first, ...others]) => others.some((other) => other !== first));
    const left = keys.params.length - params.length + (wanted ? 0 : keyMetrics(keys.metrics).length - metrics.length);
    return [
      tableText(['', ...names], [...facts, ...shown]),
      ...(shown.length < rows.length
        ? [`(${rows.length - shown.length} more inputs, parameters and metrics are equal in all of them.)`]
        : []),
      ...(left > 0 ? [`(${left} more parameters and metrics are not shown. Name the metrics that you want.)`] : []),
    ].join('\n');
  },
});
