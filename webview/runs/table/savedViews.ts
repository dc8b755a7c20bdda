import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { Experiment } from '../../../src/protocol/mlflow.ts';
import { sameShape } from '../../shared/host/pageState.ts';
import type { KeptView } from '../useRunsView.ts';

/** Tags of an experiment that keep the views of its runs: they are on the plane, so that a team shares them. */
const prefix = 'updraft.view.';
export const longestName = 100;

export interface SavedView {
  name: string;
  view: KeptView;
}

const like: KeptView = { filter: '', order: [], columns: [], pinned: [], widths: { '': 0 }, group: '' };

export const experimentNamed = async (client: PlaneClient, name: string): Promise<Experiment> =>
  (
    await client.http.json<{ experiment: Experiment }>(
      'GET',
      `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`,
    )
  ).experiment;

/** The views of an experiment by name. What another version kept, or another program, is left out. */
export function savedViews({ tags = [] }: Experiment): SavedView[] {
  return tags
    .filter(({ key }) => key.startsWith(prefix))
    .flatMap(({ key, value }) => {
      const view = read(value);
      return view ? [{ name: key.slice(prefix.length), view }] : [];
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

function read(text: string): KeptView | undefined {
  try {
    const view = JSON.parse(text) as unknown;
    return sameShape(view, like) ? (view as KeptView) : undefined;
  } catch {
    return undefined;
  }
}

/** Only what is kept, of all that a view has. */
export const keptOf = ({ filter, order, columns, pinned, widths, group }: KeptView): KeptView => ({
  filter,
  order,
  columns,
  pinned,
  widths,
  group,
});

export const saveView = (client: PlaneClient, experiment: string, name: string, view: KeptView): Promise<void> =>
  client.http.json('POST', '/api/2.0/mlflow/experiments/set-experiment-tag', {
    experiment_id: experiment,
    key: prefix + name,
    value: JSON.stringify(keptOf(view)),
  });

export const deleteView = (client: PlaneClient, experiment: string, name: string): Promise<void> =>
  client.http.json('POST', '/api/2.0/mlflow/experiments/delete-experiment-tag', { experiment_id: experiment, key: prefix + name });
