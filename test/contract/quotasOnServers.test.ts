import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { deleteQuota, listQuotas, putQuota } from '../../src/client/quotas.ts';
import { shellEnvironment } from './plane.ts';
import { type PlaneServer, type Servers, startServers } from './servers/servers.ts';

describe('quotas of a plane with several servers', function () {
  this.timeout(60_000);
  let plane: Servers;
  let servers: PlaneServer[];
  let environmentId: string;
  before(async function () {
    // The first run on a machine makes the server of S3.
    this.timeout(600_000);
    ({ plane, servers } = await startServers(['one', 'two']));
    environmentId = await shellEnvironment(plane.client);
  });
  after(() => plane?.remove());
  const clients = () => servers.map(({ url }) => new PlaneClient({ url, token: plane.token }));
  const put = (name: string) => plane.client.putJob(name, { jobType: 'Command', environmentId, command: 'true' });

  it('hold, however many runners ask all servers at once', async () => {
    await putQuota(plane.client, 'workspace', { jobsAtOnce: 5 });
    for (let n = 0; n < 30; n++) await put(`job_${n}`);
    const all = clients();
    const inHand = new Map<string, string>();
    for (let round = 0; round < 6; round++) {
      const answers = await Promise.all(
        Array.from({ length: 12 }, async (_, n) => {
          const runnerId = `runner ${n}`;
          const holds = [...inHand].filter(([, runner]) => runner === runnerId).map(([job]) => job);
          const { jobs } = await all[n % 2]!.claimJobs({ runnerId, computes: [], others: true, room: 3, holds });
          return jobs.map(({ name }) => [name, runnerId] as const);
        }),
      );
      for (const [name, runner] of answers.flat()) {
        assert.ok(!inHand.has(name), `${name} was given to two runners`);
        inHand.set(name, runner);
      }
      assert.equal(inHand.size, 5, `round ${round}`);
      const ending = [...inHand].slice(0, 4);
      await Promise.all(ending.map(([name, runnerId], n) => all[n % 2]!.reportJob(name, { runnerId, status: 'Completed' })));
      for (const [name] of ending) inHand.delete(name);
    }
    await deleteQuota(plane.client, 'workspace');
  });

  it('let no more be stored by uploads that come to all servers at once', async () => {
    const { views } = await listQuotas(plane.client);
    const { storageGb } = views.find(({ name }) => name === 'workspace')!.properties.used!;
    await putQuota(plane.client, 'workspace', { storageGb: storageGb + 0.000_35 });
    const all = clients();
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, (_, n) => all[n % 2]!.writeBlob('azureml-blobstore', `at-once/${n}`, new Uint8Array(100_000).fill(n))),
    );
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 3);
    for (const answer of answers)
      if (answer.status === 'rejected')
        assert.match(String(answer.reason), /The storage quota of the workspace has no room for 0\.0001 GB/);
  });
});
