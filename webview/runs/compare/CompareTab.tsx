import { Empty } from '../../shared/ui/states.tsx';
import type { RunsView } from '../useRunsView.ts';

/** The selected runs beside each other. */
export function CompareTab({ view }: { view: RunsView }) {
  return <Empty title={`${view.selected.length} runs are selected.`} />;
}
