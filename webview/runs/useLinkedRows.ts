import { useEffect } from 'react';
import { aside } from '../../src/base/aside.ts';
import { useHost } from '../shared/host/host.ts';
import { mostSelected } from './table/useSelection.ts';
import type { RunsView } from './useRunsView.ts';

/** Selects the runs that a link named by their rows. */
export function useLinkedRows({ linkedRows, scope, order, setSelected, setLinkedRows }: RunsView): void {
  const { client } = useHost();
  const [first, count] = linkedRows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for a link, whatever the question becomes later
  useEffect(() => {
    if (first === undefined || count === undefined || !(first >= 0) || !(count > 0)) return;
    const abort = new AbortController();
    const question = { ...scope, orderBy: order, columns: [], offset: Math.floor(first), limit: Math.min(mostSelected, Math.floor(count)) };
    aside(
      'linked rows',
      client.runTable(question, abort.signal).then(({ runs }) => {
        setSelected(runs);
        setLinkedRows([]);
      }),
      console,
    );
    return () => abort.abort();
  }, [first, count, client]);
}
