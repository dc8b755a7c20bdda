import { writeComment } from '../../src/client/comments.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { blobContainer } from '../../src/protocol/asset.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';
import type { TeamPlane } from './team.ts';

export const clientIn = ({ url, token }: { url: string; token: string }, workspace: string): PlaneClient =>
  new PlaneClient({ url, token, workspace }, { ...defaultWorkspace, workspace });

/** Writes something of each sort to a workspace: runs with all that is logged, models, contents, comments, webhooks, quotas, a schedule, an endpoint. Names of jobs begin with the workspace's. */
export async function fill(plane: Pick<TeamPlane, 'url' | 'token'>, workspace: string, runs = 3): Promise<PlaneClient> {
  const client = clientIn(plane, workspace);
  const post = (path: string, body: unknown) => client.http.json<any>('POST', `/api/2.0/mlflow/${path}`, body);
  const { experiment_id } = await post('experiments/create', { name: 'digits' });
  for (let i = 0; i < runs; i++) {
    const { run } = await post('runs/create', { experiment_id, start_time: 1, run_name: `run ${i}` });
    const run_id = run.info.run_id as string;
    await post('runs/log-batch', {
      run_id,
      metrics: Array.from({ length: 50 }, (_, step) => ({ key: 'loss', value: 1 / (step + 1), timestamp: step, step })),
      params: [{ key: 'rate', value: '0.1' }],
      tags: [{ key: 'kind', value: 'test' }],
    });
    await post('runs/log-inputs', {
      run_id,
      datasets: [{ dataset: { name: 'mnist', digest: 'd1', source_type: 'local', source: 'x' }, tags: [] }],
    });
    await client.appendLog(run_id, logFile, 0, Buffer.from('a line\n'));
    await client.writeBlob(blobContainer, `${workspace}/${i}.txt`, `content ${i}`);
    await post('runs/update', { run_id, status: 'FINISHED', end_time: 2 });
    if (i === 0) await writeComment(client.http, { kind: 'jobs', name: run_id }, { text: 'Look at this.' });
  }
  await client.putAsset('environments', 'shell', '1', { image: 'ubuntu:22.04' });
  await client.putAsset('data', 'mnist', '1', { dataType: 'uri_file', dataUri: 'azureml://datastores/workspaceblobstore/paths/x' });
  await post('registered-models/create', { name: 'digits' });
  await post('webhooks', {
    name: 'hook',
    url: 'https://example.org/hook',
    events: [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }],
  }).catch(() => {});
  return client;
}
