import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { putQuota } from '../../src/client/quotas.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import { createAsset } from '../../src/submit/createAsset.ts';
import { planSubmission } from '../../src/submit/elsewhere/planSubmission.ts';
import { submitElsewhere } from '../../src/submit/elsewhere/submitElsewhere.ts';
import type { Target } from '../../src/submit/elsewhere/target.ts';
import { badNetwork } from './faults/badNetwork.ts';
import { seeded } from './faults/random.ts';
import { jobWhen, logOf, startPlane, type TestPlane } from './plane.ts';
import { startTeam, type TeamPlane } from './team.ts';
import { updraft } from './updraft.ts';

describe('jobs that are submitted to another plane', () => {
  let [here, there, folder]: [TestPlane, TeamPlane, string] = [undefined!, undefined!, ''];
  let token = '';
  const workspaces = ['vision', 'cut', 'conflict', 'canceled', 'mapped'];
  const at = (name: string) => path.join(folder, name);
  const memberAt = (workspace: string, url = there.url, as = token) =>
    new PlaneClient({ url, token: as, workspace }, { ...defaultWorkspace, workspace });
  const targetOf = (client: PlaneClient, plane = 'gpu-team'): Target => ({ client, plane, origin: async () => here.client });

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    cpSync(path.resolve(import.meta.dirname, '../fixtures/elsewhere'), folder, { recursive: true });
    [here, there] = await Promise.all([startPlane(), startTeam(undefined, undefined, { withRunner: true })]);
    await there.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    for (const each of workspaces) await there.makeWorkspace(each);
    const added = await there.add('ann@example.org');
    for (const each of workspaces)
      await there.assign(added.member.id, 'AzureML Data Scientist', workspacePath({ ...defaultWorkspace, workspace: each }));
    ({ token } = (await there.send('POST', '/updraft/team/tokens', { name: 'test', member: 'ann@example.org' })).body);
    await createAsset(here.client, at('environment.yml'), 'environments');
    await createAsset(here.client, at('data.yml'), 'data');
    await createAsset(here.client, at('sum/component.yml'), 'components');
  });
  after(async () => {
    await Promise.all([here?.remove(), there?.remove()]);
    rmSync(folder, { recursive: true, force: true });
  });
  const changes = async (plane: TestPlane) => (await plane.client.status()).seq;

  it('bring what they name: first it is said, then it runs there', async () => {
    const target = targetOf(memberAt('vision'));
    const before = await changes(there);
    const plan = await planSubmission(target, at('pipeline.yml'));
    assert.equal(await changes(there), before, 'a plan sends nothing');
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(
      plan.promoted.filter(({ kind }) => kind !== 'codes').map(({ kind, name, version, files: count }) => [kind, name, version, count]),
      [
        ['data', 'numbers', '3', 2],
        ['environments', 'shell', '1', 0],
        ['components', 'sum', '2', 0],
      ],
    );
    assert.match(plan.text, /^# What will run in vision of gpu-team when pipeline\.yml is submitted now\. Nothing has been sent\.$/m);
    assert.match(plan.text, /^# Promoted with it: data numbers:3, environment shell:1, component sum:2 \(3 files, [\d.]+ kB\)\.$/m);
    assert.match(plan.text, /^# Environment: shell:1 \(image ubuntu:22\.04: the Python of the machine is used\)\.$/m);
    assert.match(plan.text, /^ {2}sum:$/m);
    const { job } = await submitElsewhere(target, { file: at('pipeline.yml'), name: 'sums' });
    assert.equal(job.name, 'sums');
    const ended = await jobWhen(target.client, 'sums');
    assert.equal(ended.properties.status, 'Completed', JSON.stringify(ended.properties.error));
    const show = (await target.client.listJobs({ parent: 'sums' })).value.find(({ properties }) => properties.nodeName === 'show');
    assert.match(await logOf(target.client, show!.name), /20006\nshown/);
    const again = await planSubmission(target, at('pipeline.yml'));
    assert.deepEqual([again.promoted, again.uploads], [[], []]);
    assert.ok(again.summary.includes('Nothing has to be uploaded from this machine.'), again.summary.join('\n'));
  });

  it('are refused before anything is sent where a version is another one there, with all of them named', async () => {
    const client = memberAt('conflict');
    await client.putAsset('environments', 'shell', '1', { image: 'debian:12' });
    await client.writeBlob('azureml-blobstore', 'mine/one.txt', 'mine');
    await client.putAsset('data', 'numbers', '3', {
      dataType: 'uri_folder',
      dataUri: 'azureml://datastores/workspaceblobstore/paths/mine/',
    });
    const before = await changes(there);
    const { problems, text } = await planSubmission(targetOf(client), at('pipeline.yml'));
    assert.deepEqual(problems.map(({ message }) => message.replace(there.url, 'there')).sort(), [
      'numbers:3 of data is another one in there.',
      'shell:1 of environments is another one in there.',
    ]);
    assert.match(text, /^# Can't be submitted: numbers:3 of data is another one/m);
    await assert.rejects(submitElsewhere(targetOf(client), { file: at('pipeline.yml') }), {
      code: 'Conflict',
      message: /shell:1 of environments[\s\S]*numbers:3 of data|numbers:3 of data[\s\S]*shell:1 of environments/,
    });
    assert.equal(await changes(there), before);
  });

  it('go on where the network cut them off, and leave nothing half registered', async () => {
    const random = seeded(7);
    const network = await badNetwork({ port: Number(new URL(there.url).port), random, mostBytes: 40_000 });
    const direct = memberAt('cut');
    try {
      const target = targetOf(memberAt('cut', network.url));
      let wasCut = 0;
      for (let job: unknown; !job; ) {
        assert.ok(wasCut < 200, 'it never came through');
        job = await submitElsewhere(target, { file: at('pipeline.yml'), name: 'cut' }).then(
          (done) => done.job,
          () => void wasCut++,
        );
        // A version that is there has all of its files and all that it names.
        if (await direct.getAsset('data', 'numbers', '3').catch(() => undefined)) {
          const { entries } = await direct.listBlobs('azureml-blobstore', 'LocalUpload', { recursive: true });
          assert.deepEqual(
            entries
              .filter(({ path: each }) => each.includes('numbers/'))
              .map(({ size }) => size)
              .sort(),
            [10_000, 6],
          );
        }
        if (await direct.getAsset('components', 'sum', '2').catch(() => undefined)) await direct.getAsset('environments', 'shell', '1');
      }
    } finally {
      network.close();
    }
    assert.equal((await jobWhen(direct, 'cut')).properties.status, 'Completed');
  });

  it('stop where they are canceled, and go on when they are submitted again', async () => {
    const target = targetOf(memberAt('canceled'));
    const abort = new AbortController();
    const onProgress = (text: string) => text.startsWith('Promoting') && abort.abort();
    await assert.rejects(submitElsewhere(target, { file: at('pipeline.yml'), name: 'canceled', onProgress, signal: abort.signal }), {
      name: 'AbortError',
    });
    await assert.rejects(target.client.getJob('canceled'), { code: 'NotFound' });
    assert.notDeepEqual((await planSubmission(target, at('pipeline.yml'))).promoted, []);
    await submitElsewhere(target, { file: at('pipeline.yml'), name: 'canceled' });
    assert.equal((await jobWhen(target.client, 'canceled')).properties.status, 'Completed');
  });

  it('ask for a compute once, and keep what it is called there', async () => {
    const client = memberAt('mapped');
    const compute = { properties: { computeType: 'VirtualMachine', properties: {} } };
    await there.send('PUT', `${workspacePath({ ...defaultWorkspace, workspace: 'mapped' })}/computes/gpu-box`, compute);
    const before = await changes(there);
    await assert.rejects(submitElsewhere(targetOf(client), { file: at('pipeline.yml') }), {
      code: 'NoCompute',
      message: 'mapped of gpu-team has no compute "cpu-cluster".',
      hint: /It has gpu-box\. .*--map-compute cpu-cluster=gpu-box.*\.updraft\/config\.yml/,
    });
    assert.equal(await changes(there), before);
    mkdirSync(at('.updraft'));
    writeFileSync(at('.updraft/config.yml'), 'computes: [a]\n');
    await assert.rejects(planSubmission(targetOf(client), at('pipeline.yml')), { code: 'InvalidValue', message: /"computes" must have/ });
    writeFileSync(at('.updraft/config.yml'), 'computes: {\n');
    await assert.rejects(planSubmission(targetOf(client), at('pipeline.yml')), { code: 'YamlSyntax' });
    writeFileSync(at('.updraft/config.yml'), `# Ours.\ncomputes:\n  ${JSON.stringify(there.url)}: { cpu-cluster: gpu-box }\n`);
    const plan = await planSubmission(targetOf(client), at('pipeline.yml'));
    assert.deepEqual([plan.problems, plan.computes], [[], [{ here: 'cpu-cluster', there: 'gpu-box' }]]);
    const { job } = await submitElsewhere(targetOf(client), { file: at('pipeline.yml'), name: 'mapped' });
    assert.equal((job.properties as { settings: { default_compute: string } }).settings.default_compute, 'gpu-box');
    const { show } = (job.properties as unknown as { jobs: Record<string, { computeId: string }> }).jobs;
    assert.match(show!.computeId, /workspaces\/mapped\/computes\/gpu-box$/);
    assert.equal((await jobWhen(client, 'mapped')).properties.status, 'Completed');
    rmSync(at('.updraft'), { recursive: true });
  });

  it('tell what a quota would do, and refuse who may not submit there', async () => {
    const quotas = { jobsAtOnce: 0, runningHours: 0 };
    const operator = new PlaneClient(there, { ...defaultWorkspace, workspace: 'vision' });
    await putQuota(operator, 'workspace', quotas);
    const { summary } = await planSubmission(targetOf(memberAt('vision')), at('pipeline.yml'));
    assert.ok(summary.includes('The quota of the workspace: 0 of 0 jobs run, so it waits.'), summary.join('\n'));
    assert.ok(summary.includes('The quota of the workspace: all 0 running hours are used, so it is refused.'));
    await there.add('rita@example.org', 'Reader', 'cut');
    const { token: readers } = (await there.send('POST', '/updraft/team/tokens', { name: 'test', member: 'rita@example.org' })).body;
    const asReader = targetOf(memberAt('cut', there.url, readers));
    const before = await changes(there);
    await assert.rejects(submitElsewhere(asReader, { file: at('pipeline.yml') }), {
      code: 'AuthorizationFailed',
      message: 'Your roles do not let you submit jobs in cut of gpu-team.',
    });
    assert.equal(await changes(there), before);
  });

  it('name what is on neither plane as the plane itself does', async () => {
    writeFileSync(at('gone.yml'), readFileSync(at('pipeline.yml'), 'utf8').replace('azureml:sum:2', 'azureml:sum:9'));
    await assert.rejects(planSubmission(targetOf(memberAt('vision')), at('gone.yml')), { code: 'AssetNotFound', message: /sum/ });
  });

  it('are submitted by the command line, by the name of the plane', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    try {
      const env = { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_URI: there.url, UPDRAFT_SERVER: here.url };
      const run = (args: string[], more = {}) => updraft(home, args, { env: { ...env, ...more } });
      for (const [name, url, message] of [
        ['local', there.url, /can't be called "local"/],
        ['a.b', there.url, /can't be called "a\.b"/],
        ['far', 'http://updraft.example.org', /in the clear/],
      ] as const) {
        const { code, stderr } = await run(['remote', 'add', name, url]);
        assert.notEqual(code, 0, stderr);
        assert.match(stderr, message);
      }
      const added = await run(['remote', 'add', 'gpu-team', there.url]);
      assert.equal(added.stdout.trim(), `gpu-team is ${there.url}. Sign in to it: updraft login --server gpu-team.`);
      assert.match((await run(['remote', 'add', 'gpu-team', 'https://other.example.org'])).stderr, /is http.* already/);
      assert.match((await run(['remote', 'list'])).stdout, new RegExp(`^gpu-team +${there.url}`, 'm'));
      const from = ['--server', here.url, '--token', here.token, '--to', 'gpu-team', '--to-workspace', 'mapped'];
      const lost = await run(['job', 'submit', '-f', at('pipeline.yml'), ...from.map((each) => (each === 'gpu-team' ? 'gpu-taem' : each))]);
      assert.match(lost.stderr, /No control plane is called "gpu-taem"\.\nDid you mean "gpu-team"\?/);
      const dry = await run(['job', 'submit', '-f', at('pipeline.yml'), ...from, '--dry-run']);
      assert.equal(dry.code, 1, dry.stderr);
      assert.match(dry.stdout, /^# Can't be submitted: mapped of gpu-team has no compute "cpu-cluster"\.$/m);
      const wrong = await run(['job', 'submit', '-f', at('pipeline.yml'), ...from, '--map-compute', 'cpu-cluster=box']);
      assert.match(wrong.stderr, /has no compute "box"\.\nIt has gpu-box\./);
      assert.ok(!existsSync(at('.updraft/config.yml')));
      const args = ['ml', 'job', 'create', '-f', at('pipeline.yml'), ...from, '-n', 'by-hand', '--map-compute', 'cpu-cluster=gpu-box'];
      const good = await run(args);
      assert.equal(good.code, 0, good.stderr);
      assert.equal(JSON.parse(good.stdout).name, 'by-hand');
      assert.match(readFileSync(at('.updraft/config.yml'), 'utf8'), /^computes:\n {2}gpu-team:\n {4}cpu-cluster: gpu-box$/m);
      const planned = JSON.parse((await run(['job', 'submit', '-f', at('pipeline.yml'), ...from, '--dry-run', '-o', 'json'])).stdout);
      assert.deepEqual(
        [planned.can_be_submitted, planned.promoted, planned.computes],
        [true, [], [{ here: 'cpu-cluster', there: 'gpu-box' }]],
      );
      assert.match((await run(['job', 'submit', '-f', at('pipeline.yml'), '--to-workspace', 'x'])).stderr, /Say which one: --to NAME/);
      const jobs = await run(['job', 'list', '--server', 'gpu-team', '-w', 'mapped'], { UPDRAFT_SERVER: undefined });
      assert.match(jobs.stdout, /^by-hand /m);
      const removed = await run(['remote', 'remove', 'gpu-team']);
      assert.match(removed.stdout, /means no control plane any more/);
      assert.match((await run(['remote', 'remove', 'gpu-team'])).stderr, /No control plane is called/);
    } finally {
      rmSync(home, { recursive: true, force: true });
      rmSync(at('.updraft'), { recursive: true, force: true });
    }
  });
});
