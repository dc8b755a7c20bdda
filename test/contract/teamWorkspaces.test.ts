import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { silentLogger } from '../../src/base/logger.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { type Runner, startRunner } from '../../src/runner/runner.ts';
import { previewJob } from '../../src/submit/preview/previewJob.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen } from './plane.ts';
import { SetClock } from './setClock.ts';
import { startTeam, type TeamPlane } from './team.ts';

const pipeline = `
type: pipeline
jobs:
  first:
    type: command
    command: echo 7 > \${{outputs.text}}/text.txt
    environment: { image: ubuntu }
    outputs: { text: { type: uri_folder } }
  last:
    type: command
    command: grep 7 \${{inputs.text}}/text.txt
    environment: { image: ubuntu }
    inputs:
      text: \${{parent.jobs.first.outputs.text}}
`;

describe("a team's other workspaces", () => {
  const clock = new SetClock('2026-11-27T10:00:00Z');
  let plane: TeamPlane;
  let runner: Runner;
  let ann: PlaneClient;
  let file: string;
  before(async () => {
    plane = await startTeam(undefined, clock);
    await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    // Made while the plane runs: what it does in each workspace begins there, too.
    await plane.makeWorkspace('vision');
    const clientOf = ({ token }: { token: string }) =>
      new PlaneClient({ url: plane.url, token }, { ...defaultWorkspace, workspace: 'vision' });
    ann = clientOf((await plane.add('ann@example.org', 'AzureML Data Scientist', 'vision')).token);
    const machines = await plane.add('runners', 'Contributor', 'vision', { kind: 'service' });
    runner = startRunner({
      client: clientOf(machines.token),
      planeUrl: plane.url,
      folder: path.join(plane.folder, 'elsewhere'),
      environment: process.env as Record<string, string>,
      logger: silentLogger,
    });
    const folder = path.join(plane.folder, 'yaml');
    mkdirSync(folder);
    file = path.join(folder, 'pipeline.yml');
    writeFileSync(file, pipeline);
  });
  after(async () => {
    await runner?.dispose();
    await plane.remove();
  });

  it('run pipelines', async () => {
    const { name } = (await submitJob({ client: ann, file })).job;
    const job = await jobWhen(ann, name);
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.equal((await ann.getJob(`${name}-last`)).properties.status, 'Completed');
    // Nothing of it is elsewhere.
    assert.equal((await plane.client.listJobs({ listViewType: 'All' })).value.length, 0);
  });

  it('say before what would run', async () => {
    const { steps } = await previewJob(ann, file);
    assert.deepEqual(
      steps.map(({ path: step, outlook }) => [step, outlook]),
      [
        ['first', 'reused'],
        ['last', 'reused'],
      ],
    );
  });

  it('start the jobs of their schedules', async () => {
    const source = (await ann.listJobs()).value[0]!.name;
    await ann.putSchedule('nightly', {
      trigger: { triggerType: 'Cron', expression: '0 3 * * *' },
      action: { actionType: 'CreateJob', jobDefinition: { jobType: 'Pipeline', sourceJobId: source } },
    } as Parameters<PlaneClient['putSchedule']>[1]);
    clock.set('2026-11-28T03:00:01Z');
    const job = await jobWhen(ann, 'nightly-20261128T030000Z');
    assert.equal(job.properties.status, 'Completed');
  });
});
