import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defaultWorkspace } from '../src/protocol/arm.ts';
import { thePlane } from '../src/protocol/principal.ts';
import type { Point } from '../src/store/metrics/metricStore.ts';
import { openSqliteStore } from '../src/store/sqlite/sqliteStore.ts';
import { fillRuns, nameOf, pointAt, type RunShape } from './metricData.ts';

const ws = defaultWorkspace.workspace;
const asked = { workspace: ws, principal: thePlane };

/** Data folders that were filled, each once for all benchmarks of a run. */
const filled = new Map<string, Promise<string>>();
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const folders: string[] = [];

/** A folder of its own with what `fill` makes, which may be written to and removed. */
async function copyOf(what: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const temporary = () => mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
  let present = filled.get(what);
  if (!present) {
    const folder = temporary();
    folders.push(folder);
    filled.set(what, (present = fill(folder).then(() => folder)));
  }
  const copy = temporary();
  cpSync(await present, copy, { recursive: true });
  return copy;
}

/** The experiment of all these runs. */
export const experiment = 'dashboards';

/** What each run of a table has. */
export const tableShape: RunShape = { metrics: 30, params: 20, tags: 10 };

/** A data folder with very many runs of one point a metric: what a table shows. */
export const folderOfRuns = (runs = 100_000): Promise<string> =>
  copyOf(`${runs} runs`, (folder) => withStore(folder, ({ store, metrics }, id) => fillRuns(store, metrics, ws, [id], runs, tableShape)));

/** A data folder with runs of very many metric keys, in groups of a hundred: `layer_3/weight_17`. Each run has a sixth of them. */
export const folderOfKeys = (runs = 500, keys = 12_000): Promise<string> =>
  copyOf(`${runs} runs of ${keys} keys`, (folder) =>
    withStore(folder, async ({ store, metrics }, id) => {
      await fillRuns(store, metrics, ws, [id], runs, { metrics: 0, params: 5, tags: 2 });
      for (let i = 0; i < runs; i++) {
        const points: Point[] = Array.from({ length: keys / 6 }, (_, at) => {
          const k = (i * 100 + at) % keys;
          return {
            key: `layer_${Math.floor(k / 100)}/weight_${k % 100}`,
            step: 0,
            at: 1_700_000_000_000 + i,
            value: pointAt('', i * 31 + k).value,
          };
        });
        await metrics.append(asked, nameOf(i), points);
      }
      await metrics.maintain('seal');
    }),
  );

/** Runs whose points are logged; the others have the same curves as these. */
const curves = 8;

/** The metric of `folderOfSeries`. */
export const seriesKey = 'loss';

/**
 * A data folder with many runs of a long series each, names `nameOf(0)` and so on. Points of the first few are logged; the rows of the others point to the same chunks, as a thousand million points would
 * take half an hour to log and 10 GB. A reader of a run can't tell.
 */
export const folderOfSeries = (runs = 1000, points = 1_000_000): Promise<string> =>
  copyOf(`${runs} runs of ${points} points`, async (folder) => {
    await withStore(folder, async ({ store, metrics }, id) => {
      await fillRuns(store, metrics, ws, [id], runs, { metrics: 0, params: 5, tags: 2 });
      for (let run = 0; run < Math.min(curves, runs); run++)
        for (let from = 0; from < points; from += 10_000) {
          const some = Array.from({ length: Math.min(10_000, points - from) }, (_, i) => {
            const point = pointAt(seriesKey, from + i);
            return { ...point, value: point.value + run / 10 };
          });
          await metrics.append(asked, nameOf(run), some);
        }
      await metrics.maintain('seal');
      await metrics.maintain('compact');
    });
    const db = new DatabaseSync(path.join(folder, 'updraft.db'));
    for (const table of ['metric_chunks', 'metric_tiles', 'latest', 'metric_packs']) {
      const columns = db
        .prepare(`SELECT name FROM pragma_table_info('${table}') WHERE name <> 'run'`)
        .all()
        .map(({ name }) => name)
        .join();
      db.exec(
        `INSERT INTO ${table} (run, ${columns}) SELECT j.serial, ${columns} FROM jobs j JOIN ${table} t ON t.run = 1 + (j.serial - 1) % ${curves} WHERE j.serial > ${curves}`,
      );
    }
    db.close();
  });

async function withStore(
  folder: string,
  work: (stores: ReturnType<typeof openSqliteStore>, experimentId: string) => Promise<void>,
): Promise<void> {
  const stores = openSqliteStore(folder);
  try {
    // The first experiment is MLflow's Default, 0, in the peers too.
    const { id } = await stores.store.in(ws, thePlane).write((writer) => writer.createExperiment(experiment));
    await work(stores, id);
  } finally {
    await stores.store.close();
  }
}
