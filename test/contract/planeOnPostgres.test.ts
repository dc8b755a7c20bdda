import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import pg from 'pg';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { configOf } from '../../src/server/config.ts';
import { startControlPlane } from '../../src/server/controlPlane.ts';
import { checkStore } from '../../src/store/maintenance/checkStore.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { PostgresServer } from '../unit/store/postgresServer.ts';
import { jobWhen, logOf, shellEnvironment, startPlane } from './plane.ts';
import { SetClock } from './setClock.ts';
import { writeIn } from './writeIn.ts';

/** Settles when there is such a job. */
async function thereIs(client: PlaneClient, name: string): Promise<void> {
  const changes = new ChangeStream(client.http, { kinds: ['job'] });
  try {
    await new Promise<void>((resolve, reject) => {
      const look = () => client.listJobs({}).then(({ value }) => value.some((job) => job.name === name) && resolve(), reject);
      changes.onDidChangeState((state) => state === 'live' && look());
      changes.onDidChange(look);
    });
  } finally {
    changes.dispose();
  }
}

describe('a control plane whose jobs are in PostgreSQL', () => {
  let server: PostgresServer;
  let folder: string;
  let work: string;
  let database: string;
  const temporary = () => mkdtempSync(path.join(tmpdir(), 'updraft-'));
  before(() => {
    server = new PostgresServer({ isDurable: true });
    [folder, work] = [temporary(), temporary()];
    database = `${server.url}?schema=team`;
    writeIn(
      work,
      'job.yml',
      'type: command\ncommand: echo "database=[$UPDRAFT_DATABASE]"; sleep $SECONDS_TO_RUN\nenvironment: azureml:shell:1\nenvironment_variables: {SECONDS_TO_RUN: "0"}\n',
    );
  });
  after(async () => {
    await server.remove();
    for (const each of [folder, work]) rmSync(each, { recursive: true, force: true });
  });

  it('runs jobs, and has them after a new start', async () => {
    const environment = { ...(process.env as Record<string, string>), UPDRAFT_DATABASE: database };
    const plane = await startPlane({}, folder, environment);
    await shellEnvironment(plane.client);
    const { name } = (await submitJob({ client: plane.client, file: path.join(work, 'job.yml') })).job;
    assert.equal((await jobWhen(plane.client, name)).properties.status, 'Completed');
    // The password of the database is not for jobs.
    assert.match(await logOf(plane.client, name), /database=\[\]/);
    await plane.client.logBatch(name, { metrics: [{ key: 'loss', value: 0.5, timestamp: 1, step: 0 }] });
    await plane.stop();
    const again = await startPlane({ database }, folder);
    assert.equal((await again.client.getJob(name)).properties.status, 'Completed');
    const { run } = (await again.client.getRun(name)) as { run: { data: { metrics: { key: string }[] } } };
    assert.ok(run.data.metrics.some(({ key }) => key === 'loss'));
    await again.stop();
  });

  it('goes on when the database has crashed and come back', async () => {
    const plane = await startPlane({ database }, folder);
    await server.stop('QUIT');
    const submitting = submitJob({ client: plane.client, file: path.join(work, 'job.yml') });
    server.start();
    const { name } = (await submitting).job;
    assert.equal((await jobWhen(plane.client, name)).properties.status, 'Completed');
    await plane.stop();
  }).timeout(120_000);

  it('starts no job of a schedule while another server has the duties, also before it knows, and starts it once when it has them again', async () => {
    const clock = new SetClock('2027-01-01T00:00:00Z');
    const said: string[] = [];
    let hear = () => {};
    const note = (text: string) => {
      said.push(text);
      hear();
    };
    const saying = async (what: string) => {
      while (!said.some((each) => each.includes(what)))
        await new Promise<void>((resolve) => {
          hear = resolve;
        });
    };
    const logger = { debug() {}, info: note, warn: note, error: (what: string, error: unknown) => note(`${what}: ${error}`) };
    const own = temporary();
    const config = configOf({ dataFolder: own, database: `${server.url}?schema=duties`, withRunner: false });
    const plane = await startControlPlane(config, '0.0.0-test', logger, clock);
    const client = new PlaneClient(plane);
    const database = new pg.Client({ connectionString: server.url, options: '-c search_path=duties' });
    await database.connect();
    try {
      await client.putSchedule('nightly', {
        trigger: { triggerType: 'Cron', expression: '0 3 * * *' },
        action: {
          actionType: 'CreateJob',
          jobDefinition: { jobType: 'Command', environmentId: await shellEnvironment(client), command: 'true' },
        },
        isEnabled: true,
      } as never);
      await database.query("UPDATE leases SET term = term + 1, holder = 'another', until = now() + interval '1 hour'");
      clock.set('2027-01-01T03:00:00Z');
      await saying('duties: lost');
      assert.deepEqual((await client.listJobs({})).value, []);
      await database.query('UPDATE leases SET until = now()');
      const name = 'nightly-20270101T030000Z';
      await saying('duties: taken, term 3');
      await thereIs(client, name);
      assert.deepEqual(
        (await client.listJobs({})).value.map((job) => job.name),
        [name],
      );
    } finally {
      await database.end();
      await plane.stop();
      rmSync(own, { recursive: true, force: true });
    }
  });

  it('is not started where its jobs would be missing, or on the database of another plane', async () => {
    await assert.rejects(startPlane({}, folder), { code: 'InvalidArgument', message: /are in the database .*schema team/ });
    await assert.rejects(startPlane({ database: `${server.url}?schema=other` }, folder), {
      message: /schema team\), not in .*schema other/,
    });
    const [other, local] = [temporary(), temporary()];
    // Contents are in the folder of the first server, where a second one would miss them.
    await assert.rejects(startPlane({ database }, other), { code: 'InvalidArgument', message: /in the data folder of another server/ });
    writeFileSync(path.join(other, 'id'), 'another');
    await assert.rejects(startPlane({ database }, other), { code: 'InvalidArgument', message: /belongs to another control plane/ });
    await (await startPlane({}, local)).stop();
    await assert.rejects(startPlane({ database }, local), { message: /does not move them to a database/ });
    await assert.rejects(checkStore(folder), { code: 'NotImplemented', message: /neither checked nor copied/ });
    await assert.rejects(startPlane({ database: 'mysql://x' }, other), { code: 'InvalidValue', hint: /postgres:\/\// });
    for (const each of [other, local]) rmSync(each, { recursive: true, force: true });
  });
});
