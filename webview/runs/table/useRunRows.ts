import { useEffect, useLayoutEffect, useMemo, useSyncExternalStore } from 'react';
import type { RunScope } from '../../../src/protocol/runTable.ts';
import { useHost } from '../../shared/host/host.ts';
import { liveReading } from '../../shared/live/liveReading.ts';
import { RunRows } from './runRows.ts';

const retryMs = 3000;

/** The rows of a table, live: what is in view and may have changed is read again, at most once a second. */
export function useRunRows(scope: RunScope, order: string[]): { rows: RunRows; version: number } {
  const { client, feed } = useHost();
  const rows = useMemo(() => new RunRows((request, signal) => client.runTable(request, signal)), [client]);
  useLayoutEffect(() => rows.ask(scope, order), [rows, scope, order]);
  useEffect(() => {
    // Runs that logged since, and whether more than that may be new.
    let [touched, isWhole] = [new Set<string>(), true];
    const reading = liveReading(feed, {
      restMs: 1000,
      concerns({ kind, id }) {
        if (kind === 'job') isWhole = true;
        else if (kind === 'metric') touched.add(id);
        return kind === 'job' || kind === 'metric';
      },
      onReset() {
        isWhole = true;
      },
      async read() {
        const [runs, whole] = [touched, isWhole];
        [touched, isWhole] = [new Set(), false];
        try {
          await (whole ? rows.refresh() : rows.refreshMetrics(runs));
        } catch (error) {
          isWhole = true;
          throw error;
        }
      },
    });
    return () => reading.dispose();
  }, [rows, feed]);
  const version = useSyncExternalStore(
    useMemo(
      () => (listener: () => void) => {
        const subscription = rows.onDidChange(listener);
        return () => subscription.dispose();
      },
      [rows],
    ),
    () => rows.version,
  );
  // What could not be read because of a question of the user is tried again as well: in a while, and at once when the plane is back.
  const { error } = rows;
  useEffect(() => {
    if (!error || error.code === 'InvalidRequest') return;
    const again = () => {
      // A failure is kept as an error of the rows.
      rows.refresh().catch(() => {});
    };
    const timer = setTimeout(again, retryMs);
    const subscription = feed.onDidChangeState((state) => state === 'live' && again());
    return () => {
      clearTimeout(timer);
      subscription.dispose();
    };
  }, [rows, feed, error]);
  return { rows, version };
}
