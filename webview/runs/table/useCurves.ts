import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useHost } from '../../shared/host/host.ts';
import { liveReading } from '../../shared/live/liveReading.ts';
import { Curves, curvePoints } from './curves.ts';

/** Least milliseconds between two readings of curves that grow. */
const restMs = 2000;

/** The curves of the runs in view. */
export function useCurves(): { curves: Curves; version: number } {
  const { client, feed } = useHost();
  const curves = useMemo(() => new Curves((jobs, keys) => client.series({ jobs, keys, points: curvePoints })), [client]);
  useEffect(() => {
    const reading = liveReading(feed, {
      restMs,
      concerns({ kind, id, keys }) {
        if (kind === 'metric') curves.note(id, keys);
        return kind === 'metric';
      },
      read: () => curves.refresh(),
    });
    return () => reading.dispose();
  }, [curves, feed]);
  const version = useSyncExternalStore(
    useMemo(
      () => (listener: () => void) => {
        const subscription = curves.onDidChange(listener);
        return () => subscription.dispose();
      },
      [curves],
    ),
    () => curves.version,
  );
  return { curves, version };
}
