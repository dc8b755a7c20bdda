import { useMemo } from 'react';
import { plural } from '../../../src/base/text.ts';
import { useLoggedKeys } from '../../shared/cards/useLoggedKeys.ts';
import { ChartsBoard } from '../../shared/chart/ChartsBoard.tsx';
import { mostLines } from '../../shared/chart/useLines.ts';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import type { RunsView } from '../useRunsView.ts';
import { useChartedKeys } from './useChartedKeys.ts';
import { useChartedRuns } from './useChartedRuns.ts';

/** A status in a job's words or in MLflow's. */
const isOver = (status: string): boolean => /^(completed|finished|failed|canceled|killed)$/i.test(status);

const none: readonly string[] = [];

/** Charts of what the selected runs logged; of the first of the table when none is selected. */
export function ChartsTab({ view }: { view: RunsView }) {
  const { runs, total, error } = useChartedRuns(view);
  const ids = useMemo(() => runs?.slice(0, mostLines).map(({ id }) => id), [runs]);
  const { metrics, error: keysError } = useChartedKeys(ids);
  const { logged, error: loggedError } = useLoggedKeys(ids ?? none);
  const failure = error ?? keysError;
  if (failure && (!runs || !metrics)) return <ReadFailure error={failure} />;
  if (!runs) return <Loading what="charts" />;
  if (runs.length === 0)
    return (
      <Empty title={view.selected.length > 0 || view.hidden.length > 0 ? 'All of these runs are hidden or deleted.' : 'No runs.'}>
        {view.selected.length > 0 || view.hidden.length > 0 ? (
          <button
            type="button"
            className="link"
            onClick={() => {
              view.setSelected([]);
              view.setHidden([]);
            }}
          >
            Show the first of the table
          </button>
        ) : (
          'Runs of this experiment are drawn here as soon as there are any.'
        )}
      </Empty>
    );
  if (!metrics || (metrics.length === 0 && !logged && !loggedError)) return <Loading what="charts" />;
  if (metrics.length === 0 && (!logged || logged.length === 0)) {
    const isRunning = runs.some(({ status }) => !isOver(status));
    const hasFailed = runs.every(({ status }) => status.toLowerCase() === 'failed');
    return (
      <Empty
        title={
          isRunning ? 'No metrics yet.' : hasFailed ? 'All of these runs failed before they logged a metric.' : 'No metrics were logged.'
        }
      >
        Metrics that a script logs with <code>mlflow.log_metric</code> {isRunning ? 'appear here as they come' : 'are drawn here'}.
      </Empty>
    );
  }
  const chosen = view.selected.length;
  const shown = Math.min(runs.length, mostLines);
  return (
    <ChartsBoard runs={runs} keys={metrics} {...(logged ? { logged } : {})}>
      {loggedError && <ReadFailure error={loggedError} />}
      <p className="charts-runs">
        {chosen > 0
          ? plural(shown, 'selected run')
          : total <= shown
            ? `All ${plural(shown, 'run')}`
            : `The first ${shown} of ${total} runs. Select runs in the table to see others.`}
        {chosen > shown && `: a chart shows at most ${mostLines}.`}
      </p>
    </ChartsBoard>
  );
}
