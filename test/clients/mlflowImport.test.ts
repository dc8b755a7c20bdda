import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { mlflowWhole } from '../../scripts/pythonClients.ts';
import { startPlane, type TestPlane } from '../contract/plane.ts';
import { root, runProcess, updraft } from '../contract/updraft.ts';
import { type MlflowServer, startMlflowServer } from './mlflowServer.ts';

const script = path.join(root, 'test/clients/mlflow/moving.py');

/** What the mlflow client sees of a plane after the import is what it sees where that came from. */
describe('an import of all that MLflow has', () => {
  let [python, folder] = ['', ''];
  let peer: MlflowServer | undefined;
  const planes: TestPlane[] = [];

  before(async function () {
    // The first run on a machine installs MLflow.
    this.timeout(1_200_000);
    python = await mlflowWhole();
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-import-'));
  });
  after(async () => {
    peer?.stop();
    await Promise.all(planes.map((plane) => plane.remove()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function startPeer(): Promise<void> {
    peer = await startMlflowServer(python, folder);
    await peer.ready;
  }

  async function told(what: 'fill' | 'look', variables: Record<string, string>): Promise<any> {
    const { code, stdout, stderr } = await runProcess(python, [script, what], { cwd: folder, env: { ...process.env, ...variables } });
    assert.equal(code, 0, stderr.slice(-4000));
    return what === 'look' ? JSON.parse(stdout.trim().split('\n').at(-1)!) : undefined;
  }
  const seenOf = (plane: TestPlane) => told('look', { MLFLOW_TRACKING_URI: plane.url, MLFLOW_TRACKING_TOKEN: plane.token });
  const newPlane = async (): Promise<TestPlane> => {
    const plane = await startPlane({ withRunner: false });
    planes.push(plane);
    return plane;
  };
  const imported = (plane: TestPlane, args: string[]) =>
    updraft(path.join(folder, 'home'), ['import', ...args, '--server', plane.url, '--token', plane.token, '-o', 'json']);
  /** Runs that have not ended are refused by name, and everything else goes on. */
  const onlyRefused = (stdout: string, what: RegExp) => {
    const { refused, ...rest } = JSON.parse(stdout);
    assert.deepEqual([refused.length, what.test(refused[0]?.why)], [1, true], JSON.stringify(refused));
    return rest;
  };

  it('of a server is the same for the client; done again it changes nothing', async () => {
    await startPeer();
    const there = { MLFLOW_TRACKING_URI: peer!.url };
    await told('fill', there);
    const plane = await newPlane();
    const dry = await imported(plane, [peer!.url, '--dry-run']);
    onlyRefused(dry.stdout, /not ended yet/);
    assert.equal((await plane.client.searchExperiments()).experiments?.length ?? 0, 1, 'nothing was written');
    const first = await imported(plane, [peer!.url]);
    const counts = onlyRefused(first.stdout, /not ended yet/);
    assert.equal(first.code, 1);
    assert.match(first.stderr, /^run [0-9a-f]{32}: It has not ended yet\./m);
    assert.deepEqual(
      [counts.experiments, counts.jobs, counts.loggedModels, counts.models, counts.versions],
      [1, 4, 1, 3, 4],
      JSON.stringify(counts),
    );
    const theirs = await told('look', there);
    assert.deepEqual(await seenOf(plane), theirs);
    assert.equal(theirs.runs.length, 4);
    const { seq } = await plane.client.status();
    const { seen, dryRun, ...again } = onlyRefused((await imported(plane, [peer!.url])).stdout, /not ended yet/);
    assert.ok(seen >= 8 && dryRun === false);
    assert.ok(
      Object.values(again).every((count) => count === 0),
      JSON.stringify(again),
    );
    assert.equal((await plane.client.status()).seq, seq, 'nothing was written again');
  });

  it('of a run that has not ended takes it as killed where that is asked for, and brings what became of it later', async () => {
    const plane = planes[0]!;
    const taken = await imported(plane, [peer!.url, '--unended-as-killed', '--experiment-name', 'digits']);
    assert.equal(taken.code, 0, taken.stderr);
    assert.equal(JSON.parse(taken.stdout).jobs, 1);
    const killed = (await plane.client.listJobs({ experiment: 'digits', status: ['Canceled'] })).value;
    assert.deepEqual(
      killed.map(({ properties }) => properties.displayName),
      ['still running'],
    );
  });

  it('of a folder of files is the same for the client, and follows no links', async () => {
    const files = path.join(folder, 'mlruns');
    const there = { MLFLOW_TRACKING_URI: `file://${files}`, MLFLOW_ALLOW_FILE_STORE: 'true' };
    await told('fill', there);
    const theirs = await told('look', there);
    const plane = await newPlane();
    const first = await imported(plane, [files]);
    onlyRefused(first.stdout, /not ended yet/);
    assert.deepEqual(await seenOf(plane), theirs);
    const { seq } = await plane.client.status();
    onlyRefused((await imported(plane, [files])).stdout, /not ended yet/);
    assert.equal((await plane.client.status()).seq, seq, 'nothing was written again');
    // A hostile copy of it.
    const hostile = path.join(folder, 'hostile');
    cpSync(files, hostile, { recursive: true });
    const experiment = readdirSync(hostile).find((name) => /^\d{2,}$/.test(name))!;
    const [one, two] = theirs.runs.filter((run: { experiment: string }) => run.experiment === 'digits');
    writeFileSync(path.join(folder, 'secret'), 'secret');
    symlinkSync(path.join(folder, 'secret'), path.join(hostile, experiment, one.id, 'artifacts', 'link'));
    writeFileSync(path.join(hostile, experiment, two.id, 'meta.yaml'), 'start_time: 99999999999999999999999\nstatus: 3\n');
    const other = await newPlane();
    const { refused } = JSON.parse((await imported(other, [hostile])).stdout);
    const whys = refused.map(({ what, why }: { what: string; why: string }) => `${what}: ${why}`).join('\n');
    assert.match(whys, new RegExp(`"link" of the artifacts of run ${one.id}: .* is a link`));
    assert.match(whys, new RegExp(`run ${two.id}: `));
    assert.equal(refused.length >= 3, true, whys);
    assert.deepEqual((await other.client.getRun(one.id)).run.data.params?.length ?? 0, Object.keys(one.params).length);
  });

  it('says what is wrong with what it is given', async () => {
    const plane = planes[0]!;
    for (const [given, message] of [
      ['http://127.0.0.1:9', /MLflow server http:\/\/127\.0\.0\.1:9 does not answer/],
      [plane.url.replace(/$/, '/nothing'), /answered|does not let you in|does not answer as MLflow/],
      [path.join(folder, 'nowhere'), /There is no folder/],
      [path.join(folder, 'artifacts'), /nothing that can be imported/],
      ['http://me:secret@127.0.0.1:1', /has no user, password/],
    ] as const) {
      const { code, stderr } = await imported(plane, [given]);
      assert.notEqual(code, 0);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
    const wandb = path.join(folder, 'wandb');
    cpSync(path.join(folder, 'secret'), path.join(wandb, 'offline-run-1', 'run-1.wandb'), { recursive: true });
    assert.match((await imported(plane, [wandb])).stderr, /Weights & Biases, whose files Updraft can not read yet/);
  });
});
