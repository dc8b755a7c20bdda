import type { SeriesPart } from '../../../src/protocol/seriesParts.ts';
import { csvCell } from '../csv.ts';
import { exactNumber } from './numbers.ts';

/** Points of series as a table, all digits of each value; times by ISO 8601. */
export function seriesCsv(series: readonly SeriesPart[], labelOf: (job: string) => string): string {
  const rows = ['run,run_name,metric,step,time,value'];
  for (const { job, key, steps, times, values } of series) {
    const start = `${csvCell(job)},${csvCell(labelOf(job))},${csvCell(key)}`;
    for (let at = 0; at < steps.length; at++) rows.push(`${start},${steps[at]},${isoOf(times[at]!)},${exactNumber(values[at]!)}`);
  }
  return `${rows.join('\n')}\n`;
}

/** A time that a script made up may be no date. */
const isoOf = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms));
