import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { Experiment } from '../../../src/protocol/mlflow.ts';
import { sameShape } from '../../shared/host/pageState.ts';
import type { KeptView } from '../useRunsView.ts';

/** Tags of an experiment that keep the views of its runs: they are on the plane, so that a team shares them. */
const prefix = 'updraft.view.';
export const longestName = 60;

/** The name of a tag may not have all characters: others stand as `:` and two hexadecimal digits for each byte. */
const encoded = (name: string): string =>
  name.replace(/[^\w .-]/gu, (character) =>
    [...new TextEncoder().encode(character)].map((byte) => `:${byte.toString(16).padStart(2, '0')}`).join(''),
  );
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replace(/%/g, '%25').replace(/:([0-9a-f]{2})/g, '%$1'));
  } catch {
    return key;
  }
}

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
      return view ? [{ name: decoded(key.slice(prefix.length)), view }] : [];
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
    key: prefix + encoded(name),
    value: JSON.stringify(keptOf(view)),
  });

export const deleteView = (client: PlaneClient, experiment: string, name: string): Promise<void> =>
  client.http.json('POST', '/api/2.0/mlflow/experiments/delete-experiment-tag', { experiment_id: experiment, key: prefix + encoded(name) });
