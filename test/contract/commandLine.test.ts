import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { jobWhen } from './plane.ts';
import { bundle, type Finished, updraft } from './updraft.ts';
import { writeIn } from './writeIn.ts';

const files: Record<string, string> = {
  'job.yml': `type: command
command: echo hello \${{inputs.name}}; echo 42 > \${{outputs.answer}}
inputs: {name: world}
outputs: {answer: {type: uri_file}}
environment: azureml:shell:1
experiment_name: from-the-shell
`,
  'failing.yml': `type: command
command: echo about to fail; echo no data >&2; exit 3
environment: azureml:shell:1
`,
  'waiting.yml': `type: command
command: sleep 300
environment: azureml:shell:1
`,
  'pipeline.yml': `type: pipeline
experiment_name: from-the-shell
settings: {default_compute: azureml:cpu}
jobs:
  make:
    type: command
    component: ./component.yml
  use:
    type: command
    command: cat \${{inputs.made}}/made.txt
    environment: azureml:shell:1
    inputs: {made: "\${{parent.jobs.make.outputs.made}}"}
`,
  'component.yml': `type: command
name: make
version: 1
command: echo made > \${{outputs.made}}/made.txt
outputs: {made: {type: uri_folder}}
environment: azureml:shell:1
`,
  'environment.yml': 'name: shell\nversion: 1\nimage: ubuntu:22.04\n',
  'data.yml': 'name: numbers\nversion: 1\ntype: uri_file\npath: ./numbers.csv\ndescription: a few\n',
  'numbers.csv': 'a,b\n1,2\n',
  'model/weights.txt': 'weights',
  'yearly.yml': `name: yearly
trigger: {type: recurrence, frequency: month, interval: 12, schedule: {hours: [3], minutes: [15], month_days: [1]}}
create_job:
  type: command
  job: ./job.yml
  inputs: {name: schedule}
`,
  'again.yml': 'name: again\ntrigger: {type: cron, expression: "0 3 1 1 *", time_zone: "Europe/Berlin"}\ncreate_job: azureml:first\n',
  'unsound.yml': 'name: unsound\ntrigger: {type: cron, expression: "0 3 1 1 *"}\ncreate_job: ./wrong.yml\n',
  'wrong.yml': 'type: command\ncommnd: x\nenvironment: azureml:shell:1\n',
};

describe('the command line', () => {
  let folder: string;
  let home: string;
  let plane: ChildProcess;
  let client: PlaneClient;

  /** Runs `updraft` in the folder of the files and expects exit code 0. */
  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, `updraft ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }
  const json = async (...args: string[]): Promise<any> => JSON.parse(await ok(...args, '--output', 'json'));
  const run = (...args: string[]): Promise<Finished> => updraft(home, args, { cwd: folder });

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-cli-'));
    home = path.join(folder, '.home');
    for (const [name, text] of Object.entries(files)) writeIn(folder, name, text);
  });
  after(async () => {
    const lock = await findPlane(home);
    if (lock) await new PlaneClient(lock).stop();
    if (plane.exitCode === null) await once(plane, 'exit');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('serves, and says where with status and env', async () => {
    const before = await run('status');
    assert.equal(before.code, 1);
    assert.match(before.stdout, /does not run/);
    plane = spawn(process.execPath, [bundle, 'serve'], {
      env: { ...process.env, UPDRAFT_HOME: home },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [printed] = await once(plane.stdout!, 'data');
    client = new PlaneClient((await findPlane(home))!);
    assert.equal(String(printed), `${client.http.url}\n`);
    const [status, table, env, fish] = await Promise.all([json('status'), ok('status'), json('env'), ok('env', '--shell', 'fish')]);
    assert.equal(status.url, client.http.url);
    assert.equal(status.pid, plane.pid);
    assert.match(table, new RegExp(`^address +${client.http.url}$`, 'm'));
    assert.equal(env.MLFLOW_TRACKING_URI, client.http.url);
    assert.match(fish, /^set -gx MLFLOW_TRACKING_TOKEN '/m);
  });

  it('takes a shell away from another MLflow server, and its calls to this machine past a proxy', async () => {
    const foreign = {
      MLFLOW_TRACKING_USERNAME: 'ann',
      MLFLOW_REGISTRY_URI: 'http://127.0.0.1:9',
      MLFLOW_RUN_ID: 'theirs',
      https_proxy: 'http://proxy',
      NO_PROXY: 'intra',
    };
    const say = async (more: Record<string, string>, ...args: string[]) =>
      (await updraft(home, ['env', ...args], { env: { ...foreign, ...more } })).stdout.split('\n');
    const [sh, fish, powershell, again] = await Promise.all([
      say({}),
      say({}, '--shell', 'fish'),
      say({}, '--shell', 'powershell'),
      say({ MLFLOW_TRACKING_URI: client.http.url }),
    ]);
    for (const line of [
      'unset MLFLOW_TRACKING_USERNAME',
      'unset MLFLOW_REGISTRY_URI',
      'unset MLFLOW_RUN_ID',
      "export NO_PROXY='intra,localhost,127.0.0.1'",
    ])
      assert.ok(sh.includes(line), `${line} in ${sh}`);
    assert.ok(!sh.some((line) => line.includes('MLFLOW_TRACKING_PASSWORD')));
    assert.ok(fish.includes('set -e MLFLOW_REGISTRY_URI'), String(fish));
    assert.ok(powershell.includes('Remove-Item Env:MLFLOW_REGISTRY_URI -ErrorAction SilentlyContinue'), String(powershell));
    // The id of a run of this very plane stays.
    assert.ok(!again.includes('unset MLFLOW_RUN_ID') && again.includes('unset MLFLOW_TRACKING_USERNAME'), String(again));
  });

  it('creates, lists and shows environments, data and components', async () => {
    assert.equal(await ok('environment', 'create', '--file', 'environment.yml'), 'Created shell:1.\n');
    assert.equal(await ok('data', 'create', '-f', 'data.yml', '--set', 'description=two'), 'Created numbers:1.\n');
    assert.equal(await ok('component', 'create', '--file', 'component.yml'), 'Created make:1.\n');
    const [environments, data, components, versions, shown, latest] = await Promise.all([
      json('environment', 'list'),
      ok('data', 'list'),
      ok('component', 'list'),
      json('data', 'list', '--name', 'numbers'),
      json('component', 'show', '--name', 'make', '--version', '1'),
      ok('data', 'show', '--name', 'numbers'),
    ]);
    assert.deepEqual(
      environments.map((each: { name: string }) => each.name),
      ['shell'],
    );
    assert.match(data, /^NAME +LATEST.*\nnumbers +1 /);
    assert.match(components, /^make +1 /m);
    assert.deepEqual(
      versions.map((each: { version: string }) => each.version),
      ['1'],
    );
    assert.equal(shown.command, 'echo made > ${{outputs.made}}/made.txt');
    assert.match(latest, /^description +two$/m);
  });

  it('validates files, with exit code 1 when one is wrong', async () => {
    const [good, wrong, asJson] = await Promise.all([
      ok('validate', 'job.yml', 'pipeline.yml', 'component.yml'),
      run('validate', 'job.yml', 'wrong.yml'),
      run('validate', 'wrong.yml', '--output', 'json'),
    ]);
    assert.equal(good, '3 files checked: no errors.\n');
    assert.equal(wrong.code, 1);
    assert.match(
      wrong.stdout,
      /^wrong\.yml:2:1: error: "commnd" is not a key of a command job\. \[UnknownKey\]\n {2}Did you mean "command"\?$/m,
    );
    assert.match(wrong.stdout, /in 2 files\.$/m);
    assert.equal(asJson.code, 1);
    assert.equal(JSON.parse(asJson.stdout)[0].code, 'UnknownKey');
  });

  it('submits a job and follows it to the end', async () => {
    const out = await ok('job', 'submit', '--file', 'job.yml', '--set', 'inputs.name=moon', '--name', 'first', '--stream');
    assert.match(out, /^first\n/);
    assert.match(out, /^hello moon$/m);
    const job = await json('job', 'show', '--name', 'first');
    assert.equal(job.status, 'Completed');
    assert.equal(job.experiment_name, 'from-the-shell');
    assert.match(await ok('job', 'show', '-n', 'first'), /^outputs +answer = azureml:/m);
  });

  it('follows a pipeline by its steps, in plain lines where the output is no terminal', async () => {
    const out = await ok('job', 'submit', '--file', 'pipeline.yml', '--name', 'whole', '--stream');
    assert.match(out, /^make: Completed after /m);
    assert.match(out, /^use: Completed after /m);
    assert.doesNotMatch(out, /\u001b/);
    const steps = await json('job', 'list', '--parent-job-name', 'whole');
    assert.deepEqual(steps.map((step: { name: string }) => step.name).sort(), ['whole-make', 'whole-use']);
    // Who follows with --output json reads one document; what happens meanwhile goes to standard error.
    const again = await run('job', 'stream', '--name', 'whole', '--output', 'json');
    assert.equal(again.code, 0);
    assert.equal(JSON.parse(again.stdout).status, 'Completed');
  });

  it('sums up a pipeline, and reuses its steps the second time', async () => {
    const first = await ok('example', '--file', 'pipeline.yml');
    assert.match(first, /^STEP +TOOK +METRICS$/m);
    assert.match(first, new RegExp(`^studio +${client.http.url}/studio/jobs/`, 'm'));
    const second = await ok('example', '--file', 'pipeline.yml');
    assert.match(second, /^make +reused$/m);
    assert.match(second, /^use +reused$/m);
  });

  it('exits with 1 when the job that it follows failed, and says why', async () => {
    const submitted = await run('job', 'submit', '--file', 'failing.yml', '--name', 'bad', '--stream');
    const streamed = await run('job', 'stream', '--name', 'bad');
    for (const { code, stdout, stderr } of [submitted, streamed]) {
      assert.equal(code, 1);
      assert.match(stdout, /about to fail/);
      assert.match(stderr, /exit code 3/);
      assert.match(stderr, /^ {2}\| no data$/m);
    }
  });

  it('lists jobs as a table and as JSON, newest first', async () => {
    const [table, all, completed, found] = await Promise.all([
      ok('job', 'list'),
      json('job', 'list'),
      json('job', 'list', '--status', 'Completed', '--max-results', '1'),
      json('job', 'list', '--search', 'fir'),
    ]);
    assert.match(table, /^NAME +STATUS +EXPERIMENT/);
    assert.match(table, /^bad +Failed /m);
    const names = (jobs: { name: string }[]) => jobs.map((job) => job.name);
    assert.deepEqual(
      names(all).filter((name) => !/_/.test(name)),
      ['bad', 'whole', 'first'],
    );
    assert.equal(completed.length, 1);
    assert.deepEqual(names(found), ['first']);
  });

  it('cancels, downloads and deletes', async () => {
    assert.match(await ok('job', 'submit', '--file', 'waiting.yml', '--name', 'endless'), /Submitted endless/);
    assert.match(await ok('job', 'cancel', '--name', 'endless'), /endless is (CancelRequested|Canceled)\./);
    assert.equal((await jobWhen(client, 'endless')).properties.status, 'Canceled');
    const [download, logOnly, wrong, named] = await Promise.all([
      ok('job', 'download', '--name', 'first', '--download-path', 'got'),
      ok('job', 'download', '--name', 'bad'),
      run('job', 'download', '--name', 'bad', '--output-name', 'answer'),
      ok('job', 'download', '--name', 'first', '--output-name', 'answer', '--download-path', 'only'),
    ]);
    assert.match(download, /^2 files in .*got$/m);
    assert.match(logOnly, /^1 file in .*bad$/m);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /bad has no output "answer"/);
    assert.match(named, /^1 file in /);
    assert.equal(readFileSync(path.join(folder, 'only/named-outputs/answer/answer'), 'utf8'), '42\n');
    assert.equal(await ok('job', 'delete', '--name', 'endless'), 'Deleted endless.\n');
    const gone = await run('job', 'show', '--name', 'endless');
    assert.equal(gone.code, 3);
    assert.match(gone.stderr, /There is no job "endless"/);
  });

  it('creates schedules of a file and of a job that ran, starts their jobs, turns them off and deletes them', async () => {
    assert.match(await ok('schedule', 'create', '--file', 'yearly.yml'), /^Created yearly\. It starts its job next at \d{4}-/);
    const [, list, unsound] = await Promise.all([
      ok('schedule', 'create', '--file', 'again.yml').then(() => ok('schedule', 'disable', '--name', 'again')),
      ok('schedule', 'list'),
      run('schedule', 'create', '--file', 'unsound.yml'),
    ]);
    assert.match(list, /^yearly +every 12 months on day 1 at 3:15 UTC +\d{4}-/m);
    assert.equal(unsound.code, 1);
    assert.match(unsound.stderr, /wrong\.yml:2:1: error: "commnd"/);
    const started = await Promise.all(['yearly', 'again'].map((name) => json('schedule', 'trigger', '--name', name)));
    for (const [at, { job_name: jobName }] of started.entries()) {
      assert.equal((await jobWhen(client, jobName)).properties.status, 'Completed');
      const log = Buffer.from(await client.readLog(jobName, 'user_logs/std_log.txt')).toString('utf8');
      // The job that ran was submitted with another name than its file's.
      assert.match(log, at ? /^hello moon$/m : /^hello schedule$/m);
    }
    assert.equal((await client.getJob(started[0].job_name)).properties.experimentName, 'from-the-shell');
    const [shown, all, gone] = await Promise.all([
      ok('schedule', 'show', '--name', 'again'),
      ok('schedule', 'list', '--include-disabled'),
      ok('schedule', 'delete', '--name', 'yearly').then(() => run('schedule', 'show', '--name', 'yearly')),
    ]);
    assert.match(shown, /^enabled +no\nwhen +every year on January 1 at 3:00 Europe\/Berlin\nlast job +again-/m);
    assert.match(all, /^again /m);
    assert.equal(gone.code, 3);
    for (const { job_name: jobName } of started) await client.deleteJob(jobName);
  });

  it('registers models from a folder and from an output, and brings them back', async () => {
    assert.equal(
      await ok('model', 'register', '--name', 'hand-made', '--path', 'model', '--description', 'by hand'),
      'Registered hand-made:1.\n',
    );
    const from = await json('model', 'register', '--name', 'made', '--path', 'azureml://jobs/first/outputs/answer');
    assert.equal(from.job_name, 'first');
    const [list, shown, count] = await Promise.all([
      json('model', 'list'),
      ok('model', 'show', '--name', 'hand-made'),
      ok('model', 'download', '--name', 'hand-made', '--download-path', 'back'),
    ]);
    assert.deepEqual(
      list.map((each: { name: string }) => each.name),
      ['hand-made', 'made'],
    );
    assert.match(shown, /^description +by hand$/m);
    assert.match(count, /^1 file in /);
    assert.equal(readFileSync(path.join(folder, 'back/weights.txt'), 'utf8'), 'weights');
  });

  it('exits with 2 for a wrong command line and names the nearest right one', async () => {
    const [command, option, output, missing, help, version] = await Promise.all([
      run('job', 'sumbit'),
      run('job', 'list', '--serach', 'x'),
      run('job', 'list', '--output', 'xml'),
      run('job', 'show'),
      ok('job', 'submit', '--help'),
      ok('--version'),
    ]);
    for (const each of [command, option, output, missing]) assert.equal(each.code, 2, each.stderr);
    assert.match(command.stderr, /no command "job sumbit"/);
    assert.match(option.stderr, /no option --serach\.\nDid you mean --search\?/);
    assert.match(output.stderr, /--output can't be "xml"/);
    assert.match(missing.stderr, /--name is missing/);
    assert.match(help, /--experiment-name/);
    assert.match(version, /^\d+\.\d+\.\d+\n$/);
  });

  it('stops the plane, and the next command starts it again', async () => {
    assert.equal(await ok('stop'), 'The control plane ends.\n');
    if (plane.exitCode === null) await once(plane, 'exit');
    assert.equal(plane.exitCode, 0);
    assert.ok(!existsSync(path.join(home, 'plane.json')));
    assert.equal((await json('job', 'list')).length, 5);
    assert.equal((await json('status')).url, client.http.url);
  });
});
