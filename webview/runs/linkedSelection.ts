import type { PlaneClient } from '../../src/client/planeClient.ts';
import { mostTableRows } from '../../src/protocol/runTable.ts';
import type { RunsView } from './useRunsView.ts';

/** Selected runs that a link names by their ids. */
const mostNamed = 100;

/**
 * What a link says of the selected runs, so that it stays short: a few are named, many are rows of the table when they stand together in it. `isCut`: they do
 * not, and the first of them are named.
 */
export async function linkedSelection(
  client: Pick<PlaneClient, 'runTable'>,
  { selected, scope, order }: Pick<RunsView, 'selected' | 'scope' | 'order'>,
): Promise<{ selected: string[]; rows?: [first: number, count: number]; isCut?: boolean }> {
  if (selected.length <= mostNamed) return { selected };
  const { runs } = await client.runTable({ ...scope, orderBy: order, columns: [], offset: 0, limit: mostTableRows });
  const rest = new Set(selected);
  const first = runs.findIndex((run) => rest.has(run));
  const isTogether = first >= 0 && runs.slice(first, first + rest.size).every((run) => rest.has(run)) && first + rest.size <= runs.length;
  if (isTogether) return { selected: [], rows: [first, rest.size] };
  return { selected: selected.slice(0, mostNamed), isCut: true };
}
