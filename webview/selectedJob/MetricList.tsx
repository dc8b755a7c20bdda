import { formatNumber } from '../shared/chart/numbers.ts';
import { colorOfRun, usePalette } from '../shared/chart/palette.ts';
import { useHost } from '../shared/host/host.ts';
import { Sparkline } from './Sparkline.tsx';
import type { KeyMetric } from './useKeyMetrics.ts';

/** Metrics with their last value and their course. Each leads to the charts on the job's page. */
export function MetricList({ job, metrics }: { job: string; metrics: readonly KeyMetric[] }) {
  const { open } = useHost();
  const palette = usePalette();
  return (
    <ul className="metric-list">
      {metrics.map(({ key, value, course }) => (
        <li key={key}>
          <button
            type="button"
            className="metric"
            title={`${key}: ${value}\nShow its chart`}
            onClick={() => open({ page: 'job', name: job, tab: 'metrics' })}
          >
            <bdi className="metric-name">{key}</bdi>
            <span className="number">{formatNumber(value)}</span>
            {course.length > 1 && <Sparkline values={course} color={colorOfRun(job, palette)} />}
          </button>
        </li>
      ))}
    </ul>
  );
}
