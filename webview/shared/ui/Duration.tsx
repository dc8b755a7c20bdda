import { useEffect, useState } from 'react';
import { formatDuration } from '../../../src/base/text.ts';

/** Time from `from` to `to` (ISO-8601), or to now and ticking while there is no `to`. Nothing before `from`. */
export function Duration({ from, to }: { from: string | undefined; to: string | undefined }) {
  const now = useNow(from !== undefined && to === undefined);
  if (from === undefined) return null;
  const ms = Math.max(0, (to === undefined ? now : Date.parse(to)) - Date.parse(from));
  return (
    <time className="duration">
      {to === undefined ? formatDuration(Math.floor(ms / 1000) * 1000).replace(/\.0 s$/, ' s') : formatDuration(ms)}
    </time>
  );
}

/** The present time, painted anew every second while `isTicking`. */
export function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isTicking]);
  return now;
}
