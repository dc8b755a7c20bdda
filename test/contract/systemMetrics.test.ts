import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { jobWhen, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

describe("the machine's load", () => {
  let plane: TestPlane;
  let environmentId: string;
  before(async () => {
    plane = await startPlane();
    environmentId = await shellEnvironment(plane.client);
  });
  after(() => plane.remove());

  const metricsOf = async (job: string) => (await plane.client.getRun(job)).run.data.metrics ?? [];

  /** Waits for the change after which the job has metrics. */
  async function measured(job: string) {
    const changes = new ChangeStream(plane.client.http);
    try {
      return await new Promise<Awaited<ReturnType<typeof metricsOf>>>((resolve, reject) => {
        const look = () => metricsOf(job).then((metrics) => metrics.length > 0 && resolve(metrics), reject);
        changes.onDidChangeState((state) => state === 'live' && look());
        changes.onDidChange((change) => change.kind === 'metric' && change.id === job && look());
      });
    } finally {
      changes.dispose();
    }
  }

  it("is recorded with every job under MLflow's names, unless the job says no", async () => {
    await plane.client.putJob('unwatched', {
      jobType: 'Command',
      command: 'true',
      environmentId,
      environmentVariables: { MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: 'false' },
    });
    await jobWhen(plane.client, 'unwatched');
    await plane.client.putJob('watched', { jobType: 'Command', command: 'true', environmentId });
    const metrics = new Map((await measured('watched')).map(({ key, value }) => [key, Number(value)]));
    for (const key of ['cpu_utilization_percentage', 'system_memory_usage_percentage', 'disk_usage_percentage']) {
      const value = metrics.get(`system/${key}`);
      assert.ok(value !== undefined && value >= 0 && value <= 100, `${key} is ${value}`);
    }
    assert.ok(metrics.get('system/system_memory_usage_megabytes')! > 1);
    assert.deepEqual(await metricsOf('unwatched'), []);
  });
});
