import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { Experiment } from '../../../src/protocol/mlflow.ts';
import { sameShape } from '../../shared/host/pageState.ts';
import type { KeptView } from '../useRunsView.ts';

/** Tags of an experiment that keep the views of its runs: they are on the plane, so that a team shares them. */
const ofExperiment = 'updraft.view.';
/** The views of all runs are tags of the experiment that every plane has; the name of no view of its own begins so. */
const ofAll = `${ofExperiment}:all.`;
const experimentOfAll = 'Default';
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

const like: KeptView = { filter: '', order: [], columns: [], pinned: [], widths: { '': 0 }, groups: [] };

/** Where the views of an experiment are kept, or those of all runs, whose name is ''. */
export interface ViewsPlace {
  experimentId: string;
  prefix: string;
  views: SavedView[];
}

export async function savedViewsOf(client: PlaneClient, experiment: string): Promise<ViewsPlace> {
  const { experiment: found } = await client.http.json<{ experiment: Experiment }>(
    'GET',
    `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(experiment || experimentOfAll)}`,
  );
  const prefix = experiment ? ofExperiment : ofAll;
  return { experimentId: found.experiment_id, prefix, views: viewsIn(found, prefix) };
}

/** Views by name. What another version kept, or another program, is left out. */
function viewsIn({ tags = [] }: Experiment, prefix: string): SavedView[] {
  return tags
    .filter(({ key }) => key.startsWith(prefix) && (prefix === ofAll || !key.startsWith(ofAll)))
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
export const keptOf = ({ filter, order, columns, pinned, widths, groups }: KeptView): KeptView => ({
  filter,
  order,
  columns,
  pinned,
  widths,
  groups,
});

export const saveView = (client: PlaneClient, { experimentId, prefix }: ViewsPlace, name: string, view: KeptView): Promise<void> =>
  client.http.json('POST', '/api/2.0/mlflow/experiments/set-experiment-tag', {
    experiment_id: experimentId,
    key: prefix + encoded(name),
    value: JSON.stringify(keptOf(view)),
  });

export const deleteView = (client: PlaneClient, { experimentId, prefix }: ViewsPlace, name: string): Promise<void> =>
  client.http.json('POST', '/api/2.0/mlflow/experiments/delete-experiment-tag', {
    experiment_id: experimentId,
    key: prefix + encoded(name),
  });
