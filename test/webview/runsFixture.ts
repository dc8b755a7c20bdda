import type { PlaneClient } from '../../src/client/planeClient.ts';

export interface RunToMake {
  name: string;
  status?: string;
  params?: Record<string, string>;
  tags?: Record<string, string>;
  /** Values by step. */
  metrics?: Record<string, (number | string)[]>;
}

export async function makeExperiment(client: PlaneClient, name: string): Promise<string> {
  const { experiment_id } = await client.http.json<{ experiment_id: string }>('POST', '/api/2.0/mlflow/experiments/create', { name });
  return experiment_id;
}

/** A run as a script logs it with mlflow. Answers its id. */
export async function makeRun(
  client: PlaneClient,
  experiment: string,
  { name, status, params = {}, tags = {}, metrics = {} }: RunToMake,
  startTime: number,
): Promise<string> {
  const { run } = await client.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
    experiment_id: experiment,
    run_name: name,
    start_time: startTime,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  const id = run.info.run_id;
  await client.logBatch(id, {
    metrics: Object.entries(metrics).flatMap(([key, values]) =>
      values.map((value, step) => ({ key, value: value as number, timestamp: startTime + 1000 * step, step })),
    ),
    params: Object.entries(params).map(([key, value]) => ({ key, value })),
    tags: [],
  });
  if (status) await client.http.json('POST', '/api/2.0/mlflow/runs/update', { run_id: id, status, end_time: startTime + 61_000 });
  return id;
}

/** A sweep over the digits: accuracy follows the learning rate, so that there is something to find. */
export function digitsRun(index: number): RunToMake {
  const rate = [0.001, 0.003, 0.01, 0.03, 0.1][index % 5]!;
  const layers = 1 + (index % 3);
  const top = 0.98 - Math.abs(Math.log10(rate) + 2) * 0.09 - (index % 7) * 0.003;
  const steps = Array.from({ length: 40 }, (_, step) => step);
  const wave = (step: number) => Math.sin(step * 1.7 + index) * 0.01;
  return {
    name: `trial ${String(index).padStart(3, '0')}`,
    status: index % 17 === 5 ? 'FAILED' : index % 29 === 11 ? 'KILLED' : 'FINISHED',
    params: { lr: String(rate), layers: String(layers), optimizer: index % 2 ? 'adam' : 'sgd', seed: String(index) },
    tags: { team: index % 3 ? 'vision' : 'speech' },
    metrics: {
      accuracy: index % 31 === 7 ? [0.1, 'NaN'] : steps.map((step) => top * (1 - Math.exp(-(step + 1) / 9)) + wave(step)),
      'val/accuracy': steps.map((step) => (top - 0.02) * (1 - Math.exp(-(step + 1) / 10)) + wave(step + 3)),
      'val/loss': steps.map((step) => 2.3 * Math.exp(-(step + 1) / (10 + layers)) + 0.05 + wave(step) / 4),
      'system/cpu_percent': [50 + (index % 40)],
    },
  };
}

/** Makes many runs, a minute apart, the newest last; a few at a time. Answers their ids in that order. */
export async function makeRuns(client: PlaneClient, experiment: string, runs: readonly RunToMake[], from: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < runs.length; at += 10)
    ids.push(
      ...(await Promise.all(runs.slice(at, at + 10).map((run, index) => makeRun(client, experiment, run, from + 60_000 * (at + index))))),
    );
  return ids;
}
