import type { Job } from '../../../src/protocol/job.ts';
import type { MetricSeries } from '../../../src/protocol/mlflow.ts';
import type { Metrics } from './useMetrics.ts';

/** One chart: a metric's key, with a line for each job that logged it. */
export interface ChartOf {
  key: string;
  /** The key without its group's prefix. */
  title: string;
  lines: { job: Job; label: string; points: MetricSeries }[];
}

/** Charts whose keys share what stands before the first `/`; '' for keys without one. */
export interface ChartGroup {
  name: string;
  charts: ChartOf[];
}

/** The group of the machine's load, which the runner measures: the prefix is MLflow's own. */
export const machineGroup = 'system';

/** Sorts the metrics of these jobs (a job, or a pipeline and its steps) into charts, by name. `labelOf` names a job in a legend. */
export function chartGroups(jobs: readonly Job[], metrics: Metrics, labelOf: (job: Job) => string): ChartGroup[] {
  const charts = new Map<string, ChartOf>();
  for (const job of jobs) {
    for (const [key, points] of metrics.get(job.name) ?? []) {
      if (points.values.length === 0) continue;
      const chart = charts.get(key) ?? { key, title: key.slice(key.indexOf('/') + 1) || key, lines: [] };
      chart.lines.push({ job, label: labelOf(job), points });
      charts.set(key, chart);
    }
  }
  const groups = new Map<string, ChartGroup>();
  for (const chart of [...charts.values()].sort((a, b) => a.key.localeCompare(b.key))) {
    const slash = chart.key.indexOf('/');
    const name = slash > 0 ? chart.key.slice(0, slash) : '';
    const group = groups.get(name) ?? { name, charts: [] };
    group.charts.push(chart);
    groups.set(name, group);
  }
  // What the machine did comes after what the script says.
  const isOfMachine = (group: ChartGroup) => Number(group.name === machineGroup);
  return [...groups.values()].sort((a, b) => isOfMachine(a) - isOfMachine(b) || a.name.localeCompare(b.name));
}

/** A metric that every job logged just once is a number, not a curve. */
export const isSingleValue = ({ lines }: ChartOf): boolean => lines.every((line) => line.points.total === 1);
