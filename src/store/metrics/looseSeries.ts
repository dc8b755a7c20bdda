import { concat, countOf, noPoints, type Points, pick, sortedSet } from './points.ts';

/** Adds the points of records to the series of a run, by key, each in order and each point once; answers how many are new. */
export function addRecords(series: Map<number, Points>, records: Iterable<{ keys: Uint32Array; points: Points }>): number {
  const parts = new Map<number, Points[]>();
  for (const { keys, points } of records) {
    const places = new Map<number, number[]>();
    for (let i = 0; i < keys.length; i++) listed(places, keys[i]!).push(i);
    for (const [key, indexes] of places) listed(parts, key).push(places.size === 1 ? points : pick(points, indexes));
  }
  let added = 0;
  for (const [key, of] of parts) {
    const present = series.get(key) ?? noPoints;
    const whole = sortedSet(concat([present, ...of]));
    added += countOf(whole) - countOf(present);
    series.set(key, whole);
  }
  return added;
}

/** The list under a key, made when there is none. */
function listed<T>(lists: Map<number, T[]>, key: number): T[] {
  const present = lists.get(key);
  if (present) return present;
  const made: T[] = [];
  lists.set(key, made);
  return made;
}
