import * as Type from 'typebox';
import type { PlaneClient } from '../client/planeClient.ts';
import { keyMetrics } from '../protocol/keyMetrics.ts';
import type { RunColumn } from '../protocol/runTable.ts';
import { isSystemMetric } from '../protocol/systemMetric.ts';
import { inLine } from './inLine.ts';
import { fields, jobField } from './jobField.ts';
import { tableText } from './tableText.ts';
import { tool } from './tool.ts';

/** Metrics of one table: each has five columns of the 200 that may be asked for. */
const mostSummed = 40;
const mostSummaries = 200;
const mostTables = mostSummaries / mostSummed;
const values = ['last', 'min', 'minStep', 'max', 'maxStep'] as const;

export const readMetrics = tool({
  name: 'read_metrics',
  title: 'Read metrics',
  what: 'Metrics of a job. Without "metrics": of each the last value, and the smallest and greatest with their steps. With "metrics": each as a series of step:value at the resolution that is asked for.',
  schema: fields({
    job: jobField,
    metrics: Type.Optional(Type.Array(Type.String(), { description: 'Metrics whose series are wanted.', minItems: 1, maxItems: 20 })),
    points: Type.Optional(
      Type.Integer({ description: 'About how many points of each series. 50 where nothing is said.', minimum: 4, maximum: 500 }),
    ),
    from_step: Type.Optional(Type.Number({ description: 'The first step of the series.' })),
    to_step: Type.Optional(Type.Number({ description: 'The last step of the series.' })),
    of_machine: Type.Optional(
      Type.Boolean({ description: "The machine's load while the job ran (CPU, memory, GPU), in place of what its script logged." }),
    ),
  }),
  async run({ job, metrics, points = 50, from_step: from, to_step: to, of_machine: ofMachine = false }, { client }) {
    // Says so when there is none.
    await client.getJob(job);
    if (!metrics) return summary(client, job, ofMachine);
    const window = from === undefined && to === undefined ? undefined : windowOf(from, to);
    const { series } = await client.metricSeries(job, metrics, points, window);
    return series
      .map(({ key, total, steps, values: found }) => {
        if (steps.length === 0) return `${inLine(key)}: no points${window ? ' between these steps' : ''}`;
        const shown = steps.map((step, index) => `${step}:${number(found[index] ?? null)}`);
        return `${inLine(key)} (${steps.length} of ${total} points; where there are more than are shown, the extremes are kept)\n${shown.join(' ')}`;
      })
      .join('\n');
  },
});

const windowOf = (from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER) => ({ axis: 'step' as const, from, to });

async function summary(client: PlaneClient, job: string, ofMachine: boolean): Promise<string> {
  const { metrics } = await client.runKeys(undefined, { ids: [job] });
  const all = ofMachine ? metrics.filter(isSystemMetric) : keyMetrics(metrics);
  if (all.length === 0) return ofMachine ? `Nothing was measured of the machine while ${job} ran.` : `${job} has logged no metrics.`;
  const keys = all.slice(0, mostSummaries);
  const parts = Array.from({ length: mostTables }, (_, part) => keys.slice(part * mostSummed, (part + 1) * mostSummed)).filter(
    ({ length }) => length > 0,
  );
  const rows = await Promise.all(
    parts.map(async (part) => {
      const columns = part.flatMap((key) => values.map((value): RunColumn => ({ of: 'metric', key, value })));
      const { columns: cells } = await client.runTable({ ids: [job], columns, offset: 0, limit: 1 });
      return part.map((key, row) => [key, ...values.map((_, index) => number(cells[row * values.length + index]?.[0] ?? null))]);
    }),
  );
  return [
    tableText(['metric', 'last', 'smallest', 'at step', 'greatest', 'at step'], rows.flat()),
    ...(all.length > keys.length ? [`(${all.length - keys.length} more metrics are not shown. Name those that you want.)`] : []),
  ].join('\n');
}

/** Six digits, which tell enough. */
export const number = (value: number | string | null): string | number =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : (value ?? 'NaN');
