import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { artifactContainer, blobContainer } from '../../src/protocol/asset.ts';
import { jobProperty } from '../../src/protocol/job.ts';
import { artifactFolder, logFile } from '../../src/protocol/jobPlaces.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { Journal } from '../../src/sync/folder/journal.ts';
import { copyJob } from '../../src/sync/jobs/copyJob.ts';
import { push } from '../../src/sync/push.ts';
import { everythingOf } from './everythingOf.ts';
import { failingPipeline } from './failingPipeline.ts';
import { badNetwork } from './faults/badNetwork.ts';
import { seeded } from './faults/random.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { startTeam, type TeamPlane } from './team.ts';
import { updraft } from './updraft.ts';

describe('jobs that are sent to another plane', () => {
  let [here, folder]: [TestPlane, string] = [undefined!, ''];
  let there: TeamPlane;
  let ann: PlaneClient;
  let token: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    [here, there] = await Promise.all([startPlane(), startTeam()]);
    await there.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    await there.makeWorkspace('vision');
    ({ token } = (await there.add('ann@example.org', 'AzureML Data Scientist', 'vision')).token);
    ann = memberAt(there.url);
    await shellEnvironment(here.client);
    mkdirSync(path.join(folder, 'src'));
    writeFileSync(
      path.join(folder, 'src/prepare.sh'),
      'seq 1 1000 > "$1/numbers.txt"; echo prepared; for n in $(seq 200); do echo "line $n"; done\n',
    );
    writeFileSync(path.join(folder, 'pipeline.yml'), failingPipeline);
    await submitJob({ client: here.client, file: path.join(folder, 'pipeline.yml'), name: 'digits' });
    const job = await jobWhen(here.client, 'digits');
    assert.equal(job.properties.status, 'Failed', JSON.stringify(job.properties.error));
    const point = (step: number) => ({
      key: 'loss',
      value: step === 7 ? 'NaN' : 1 / (step + 1),
      step,
      timestamp: 1_700_000_000_000 + step,
    });
    for (const first of [0, 1000, 2000])
      await here.client.logBatch('digits', { metrics: Array.from({ length: first < 2000 ? 1000 : 500 }, (_, at) => point(first + at)) });
    await here.client.logBatch('digits', { params: [{ key: 'lr', value: '0.1' }] });
    await here.client.writeBlob(artifactContainer, `${artifactFolder('digits')}/plots/a.svg`, '<svg/>');
  });
  after(async () => {
    await Promise.all([here.remove(), there.remove()]);
    rmSync(folder, { recursive: true, force: true });
  });
  const memberAt = (url: string) => new PlaneClient({ url, token }, { ...defaultWorkspace, workspace: 'vision' });

  it('are the same there: steps, code, environment, outputs, log, metrics, why they failed; sent again, nothing travels', async () => {
    const sent = await copyJob({ from: here.client, to: ann }, 'digits');
    assert.equal(sent.jobs, 3);
    // The jobs have logged what the machine did, too.
    assert.ok(sent.points >= 2500, `${sent.points} points`);
    assert.ok(sent.files >= 2 && sent.bytes > 3000, JSON.stringify(sent));
    const copy = await ann.getJob('digits');
    assert.equal(copy.properties.properties![jobProperty.origin], `${(await here.client.health()).id}/${defaultWorkspace.workspace}`);
    assert.equal(copy.properties.status, 'Failed');
    const [a, b] = [await everythingOf(here.client, 'digits'), await everythingOf(ann, 'digits')];
    assert.equal(a.length, 3);
    assert.deepEqual(b, a);
    const [prepare] = (await ann.listJobs({ parent: 'digits', listViewType: 'All' })).value.filter(
      ({ properties }) => properties.nodeName === 'prepare',
    );
    const { codeId } = prepare!.properties as { codeId: string };
    assert.match(codeId, /\/workspaces\/vision\/codes\//);
    const [name, version] = [codeId.split('/').at(-3)!, codeId.split('/').at(-1)!];
    const code = await ann.getAsset('codes', decodeURIComponent(name), version);
    const script = await ann.readBlob(blobContainer, `${code.properties.codeUri.split('/paths/')[1]!.replace(/\/$/, '')}/prepare.sh`);
    assert.equal(await script.text(), readFileSync(path.join(folder, 'src/prepare.sh'), 'utf8'));
    const { seq } = await there.client.status();
    assert.deepEqual(await copyJob({ from: here.client, to: ann }, 'digits'), { jobs: 0, files: 0, bytes: 0, points: 0 });
    const since = { plane: (await there.client.health()).id, epoch: (await there.client.status()).epoch, seq };
    const kinds: string[] = [];
    const feed = new ChangeStream(ann.http, { since });
    feed.onDidChange(({ kind, id }) => kinds.push(`${kind} ${id}`));
    await ann.http.json('POST', '/api/2.0/mlflow/runs/set-tag', { run_id: 'digits', key: 'reviewed', value: 'yes' });
    while (kinds.at(-1) !== 'sharedFields digits') await new Promise<void>((resolve) => feed.onDidChange(() => resolve()));
    feed.dispose();
    assert.deepEqual(kinds, ['job digits', 'sharedFields digits'], 'what is the same is not written again');
  });

  it('get what was added since, and keep what people added there', async () => {
    await here.client.http.json('POST', '/api/2.0/mlflow/runs/set-tag', { run_id: 'digits', key: 'good', value: 'no' });
    await here.client.logBatch('digits', { metrics: [{ key: 'loss', value: 0.5, step: 9000, timestamp: 1_800_000_000_000 }] });
    const sent = await copyJob({ from: here.client, to: ann }, 'digits');
    assert.deepEqual([sent.jobs, sent.points, sent.bytes], [1, 1, 0]);
    const { tags } = (await ann.getJob('digits')).properties;
    assert.deepEqual([tags!.reviewed, tags!.good, tags!.team], ['yes', 'no', 'vision']);
  });

  it('arrive whole over a network that is cut at any byte', async () => {
    const random = seeded(11);
    await submitJob({ client: here.client, file: path.join(folder, 'pipeline.yml'), name: 'cut' });
    await jobWhen(here.client, 'cut');
    await here.client.writeBlob(artifactContainer, `${artifactFolder('cut')}/big.bin`, Buffer.alloc(60_000, 'big'));
    const network = await badNetwork({ port: Number(new URL(there.url).port), random, mostBytes: 150_000 });
    try {
      const [journal, file] = [new Journal(path.join(folder, 'cut.jsonl')), path.join(folder, 'cut.jsonl')];
      const intent = { job: 'cut', from: { plane: 'local', workspace: '' }, to: { plane: 'team', workspace: 'vision' } };
      journal.want([intent]);
      for (let tries = 0; journal.entries[0]!.state !== 'sent'; tries++) {
        assert.ok(tries < 50, 'it never came through');
        await push({ from: here.client, to: memberAt(network.url) }, journal, [intent]);
      }
      journal.close();
      // A line that was cut off never counted.
      appendFileSync(file, '{"at":"2026-01-01T00:00:00.000Z","job":"cu');
      const again = new Journal(file);
      assert.deepEqual(
        again.entries.map(({ job, state }) => [job, state]),
        [['cut', 'sent']],
      );
      again.note(intent, 'waiting');
      again.close();
      assert.deepEqual(
        new Journal(file).entries.map(({ state }) => state),
        ['waiting'],
      );
    } finally {
      network.close();
    }
    assert.deepEqual(await everythingOf(ann, 'cut'), await everythingOf(here.client, 'cut'));
  });

  it('are refused where another job has the name, and by who may not', async () => {
    const environmentId = await shellEnvironment(here.client);
    await here.client.putJob('same', { jobType: 'Command', command: 'true', environmentId });
    await jobWhen(here.client, 'same');
    await shellEnvironment(ann);
    const { run } = await ann.http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
    });
    const own = run.info.run_id;
    const asked = (job: string, name: string, body: object = {}) =>
      ann.http.json('PUT', `/updraft/copies/${name}`, {
        origin: { plane: 'other', workspace: 'w' },
        asOf: { epoch: 'e', seq: 1 },
        createdAt: '2026-01-01T00:00:00Z',
        properties: { jobType: 'Command', command: job, environmentId: 'e', status: 'Completed', ...body },
        params: [],
        shared: { fields: {}, conflicts: [] },
      });
    await assert.rejects(asked('x', own), { code: 'Conflict', message: /There is another job/ });
    await assert.rejects(asked('x', 'digits'), { code: 'Conflict', message: /copied from another place/ });
    await assert.rejects(asked('x', 'orphan', { parentJobName: own }), { code: 'NotFound' });
    await assert.rejects(asked('x', 'nowhere', { status: undefined }), { code: 'InvalidRequest', message: /has no status/ });
    await assert.rejects(asked('x', 'timeless', { endedAt: 'soon' }), { code: 'InvalidRequest', message: /endedAt is no time/ });
    const gate = path.join(folder, 'gate');
    await here.client.putJob('long', { jobType: 'Command', command: `until [ -e ${gate} ]; do sleep 0.05; done`, environmentId });
    await assert.rejects(copyJob({ from: here.client, to: ann }, 'long'), { code: 'Conflict', message: /has not ended yet/ });
    writeFileSync(gate, '');
    const [step] = (await here.client.listJobs({ parent: 'digits', listViewType: 'All' })).value;
    await assert.rejects(copyJob({ from: here.client, to: ann }, step!.name), { code: 'Conflict', message: /is a part of digits/ });
    // The same version with another content.
    await ann.putAsset('environments', 'shell2', '1', { image: 'debian:12' });
    await here.client.putAsset('environments', 'shell2', '1', { image: 'ubuntu:22.04' });
    await here.client.putJob('other', { jobType: 'Command', command: 'true', environmentId: environmentId.replace('/shell/', '/shell2/') });
    await jobWhen(here.client, 'other');
    await assert.rejects(copyJob({ from: here.client, to: ann }, 'other'), {
      code: 'Conflict',
      message: /shell2:1 of environments is another one/,
    });
    const reader = (await there.add('rita@example.org', 'Reader', 'vision')).token.token;
    const asReader = new PlaneClient({ url: there.url, token: reader }, { ...defaultWorkspace, workspace: 'vision' });
    await assert.rejects(copyJob({ from: here.client, to: asReader }, 'same'), { code: 'AuthorizationFailed' });
  });

  it('are sent by the command line, which says what waits', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    try {
      const from = ['--server', here.url, '--token', here.token];
      const env = { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_URI: there.url };
      const away = await updraft(home, ['sync', 'push', 'same', ...from, '--to', 'http://127.0.0.1:9', '--to-workspace', 'vision'], {
        env: { MLFLOW_TRACKING_TOKEN: token },
      });
      assert.equal(away.code, 1, away.stdout);
      const good = await updraft(home, ['sync', 'push', 'same', 'digits', ...from, '--to', there.url, '--to-workspace', 'vision'], { env });
      assert.equal(good.code, 0, good.stderr);
      assert.match(good.stderr, /^same: 1 job, /m);
      assert.match(good.stderr, /^digits: in step already$/m);
      assert.match(good.stdout, /2 jobs in step/);
      const list = await updraft(home, ['sync', 'list']);
      assert.match(list.stdout, /^waiting +same .*127\.0\.0\.1:9/m);
      assert.match(list.stdout, new RegExp(`^sent +digits +${there.url}`, 'm'));
      assert.equal(
        (await updraft(home, ['sync', 'push', ...from, '--to', there.url, '--to-workspace', 'vision'], { env })).stdout.trim(),
        'Nothing waits to be sent.',
      );
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
    assert.equal((await logOf(ann, 'same')).length, await here.client.logSize('same', logFile));
  });

  it('are brought to this machine by the command line, which says from where they come', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    try {
      const nowhere = await updraft(home, ['sync', 'pull', 'digits']);
      assert.equal(nowhere.code, 2);
      assert.match(nowhere.stderr, /From where, is not said.*\n.*--from/);
      const env = { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_URI: there.url };
      const from = ['--from', there.url, '--from-workspace', 'vision'];
      const missing = await updraft(home, ['sync', 'pull', 'nothing', ...from], { env });
      assert.match(missing.stderr, /"nothing"|nothing was not found|no job/i);
      const pulled = await updraft(home, ['sync', 'pull', 'digits', ...from], { env });
      assert.equal(pulled.code, 0, pulled.stderr);
      assert.match(pulled.stdout, /1 job in step/);
      const shown = await updraft(home, ['job', 'show', '--name', 'digits', '--server', 'local']);
      assert.match(shown.stdout, /^status +Failed$/m, shown.stderr);
      const again = await updraft(home, ['sync', 'pull', 'digits', ...from], { env });
      assert.match(again.stderr, /^digits: in step already$/m);
    } finally {
      await updraft(home, ['stop']);
      rmSync(home, { recursive: true, force: true, maxRetries: 10 });
    }
  });
});
