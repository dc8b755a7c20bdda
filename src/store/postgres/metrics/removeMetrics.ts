import type { Rows } from '../rows.ts';

/** Removes all points of a run. */
export async function removeMetrics(rows: Rows, run: number): Promise<void> {
  await rows.run('DELETE FROM metric_data WHERE id IN (SELECT data FROM metric_chunks WHERE run = $1)', run);
  for (const table of ['metric_chunks', 'metric_tiles', 'metric_log', 'metric_packs', 'latest'])
    await rows.run(`DELETE FROM ${table} WHERE run = $1`, run);
}
