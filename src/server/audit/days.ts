const dayMs = 86_400_000;

/** `2026-11-27`: the day in UTC of a time in ms since 1970. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** Days from one back to another, both of them included. */
export function* daysBack(from: string, to: string): Generator<string> {
  for (let time = Date.parse(from); time >= Date.parse(to); time -= dayMs) yield dayOf(time);
}
