import type { SyncSettings } from '../../protocol/sync.ts';

type Hours = NonNullable<SyncSettings['hours']>;

/** Whether something may be sent at a time of this machine's day. Hours over midnight, such as 20 to 6, are the evening and the early morning. */
export function isWithin({ from, to }: Hours, time: Date): boolean {
  const hour = time.getHours();
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
}

/** The next time at which that may change: the full hour. */
export function nextHour(time: Date): Date {
  const next = new Date(time);
  next.setHours(time.getHours() + 1, 0, 0, 0);
  return next;
}
