import type { TestPlane } from '../contract/plane.ts';

type Values = Readonly<Record<string, readonly number[]>>;

/** Logs curves of a run by step, one second apart, in batches as large as the API takes. Steps go on after `from`. */
export async function logCurves(plane: TestPlane, run: string, curves: Values, from = 0): Promise<void> {
  const metrics = Object.entries(curves).flatMap(([key, values]) =>
    values.map((value, at) => ({ key, value: wordOf(value), timestamp: 1_700_000_000_000 + (from + at) * 1000, step: from + at })),
  );
  for (let at = 0; at < metrics.length; at += 1000) await plane.client.logBatch(run, { metrics: metrics.slice(at, at + 1000) });
}

/** JSON has no number for these. */
const wordOf = (value: number): number => (Number.isFinite(value) ? value : (String(value) as unknown as number));

/** Runs so far: each starts a second after the one before it, so that their order is always the same. Runs that start at once stand in the order of their random ids. */
let made = 0;

/** A run of an experiment, with its curves. Answers its id. */
export async function chartRun(plane: TestPlane, experiment: string, name: string, curves: Values): Promise<string> {
  const { run } = await plane.client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
    experiment_id: experiment,
    run_name: name,
    start_time: 1_700_000_000_000 + 1000 * made++,
  });
  await logCurves(plane, run.info.run_id, curves);
  return run.info.run_id;
}

export async function chartExperiment(plane: TestPlane, name: string): Promise<string> {
  const answer = await plane.client.http.json<{ experiment_id: string }>('POST', '/api/2.0/mlflow/experiments/create', { name });
  return answer.experiment_id;
}

/** A curve that falls from about 1 to about 0.1, with noise that is the same each time. */
export const falling = (seed: number, count: number): number[] =>
  Array.from(
    { length: count },
    (_, at) => Math.exp((-at * (1 + (seed % 5) / 4)) / count) * (0.8 + 0.05 * seed) + 0.05 * noise(seed * 1000 + at),
  );

const noise = (at: number): number => ((Math.imul(at, 2654435761) >>> 0) / 2 ** 32) * 2 - 1;
