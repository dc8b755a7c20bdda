import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lastRunOf, runText } from '../../src/submit/preview/lastRun.ts';
import { previewJob } from '../../src/submit/preview/previewJob.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen, startPlane, type TestPlane } from './plane.ts';

describe('what will run', () => {
  let plane: TestPlane;
  let folder: string;
  const at = (name: string) => path.join(folder, name);
  const edit = (name: string, from: string, to: string) => {
    const text = readFileSync(at(name), 'utf8');
    assert.ok(text.includes(from));
    writeFileSync(at(name), text.replace(from, to));
  };
  const outlooks = async () => {
    const { steps } = await previewJob(plane.client, at('pipeline.yml'));
    return Object.fromEntries(steps.map(({ path: step, outlook, why }) => [step, `${outlook}: ${why}`]));
  };
  const changes = async () => (await plane.client.status()).seq;

  before(async () => {
    plane = await startPlane();
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-preview-'));
    cpSync(path.resolve(import.meta.dirname, '../fixtures/authoring'), folder, { recursive: true });
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is told before anything ran, and nothing is sent for it', async () => {
    const before = await changes();
    const { text, uploads } = await previewJob(plane.client, at('pipeline.yml'));
    assert.equal(await changes(), before);
    assert.deepEqual(uploads.map(({ local }) => path.basename(local)).sort(), ['data', 'src']);
    assert.match(text, /^# What will run on this machine when pipeline\.yml is submitted now\. Nothing has been sent\.$/m);
    assert.match(text, /^# 4 steps: 1 runs, 3 depend on what runs before\.$/m);
    assert.match(text, /^# To be uploaded: 2 files, \d+ B \(src, data\)\.$|\(data, src\)\.$/m);
    assert.match(text, /^ {2}# Runs: it has not run before\.\n {2}prepare:$/m);
    assert.match(text, /^ {2}# Runs or is reused: it reads what prepare will write\.\n {2}train:$/m);
    // References are replaced by values, defaults are filled in, and what a step before writes stays as its binding.
    assert.match(text, /^ {6}rate: 0\.1$/m);
    assert.match(text, /^ {6}table: \$\{\{parent\.jobs\.prepare\.outputs\.table\}\}$/m);
    assert.match(text, /^ {6}snapshot: 1 file, \d+ B$/m);
    assert.match(text, /^ {6}image: ubuntu:22\.04$/m);
    assert.match(text, /^ {6}score:$/m);
  });

  it('says that every step is reused when nothing changed, and is the same as the run', async () => {
    const { job } = await submitJob({ client: plane.client, file: at('pipeline.yml') });
    assert.equal((await jobWhen(plane.client, job.name)).properties.status, 'Completed');
    const same = 'reused: same code, command, environment and inputs';
    assert.deepEqual(await outlooks(), {
      prepare: same,
      train: same,
      report: 'reused: all of its steps are reused',
      'report/score': same,
      'report/draw': same,
    });
    const last = await lastRunOf(plane.client, at('pipeline.yml'));
    assert.equal(last?.name, job.name);
    const { facts, uploads } = await previewJob(plane.client, at('pipeline.yml'));
    assert.equal(await runText(plane.client, last), facts);
    assert.deepEqual(uploads, []);
  });

  it('says what changed, as it then runs', async () => {
    edit('src/train.sh', 'rate $2', 'learning rate $2');
    const after = await outlooks();
    assert.equal(after.prepare, 'reused: same code, command, environment and inputs');
    assert.equal(after.train, 'runs: the code changed');
    assert.equal(after.report, 'open: some of its steps wait for others');
    assert.match(after['report/score']!, /^open: it reads what train will write$/);
    const { job } = await submitJob({ client: plane.client, file: at('pipeline.yml') });
    await jobWhen(plane.client, job.name);
    const children = (await plane.client.listJobs({ parent: job.name })).value;
    assert.deepEqual(
      Object.fromEntries(children.map(({ properties }) => [properties.nodeName, properties.properties?.['azureml.isreused'] === 'true'])),
      { prepare: true, train: false, report: false },
    );
    edit('pipeline.yml', '  rate: 0.1', '  rate: 0.2');
    assert.equal((await outlooks()).train, 'runs: the input "rate" changed');
    edit('pipeline.yml', '  rate: 0.2', '  rate: 0.1');
    edit('components/train.yml', 'image: ubuntu:22.04', 'image: ubuntu:24.04');
    assert.equal((await outlooks()).train, 'runs: the environment changed');
    edit('components/train.yml', 'image: ubuntu:24.04', 'image: ubuntu:22.04');
    const earlier = await runText(plane.client, (await lastRunOf(plane.client, at('pipeline.yml')))!);
    edit('pipeline.yml', 'display_name: digits', 'display_name: other');
    const { facts } = await previewJob(plane.client, at('pipeline.yml'));
    const differing = facts.split('\n').filter((line, index) => line !== earlier.split('\n')[index]);
    assert.deepEqual(differing, ['display_name: other']);
  });

  it('knows the same data under another name, and other data', async () => {
    renameSync(at('data'), at('rows'));
    edit('pipeline.yml', './data', './rows');
    assert.match((await outlooks()).prepare!, /^reused/);
    writeFileSync(at('rows/rows.csv'), 'x,y\n5,6\n');
    assert.equal((await outlooks()).prepare, 'runs: the input "raw" changed');
  });

  it('says why a step is never reused', async () => {
    edit('pipeline.yml', 'inputs:\n  raw', 'settings:\n  force_rerun: true\ninputs:\n  raw');
    const forced = await outlooks();
    assert.deepEqual([forced.prepare, forced.train], ['runs: settings.force_rerun is on', 'runs: settings.force_rerun is on']);
    edit('pipeline.yml', 'settings:\n  force_rerun: true\n', '');
    edit('components/train.yml', 'type: command\n', 'type: command\nis_deterministic: false\n');
    assert.equal((await outlooks()).train, 'runs: its component says is_deterministic: false');
  });

  it('is of a command job what it would be given', async () => {
    const { text } = await previewJob(plane.client, at('single.yml'));
    assert.match(text, /^type: command\ncommand: echo hello\nenvironment:\n {2}image: ubuntu:22\.04$/m);
    assert.match(text, /Nothing has to be uploaded/);
  });

  it('shows where outputs go, and is the same as the run', async () => {
    const where = 'azureml://datastores/${{default_datastore}}/paths/exp/${{name}}/${{output_name}}';
    writeFileSync(
      at('placed.yml'),
      `type: command\ncommand: echo 1 > \${{outputs.res}}/a\nenvironment: {image: "ubuntu:22.04"}\noutputs:\n  res: {type: uri_folder, path: "${where}"}\n`,
    );
    const { text, facts } = await previewJob(plane.client, at('placed.yml'));
    assert.match(text, /^ {4}path: azureml:\/\/datastores\/workspaceblobstore\/paths\/exp\/\$\{\{name\}\}\/res$/m);
    const { job } = await submitJob({ client: plane.client, file: at('placed.yml') });
    const ran = await jobWhen(plane.client, job.name);
    assert.equal(ran.properties.status, 'Completed');
    assert.equal(await runText(plane.client, ran), facts);
  });

  it('is refused for what has errors, as a submission is', async () => {
    writeFileSync(at('wrong.yml'), 'type: command\ncomand: echo\nenvironment: azureml:x:1\n');
    await assert.rejects(previewJob(plane.client, at('wrong.yml')), { code: 'UnknownKey' });
    await assert.rejects(plane.client.preview({ properties: {}, assets: {}, files: {} } as never), { code: 'InvalidRequest' });
  });
});
