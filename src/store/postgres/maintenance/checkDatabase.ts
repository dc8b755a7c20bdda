import { checkSeries } from '../../metrics/checkSeries.ts';
import { type PyramidSizes, usualSizes } from '../../metrics/extent.ts';
import { countOf } from '../../metrics/points.ts';
import type { PostgresPlace } from '../connection.ts';
import { Look } from '../look.ts';
import { chunksOfSeries, LookedSeries, readLoose } from '../metrics/series.ts';
import type { Rows } from '../rows.ts';
import { inPresentSnapshot } from './snapshot.ts';

/** What was looked at, and what is wrong: a sentence each. */
export interface DatabaseFound {
  problems: string[];
  jobs: number;
  series: number;
  points: number;
  changes: number;
}

/** A content that has a name, with one of its names and the size in bytes that is noted. */
export interface NamedContent {
  sha256: string;
  size: number;
  name: string;
}

/** Reads every chunk of metrics and the change log once. `sizes` are those of the store. */
export async function checkRows(rows: Rows, sizes: PyramidSizes = usualSizes): Promise<DatabaseFound> {
  const found: DatabaseFound = { problems: [], jobs: 0, series: 0, points: 0, changes: 0 };
  found.jobs = (await rows.one('SELECT count(*) AS n FROM jobs'))!.n;
  await checkChanges(rows, found);
  await checkMetrics(rows, sizes, found);
  return found;
}

/** As `checkRows`, of the database as it is now; answers what is wrong. */
export const checkDatabase = (place: PostgresPlace, sizes?: PyramidSizes): Promise<string[]> =>
  inPresentSnapshot(place, async ({ rows }) => (await checkRows(rows, sizes)).problems);

/** All that has a name. */
export const namedContents = async (rows: Rows): Promise<NamedContent[]> =>
  (await rows.all('SELECT sha256, max(size) AS size, min(path) AS name FROM blobs GROUP BY sha256 ORDER BY sha256')) as NamedContent[];

/** The numbers of changes have no gap, and those of epochs are not beyond them. */
async function checkChanges(rows: Rows, found: DatabaseFound): Promise<void> {
  const { n, newest } = (await rows.one('SELECT count(*) AS n, coalesce(max(seq), 0) AS newest FROM changes'))!;
  found.changes = n;
  const gaps = await rows.all(
    'SELECT * FROM (SELECT seq, lead(seq) OVER (ORDER BY seq) AS next FROM changes) AS pairs WHERE next > seq + 1 ORDER BY seq LIMIT 20',
  );
  for (const { seq, next } of gaps)
    found.problems.push(`change log: ${next === seq + 2 ? `change ${seq + 1} is` : `changes ${seq + 1} to ${next - 1} are`} missing`);
  const epoch = await rows.one('SELECT id, since FROM epochs ORDER BY serial DESC LIMIT 1');
  if (!epoch) found.problems.push('change log: it has no epoch, by which readers know that the plane was restored');
  else if (n > 0 && epoch.since > newest)
    found.problems.push(`change log: its epoch began at change ${epoch.since}, and the newest is ${newest}`);
}

async function checkMetrics(rows: Rows, sizes: PyramidSizes, found: DatabaseFound): Promise<void> {
  const { problems } = found;
  const all = await rows.all(
    `SELECT c.run, c.key, j.name AS job, k.name FROM (SELECT DISTINCT run, key FROM metric_chunks) c
     LEFT JOIN jobs j ON j.serial = c.run LEFT JOIN metric_keys k ON k.id = c.key`,
  );
  for (const { run, key, job, name } of all) {
    const where = `metric "${name ?? key}" of job ${job ?? `#${run}`}`;
    if (job === null || name === null) problems.push(`${where}: its ${job === null ? 'job' : 'key'} is gone`);
    found.series++;
    try {
      const chunks = await chunksOfSeries(rows, run, key);
      const look = new Look(rows);
      const series = new LookedSeries(look, sizes);
      const of = await look.answer(() => checkSeries(chunks, series, series, run, key));
      found.points += of.points;
      problems.push(...of.problems.map((problem) => `${where}: ${problem}`));
    } catch (error) {
      problems.push(`${where}: it can't be read (${(error as Error).message})`);
    }
  }
  for (const { run } of await rows.all('SELECT run FROM metric_packs UNION SELECT run FROM metric_log'))
    try {
      for (const points of (await readLoose(rows, run)).series.values()) found.points += countOf(points);
    } catch (error) {
      problems.push(`job #${run}: its newest metrics can't be read (${(error as Error).message})`);
    }
}
