import type { PlaneClient } from '../../../src/client/planeClient.ts';

/** Runs that are written at the same time. */
const atOnce = 4;
/** Writes to each of the runs; throws the first error after all were tried. */
export async function toEach(runs: readonly string[], write: (run: string) => Promise<unknown>): Promise<void> {
  const rest = [...runs];
  const errors: unknown[] = [];
  const work = async () => {
    for (let run = rest.shift(); run !== undefined; run = rest.shift()) await write(run).catch((error) => errors.push(error));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (errors.length > 0) throw errors[0];
}

export const deleteRun = (client: PlaneClient, run: string): Promise<void> =>
  client.http.json('POST', '/api/2.0/mlflow/runs/delete', { run_id: run });
export const restoreRun = (client: PlaneClient, run: string): Promise<void> =>
  client.http.json('POST', '/api/2.0/mlflow/runs/restore', { run_id: run });
