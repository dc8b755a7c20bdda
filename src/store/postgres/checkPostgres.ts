import { checkSeries } from '../metrics/checkSeries.ts';
import { type PyramidSizes, usualSizes } from '../metrics/extent.ts';
import type { PostgresPlace } from './connection.ts';
import { Look } from './look.ts';
import { chunksOfSeries, LookedSeries, readLoose } from './metrics/series.ts';
import { Reading } from './reading.ts';
import type { Rows } from './rows.ts';

/** Reads every chunk of metrics once, over one state of the database; answers what is wrong, a sentence each. `sizes` are those of the store. */
export async function checkPostgres(place: PostgresPlace, sizes: PyramidSizes = usualSizes): Promise<string[]> {
  const reading = new Reading(place, async () => {});
  try {
    return await reading.look((rows) => checkMetrics(rows, sizes));
  } finally {
    await reading.close();
  }
}

async function checkMetrics(rows: Rows, sizes: PyramidSizes): Promise<string[]> {
  const problems: string[] = [];
  const all = await rows.all(
    `SELECT c.run, c.key, j.name AS job, k.name FROM (SELECT DISTINCT run, key FROM metric_chunks) c
     LEFT JOIN jobs j ON j.serial = c.run LEFT JOIN metric_keys k ON k.id = c.key`,
  );
  for (const { run, key, job, name } of all) {
    const where = `metric "${name ?? key}" of job ${job ?? `#${run}`}`;
    if (job === null || name === null) problems.push(`${where}: its ${job === null ? 'job' : 'key'} is gone`);
    const chunks = await chunksOfSeries(rows, run, key);
    const look = new Look(rows);
    const series = new LookedSeries(look, sizes);
    const found = await look.answer(() => checkSeries(chunks, series, series, run, key));
    problems.push(...found.problems.map((problem) => `${where}: ${problem}`));
  }
  for (const { run } of await rows.all('SELECT run FROM metric_packs UNION SELECT run FROM metric_log'))
    await readLoose(rows, run).catch((error) => problems.push(`job #${run}: its newest metrics can't be read (${error.message})`));
  return problems;
}
