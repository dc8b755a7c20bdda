import { Empty } from '../../shared/ui/states.tsx';
import type { RunsView } from '../useRunsView.ts';

/** Charts of the metrics of the selected runs. */
export function ChartsTab({ view }: { view: RunsView }) {
  return <Empty title={`${view.selected.length} runs are selected.`} />;
}
