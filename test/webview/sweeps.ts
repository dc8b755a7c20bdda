import type { Job, SweepJobProperties } from '../../src/protocol/job.ts';
import { jobWhen, shellEnvironment, type TestPlane } from '../contract/plane.ts';

/** Logs metrics over MLflow's REST API, as `mlflow.log_metric` does: `report KEY VALUE STEP`. */
const report = `report() { curl -sS -o /dev/null -X POST "$MLFLOW_TRACKING_URI/api/2.0/mlflow/runs/log-metric" -H "Authorization: Bearer $MLFLOW_TRACKING_TOKEN" -H 'content-type: application/json' -d "{\\"run_id\\":\\"$MLFLOW_RUN_ID\\",\\"key\\":\\"$1\\",\\"value\\":$2,\\"timestamp\\":$3,\\"step\\":$3}"; }`;

/** Makes a sweep that minimizes `loss` by `command`, which calls `report`. */
export async function startSweep(plane: TestPlane, name: string, command: string, more: Partial<SweepJobProperties>): Promise<void> {
  await plane.client.putJob(name, {
    jobType: 'Sweep',
    displayName: 'Digits, tuned',
    experimentName: 'tuning',
    trial: { command: `${report}; ${command}`, environmentId: await shellEnvironment(plane.client) },
    searchSpace: {
      lr: ['loguniform', [-9.2, 0]],
      momentum: ['uniform', [0, 0.99]],
      optimizer: ['choice', [['adam', 'sgd']]],
    },
    samplingAlgorithm: { samplingAlgorithmType: 'Random', seed: 3, rule: 'Sobol' },
    objective: { goal: 'minimize', primaryMetric: 'loss' },
    ...more,
  });
}

/** The loss is least at lr = 0.01; momentum hardly matters. */
const loss = `$(awk 'BEGIN { l = log(\${{search_space.lr}}) / log(10) + 2; print l * l + 0.1 * \${{search_space.momentum}} }')`;

/** A sweep of 24 trials that has completed, and one of two trials, of which the second was stopped early. */
export async function completedSweeps(plane: TestPlane): Promise<Job> {
  await Promise.all([
    startSweep(plane, 'tuned', `report loss 9 1; report loss ${loss} 2`, { limits: { maxTotalTrials: 24, maxConcurrentTrials: 4 } }),
    startSweep(plane, 'stopped', 'report loss ${{search_space.lr}} 1; if [ ${{search_space.lr}} = 0.1 ]; then exit 0; fi; sleep 300', {
      searchSpace: { lr: ['choice', [[0.1, 0.9]]] },
      samplingAlgorithm: { samplingAlgorithmType: 'Grid' },
      earlyTermination: { policyType: 'Bandit', slackFactor: 0.1, evaluationInterval: 1 },
      limits: { maxTotalTrials: 10, maxConcurrentTrials: 2 },
    }),
  ]);
  const [tuned] = await Promise.all([jobWhen(plane.client, 'tuned'), jobWhen(plane.client, 'stopped')]);
  return tuned;
}
