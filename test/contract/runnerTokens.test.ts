import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';
import type { IssuedRunnerToken } from '../../src/protocol/team.ts';
import { runnerKinds } from '../../src/runner/runner.ts';
import { leaseMs } from '../../src/server/leases/lease.ts';
import { jobWhen, logOf } from './plane.ts';
import { runnerElsewhere } from './runnerElsewhere.ts';
import { SetClock } from './setClock.ts';
import { type Answer, type Send, startTeam, type TeamPlane, workspaceAt } from './team.ts';
import { bundle, updraft } from './updraft.ts';

const [vision, speech] = ['vision', 'speech'].map((workspace) => ({ ...defaultWorkspace, workspace })) as [
  typeof defaultWorkspace,
  typeof defaultWorkspace,
];

describe('the token of a runner', () => {
  let plane: TeamPlane;
  let clock: SetClock;
  let olga: Send;
  let ann: Send;
  before(async () => {
    clock = new SetClock('2026-11-27T12:00:00Z');
    plane = await startTeam(undefined, clock);
    const owner = await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    olga = plane.as(owner.body.token.token);
    for (const name of ['vision', 'speech', 'secret']) await plane.makeWorkspace(name);
    ann = plane.as((await plane.add('ann@example.org', 'AzureML Data Scientist', 'vision')).token.token);
    for (const ref of [vision, speech]) await client(plane.token, ref).putAsset('environments', 'shell', '1', { image: 'ubuntu:22.04' });
  });
  after(() => plane.remove());

  const client = (token: string, ref = vision) => new PlaneClient({ url: plane.url, token, workspace: ref.workspace }, ref);
  const ofOperator = () => client(plane.token);
  const make = async (more: object = {}, as: Send = olga): Promise<Answer> =>
    as('POST', '/updraft/team/runner-tokens', { name: 'gpu-box', workspaces: ['vision'], computes: ['gpu-box'], ...more });
  async function issued(more: object = {}): Promise<IssuedRunnerToken> {
    const { status, text, body } = await make(more);
    assert.equal(status, 201, text);
    return body;
  }
  const runnerWith = (token: string, folder: string, ref = vision, computes: string[] = ['gpu-box']) =>
    runnerElsewhere(plane, folder, { client: client(token, ref), clientOfJob: (own) => client(own, ref), computes });
  const submit = (name: string, command: string, more: object = {}, ref = vision) =>
    client(plane.token, ref).putJob(name, {
      jobType: 'Command',
      environmentId: assetId(ref, 'environments', 'shell', '1'),
      computeId: 'gpu-box',
      command,
      ...more,
    });
  const claim = (as: Send, more: object = {}, workspace = 'vision') =>
    as(
      'POST',
      '/updraft/claims',
      { runnerId: 'by-hand', computes: ['gpu-box'], room: 1, holds: [], ...more },
      { 'x-mlflow-workspace': workspace },
    );

  it('is made by who gives roles in its workspaces, shown once, listed and ended by them', async () => {
    const { token, ...shown } = await issued({ workspaces: ['vision', 'speech'], days: 7 });
    assert.match(token, /^runner_[0-9a-f]{16}_[\w-]{43}$/);
    assert.deepEqual(
      [shown.workspaces, shown.computes, shown.createdBy, shown.expiresAt],
      [['vision', 'speech'], ['gpu-box'], 'olga@example.org', '2026-12-04T12:00:00.000Z'],
    );
    const list = await olga('GET', '/updraft/team/runner-tokens');
    assert.deepEqual(list.body.value, [shown]);
    assert.ok(!list.text.includes(token));

    // Who gives roles in one workspace lets runners into that one, and learns of no other.
    const victor = plane.as((await plane.add('victor@example.org', 'Owner', 'vision')).token.token);
    assert.deepEqual((await victor('GET', '/updraft/team/runner-tokens')).body.value, [{ ...shown, workspaces: ['vision'] }]);
    assert.match((await make({ workspaces: ['vision', 'secret'] }, victor)).text, /There is no workspace \\"secret\\" here/);
    const own = await make({}, victor);
    assert.equal(own.status, 201, own.text);
    assert.equal((await make({}, ann)).status, 403);
    assert.equal((await ann('DELETE', `/updraft/team/tokens/${shown.id}`)).status, 404);
    for (const [wrong, why] of [
      [{ workspaces: [] }, /workspaces/],
      [{ workspaces: ['nowhere'] }, /There is no workspace/],
      [{ days: 1000 }, /366 days at most/],
      [{ name: '' }, /name/],
    ] as const)
      assert.match((await make(wrong)).text, why);
    for (const id of [shown.id, own.body.id]) assert.equal((await victor('DELETE', `/updraft/team/tokens/${id}`)).status, 204);
    assert.deepEqual((await olga('GET', '/updraft/team/runner-tokens')).body.value, []);
    assert.equal((await claim(plane.as(token))).status, 401);
    const { value } = (await olga('GET', '/updraft/audit')).body;
    const made = value.filter(({ path: to, outcome }: any) => to === '/updraft/team/runner-tokens' && outcome === 'done');
    assert.equal(made.length, 2);
  });

  it('is all that a runner needs: what a job reads and puts out goes by the token of the job', async () => {
    const runner = runnerWith((await issued()).token, 'box');
    try {
      await ofOperator().writeBlob('azureml-blobstore', 'data/words.txt', 'one two three');
      const words = 'azureml://datastores/workspaceblobstore/paths/data/words.txt';
      await submit('counts', 'wc -w < ${{inputs.words}} > ${{outputs.count}}/words && echo kept > outputs/note.txt && echo counted', {
        inputs: { words: { jobInputType: 'uri_file', uri: words } },
        outputs: {
          count: { jobOutputType: 'uri_folder', assetName: 'count' },
          model: { jobOutputType: 'custom_model', uri: 'azureml://datastores/workspaceblobstore/paths/models/of-box/' },
        },
      });
      // The second output is not written: a job says so, and what it has put out by then is kept.
      const missing = await jobWhen(ofOperator(), 'counts');
      assert.equal(missing.properties.error?.code, 'OutputMissing', JSON.stringify(missing.properties.error));
      await submit(
        'counts-all',
        'wc -w < ${{inputs.words}} > ${{outputs.count}}/words && echo w > ${{outputs.model}}/weights && echo kept > outputs/note.txt && echo counted',
        {
          inputs: { words: { jobInputType: 'uri_file', uri: words } },
          outputs: {
            count: { jobOutputType: 'uri_folder', assetName: 'count' },
            model: {
              jobOutputType: 'custom_model',
              assetName: 'net',
              uri: 'azureml://datastores/workspaceblobstore/paths/models/of-box/',
            },
          },
        },
      );
      const { properties } = await jobWhen(ofOperator(), 'counts-all');
      assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
      assert.match(await logOf(ofOperator(), 'counts-all'), /^counted$/m);
      assert.equal(await (await ofOperator().readArtifact('counts-all', 'outputs/note.txt')).text(), 'kept\n');
      assert.equal((await ofOperator().getAsset('models', 'net', '1')).properties.jobName, 'counts-all');
      assert.match((await ofOperator().getAsset('data', 'count', '1')).properties.dataUri, /azureml\/counts-all\/count/);
      assert.equal(await (await ofOperator().readBlob('azureml-blobstore', 'models/of-box/weights')).text(), 'w\n');
    } finally {
      await runner.dispose();
    }
  });

  it('opens jobs of its computes in its workspaces, and nothing of others', async () => {
    const { token } = await issued();
    const box = plane.as(token);
    await submit('of-box', 'true');
    await submit('of-another', 'true', { computeId: 'another' });
    await submit('of-nobody', 'true', { computeId: undefined });
    await submit('of-speech', 'true', {}, speech);
    for (const wrong of [{ computes: ['another'] }, { others: true }, { computes: ['gpu-box', 'another'] }, { orchestrates: true }]) {
      const { status, text } = await claim(box, wrong);
      assert.equal(status, 403, text);
      assert.match(text, /token of a runner/);
    }
    assert.equal((await claim(box, {}, 'speech')).status, 404);
    // Nothing was taken by what was refused.
    const { body } = await claim(box, { room: 10 });
    assert.deepEqual(
      body.jobs.map(({ name }: any) => name),
      ['of-box'],
    );
    // Another runner has a job of another compute. Whoever knows its id gets nothing of that.
    const everything = plane.as((await issued({ computes: [] })).token);
    const other = await claim(everything, { runnerId: 'other', computes: ['another'], room: 10 });
    assert.deepEqual(
      other.body.jobs.map(({ name }: any) => name),
      ['of-another'],
    );
    const all = await claim(everything, {
      runnerId: 'other',
      computes: ['this-machine'],
      others: true,
      room: 10,
      holds: ['of-another'],
    });
    assert.deepEqual(
      all.body.jobs.map(({ name }: any) => name),
      ['of-nobody'],
    );
    const taken = await claim(box, { runnerId: 'other', holds: ['of-another'] });
    assert.deepEqual([taken.body.jobs, taken.body.tokens, taken.body.lost], [[], {}, ['of-another']]);
    const log = (job: string) => `/updraft/logs/${job}/${logFile}?offset=0`;
    const report = (job: string) => `${workspaceAt('vision')}/jobs/${job}/report`;
    for (const [method, to, body] of [
      ['POST', log('of-another'), 'forged'],
      ['GET', log('of-another'), undefined],
      ['POST', log('of-nobody'), 'forged'],
      ['POST', report('of-another'), { runnerId: 'other', status: 'Failed' }],
      ['GET', `${workspaceAt('vision')}/jobs/of-box`, undefined],
      ['GET', '/updraft/blobs/azureml-blobstore/data/words.txt', undefined],
      ['PUT', '/updraft/blobs/azureml-blobstore/data/words.txt', 'forged'],
      ['POST', `${workspaceAt('vision')}/datastores/workspaceblobstore/listSecrets`, {}],
      ['POST', '/updraft/team/tokens', { name: 'more' }],
      ['GET', '/msi/token?resource=https://management.azure.com', undefined],
    ] as const) {
      const { status, text } = await box(method, to, body, { 'x-identity-header': token });
      assert.ok([401, 403].includes(status), `${method} ${to}: ${status} ${text}`);
    }
    assert.equal((await box('POST', log('of-box'), 'here')).status, 200);
    assert.equal((await box('POST', report('of-box'), { runnerId: 'somebody', status: 'Failed' })).status, 409);
    assert.equal((await box('POST', report('of-box'), { runnerId: 'by-hand', status: 'Completed' })).status, 204);
    // The log of what has ended stays as it is.
    assert.equal((await box('POST', log('of-box').replace('=0', '=4'), 'late')).status, 403);
    for (const job of ['of-another', 'of-nobody', 'of-speech'])
      await client(plane.token, job === 'of-speech' ? speech : vision).cancelJob(job);
  });

  it("lets a job write its own outputs and artifacts, and nobody's else", async () => {
    const box = plane.as((await issued()).token);
    await submit('writes', 'true', { outputs: { out: { jobOutputType: 'uri_folder' } } });
    await submit('beside', 'true');
    const { body } = await claim(box, { room: 10 });
    const job = plane.as(body.tokens.writes);
    const put = async (container: string, to: string) => (await job('PUT', `/updraft/blobs/${container}/${to}`, 'x')).status;
    assert.equal(await put('azureml-blobstore', 'azureml/writes/out/a/b.txt'), 201);
    assert.equal(await put('azureml', 'ExperimentRun/dcid.writes/outputs/a.txt'), 201);
    for (const [container, to] of [
      ['azureml-blobstore', 'azureml/writes/outside.txt'],
      ['azureml-blobstore', 'azureml/writes/out-of-it/a.txt'],
      ['azureml-blobstore', 'azureml/beside/out/a.txt'],
      ['azureml-blobstore', 'data/words.txt'],
      ['azureml', 'ExperimentRun/dcid.beside/a.txt'],
    ] as const)
      assert.equal(await put(container, to), 403, to);
    // It would tell what others have, and give it.
    const known = '/updraft/blobs/azureml/ExperimentRun/dcid.writes/linked?sha256=';
    assert.equal((await job('PUT', `${known}${'0'.repeat(64)}`)).status, 404);
    for (const name of ['writes', 'beside'])
      await box('POST', `${workspaceAt('vision')}/jobs/${name}/report`, { runnerId: 'by-hand', status: 'Completed' });
    assert.equal(await put('azureml-blobstore', 'azureml/writes/out/late.txt'), 401);
  });

  it('is told of jobs, computes and environments of its workspace alone', async () => {
    const { token, id } = await issued();
    const seen: string[] = [];
    const feed = new ChangeStream(client(token).http);
    try {
      await feed.settled;
      assert.equal(feed.state, 'live');
      feed.onDidChange((change) => seen.push(`${change.kind} ${change.workspace}`));
      const heard = new Promise<void>((resolve) => feed.onDidChange((change) => change.id === 'last' && resolve()));
      await submit('elsewhere', 'true', { computeId: 'nobody' }, speech);
      await plane.add('bob@example.org');
      await submit('run', 'true', { computeId: 'nobody' });
      await ofOperator().logBatch('run', {
        metrics: [{ key: 'a', value: 1, timestamp: 1, step: 0 }],
      });
      await submit('last', 'true', { computeId: 'nobody' });
      await heard;
      assert.ok(
        seen.every((each) => /^(job|compute|environment) vision$/.test(each)),
        seen.join(', '),
      );
      const ended = new Promise<void>((resolve) => feed.onDidChangeState((state) => state === 'disconnected' && resolve()));
      await olga('DELETE', `/updraft/team/tokens/${id}`);
      await ended;
    } finally {
      feed.dispose();
    }
    assert.ok(runnerKinds.every((kind) => ['job', 'compute', 'environment'].includes(kind)));
  });

  it('that is revoked ends its runner, and its jobs are taken from it when their leases run out', async () => {
    const { token, id } = await issued();
    const runner = runnerWith(token, 'revoked');
    try {
      const go = path.join(plane.folder, 'go');
      await submit('long', `while [ ! -e ${go} ]; do sleep 0.05; done`);
      await jobWhen(ofOperator(), 'long', ({ properties }) => properties.status === 'Running');
      await olga('DELETE', `/updraft/team/tokens/${id}`);
      assert.match((await runner.refused).message, /This token of a runner was revoked/);
      assert.equal((await ofOperator().getJob('long')).properties.status, 'Running');
      clock.set(clock.now() + leaseMs + 1000);
      const { properties } = await jobWhen(ofOperator(), 'long');
      assert.match(properties.error?.message ?? '', /Its runner was not heard of/);
      writeFileSync(go, '');
    } finally {
      await runner.dispose();
    }
  });

  it('may be replaced while a command runs: the next runner goes on with it', async () => {
    const { token, id } = await issued();
    const first = runnerWith(token, 'replaced');
    const go = path.join(plane.folder, 'go-on');
    try {
      await submit('goes-on', `echo begun; while [ ! -e ${go} ]; do sleep 0.05; done; echo ended > outputs/end.txt; echo ended`);
      await jobWhen(ofOperator(), 'goes-on', ({ properties }) => properties.status === 'Running');
      await olga('DELETE', `/updraft/team/tokens/${id}`);
      await first.refused;
    } finally {
      await first.dispose();
    }
    const second = runnerWith((await issued()).token, 'replaced');
    try {
      writeFileSync(go, '');
      const { properties } = await jobWhen(ofOperator(), 'goes-on');
      assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
      assert.match(await logOf(ofOperator(), 'goes-on'), /begun\nended\n$/);
      assert.equal(await (await ofOperator().readArtifact('goes-on', 'outputs/end.txt')).text(), 'ended\n');
    } finally {
      await second.dispose();
    }
  });

  it('expires, and says so', async () => {
    const { token } = await issued({ days: 1 });
    clock.set(clock.now() + 24 * 3600_000);
    const { status, text } = await claim(plane.as(token));
    assert.equal(status, 401);
    assert.match(text, /token of the runner \\"gpu-box\\" expired at .*updraft token create --runner/s);
  });

  describe('on the command line', () => {
    let work: string;
    before(() => {
      work = mkdtempSync(path.join(tmpdir(), 'updraft-'));
      mkdirSync(path.join(work, 'home'));
    });
    after(() => rmSync(work, { recursive: true, force: true, maxRetries: 10 }));
    const run = (...args: string[]) =>
      updraft(path.join(work, 'home'), [...args, ...(args[0] === 'runner' ? [] : ['--server', plane.url, '--token', plane.token])]);
    const made = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run('token', 'create', '--runner', '--name', 'box', ...args);
      assert.equal(code, 0, stderr);
      return /MLFLOW_TRACKING_TOKEN='(runner_[^']+)'/.exec(stdout)![1]!;
    };

    it('is made, listed and revoked, and says what is missing', async () => {
      const token = await made('--workspace', 'vision', '--workspace', 'speech', '--compute', 'gpu-box');
      const { stdout } = await run('token', 'list', '--runner');
      const [, id] = /^([0-9a-f]{16}) +box +vision, speech +gpu-box +\S+ /m.exec(stdout) ?? [];
      assert.ok(id, stdout);
      assert.ok(!stdout.includes(token));
      for (const [args, why] of [
        [['--workspace', 'vision'], /Give --compute NAME, once for each, or --every-compute/],
        [['--compute', 'gpu-box'], /Give --workspace NAME/],
        [['--workspace', 'vision', '--compute', 'a', '--every-compute'], /Say of which computes/],
        [['--workspace', 'nowhere', '--every-compute'], /There is no workspace "nowhere" here/],
      ] as const) {
        const { code, stderr } = await run('token', 'create', '--runner', '--name', 'box', ...args);
        assert.notEqual(code, 0);
        assert.match(stderr, why);
        assert.doesNotMatch(stderr, /\n\s+at /);
      }
      assert.match((await run('token', 'create', '--name', 'x', '--compute', 'gpu-box')).stderr, /Computes are for tokens of runners/);
      const who = await updraft(path.join(work, 'home'), ['whoami', '--server', plane.url, '--token', token]);
      assert.match(who.stdout, /kind +runner[\s\S]*workspaces +vision, speech\ncomputes +gpu-box/, who.stderr);
      assert.match((await run('token', 'revoke', token)).stderr, /the text of a token, and not its id/);
      assert.equal((await run('token', 'revoke', id)).code, 0);
      assert.match((await run('token', 'list', '--runner')).stdout, /There is no token of a runner|box/);
    });

    it('says to the runner what it serves, and when it is revoked, why the runner ends', async () => {
      const token = await made('--workspace', 'vision', '--workspace', 'speech', '--compute', 'gpu-box');
      const id = token.split('_')[1]!;
      const other = await run('runner', '--server', plane.url, '--token', token, '--compute', 'another');
      assert.match(other.stderr, /The token of this runner is not for the compute "another"/);
      const { PATH, HOME } = process.env;
      const runner = spawn(process.execPath, [bundle, 'runner', '--server', plane.url, '--data', path.join(work, 'home')], {
        env: { PATH, HOME, MLFLOW_TRACKING_TOKEN: token, UPDRAFT_CONFIG: path.join(work, 'config') },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ended = new Promise<number | null>((resolve) => runner.once('exit', (code) => resolve(code)));
      let said = '';
      runner.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      try {
        for (const ref of [vision, speech]) {
          await submit(`cli-${ref.workspace}`, 'true', {}, ref);
          const { properties } = await jobWhen(client(plane.token, ref), `cli-${ref.workspace}`);
          assert.equal(properties.status, 'Completed', JSON.stringify(properties.error));
        }
        assert.match(said, /^Waiting for jobs of \S+ in vision, speech for gpu-box\./m);
        await olga('DELETE', `/updraft/team/tokens/${id}`);
        assert.equal(await ended, 1);
        assert.match(said, /The control plane lets this runner in no more: This token of a runner was revoked/);
        assert.match(said, /updraft token create --runner/);
        assert.doesNotMatch(said, /\n\s+at /);
      } finally {
        runner.kill('SIGKILL');
        await ended;
      }
    });
  });
});
