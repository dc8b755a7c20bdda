import { useMemo } from 'react';
import type { UserError } from '../../../src/base/userError.ts';
import type { Job } from '../../../src/protocol/job.ts';
import { isSystemMetric } from '../../../src/protocol/systemMetric.ts';
import type { ChartsBoardProps, SingleValue } from '../../shared/chart/ChartsBoard.tsx';
import { formatNumber } from '../../shared/chart/numbers.ts';
import { useMetricKeys } from './useMetricKeys.ts';

export interface Charted {
  runs: ChartsBoardProps['runs'];
  /** In the order of their names. */
  keys: string[];
  /** What was logged once by each job. */
  singles: SingleValue[];
}

/** What there is to draw of these jobs, live: what their scripts logged, and what the runner measured. Neither is there until it is read. */
export function useCharted(jobs: readonly Job[], labelOf: (job: Job) => string): { script?: Charted; system?: Charted; error?: UserError } {
  const names = useMemo(() => jobs.map((job) => job.name), [jobs]);
  const { metrics, error } = useMetricKeys(names);
  const charted = useMemo(() => {
    if (!metrics) return undefined;
    const of = (isWanted: (key: string) => boolean): Charted => {
      const found = new Map<string, SingleValue & { values: { label: string; value: string }[]; isCurve: boolean }>();
      const runs: Charted['runs'][number][] = [];
      for (const job of jobs) {
        const own = [...(metrics.get(job.name) ?? [])].filter(([key]) => isWanted(key));
        if (own.length === 0) continue;
        const startedAt = job.properties.startedAt ? Date.parse(job.properties.startedAt) : undefined;
        runs.push({ id: job.name, label: labelOf(job), startedAt });
        for (const [key, { total, values }] of own) {
          const each = found.get(key) ?? { key, values: [], isCurve: false };
          each.isCurve ||= total > 1;
          each.values.push({ label: labelOf(job), value: formatNumber(values[0] ?? Number.NaN) });
          found.set(key, each);
        }
      }
      return {
        runs,
        keys: [...found.keys()].sort((a, b) => a.localeCompare(b)),
        singles: [...found.values()].filter(({ isCurve }) => !isCurve),
      };
    };
    return { script: of((key) => !isSystemMetric(key)), system: of(isSystemMetric) };
  }, [jobs, metrics, labelOf]);
  return { ...charted, ...(error ? { error } : {}) };
}
