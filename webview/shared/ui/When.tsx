import { useNow } from './Duration.tsx';

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
  ['year', Number.POSITIVE_INFINITY],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });

/** A moment as people say it (`5 min. ago`), in full as its tooltip; `isExact` the other way round. `at` is ISO-8601. */
export function When({ at, isExact = false }: { at: string | undefined; isExact?: boolean }) {
  const now = useNow(at !== undefined && Date.now() - Date.parse(at) < 120_000);
  if (at === undefined) return null;
  const [full, short] = [absolute.format(new Date(at)), ago(Date.parse(at), now)];
  return (
    <time dateTime={at} title={isExact ? short : full}>
      {isExact ? full : short}
    </time>
  );
}

function ago(at: number, now: number): string {
  let amount = Math.min(0, (at - now) / 1000);
  for (const [unit, size] of units) {
    if (Math.abs(amount) < size) return unit === 'second' && amount > -10 ? 'just now' : relative.format(Math.round(amount), unit);
    amount /= size;
  }
  return absolute.format(new Date(at));
}
