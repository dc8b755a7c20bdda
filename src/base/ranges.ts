/** Bytes of a file: where they start, and how many they are. */
export interface Range {
  start: number;
  length: number;
}

/** The same bytes in as few ranges as there can be, in their order. */
export function joined(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const { start, length } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (length === 0) continue;
    if (last && start <= last.start + last.length) last.length = Math.max(last.length, start + length - last.start);
    else all.push({ start, length });
  }
  return all;
}

/** What of a file of so many bytes is in none of the ranges. */
export function missingOf(size: number, ranges: readonly Range[]): Range[] {
  const missing: Range[] = [];
  let at = 0;
  for (const { start, length } of joined(ranges)) {
    if (start >= size) break;
    if (start > at) missing.push({ start: at, length: start - at });
    at = start + length;
  }
  if (at < size) missing.push({ start: at, length: size - at });
  return missing;
}
