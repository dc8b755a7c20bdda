import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { mlflowSkinny } from '../../scripts/pythonClients.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { launchOf as launchOfEditor } from '../../src/extension/debug/launchOf.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { check } from '../../src/protocol/check.ts';
import { DebugLaunch } from '../../src/protocol/debugLaunch.ts';
import { logFile } from '../../src/protocol/jobPlaces.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { copyJob } from '../../src/sync/jobs/copyJob.ts';
import { DapClient } from './dapClient.ts';
import { jobWhen, shellEnvironment, startPlane } from './plane.ts';
import { startTeam } from './team.ts';
import { bundle, updraft } from './updraft.ts';
import { writeIn } from './writeIn.ts';

const train = `import os, sys
from scale import scaled

def fit(rows):
    total = sum(rows)
    return scaled(total, len(rows) - 3)

with open(sys.argv[1]) as file:
    rows = [int(line) for line in file]
print("from", os.environ["GREETING"], sys.argv[2:])
fit(rows)
`;
const files: Record<string, string> = {
  'code/train.py': train,
  'code/scale.py': 'def scaled(total, by):\n    return total / by\n',
  'code/log.py': 'import mlflow\nmlflow.log_metric("loss", 1)\nraise ValueError("logged")\n',
  'numbers.txt': '1\n2\n3\n',
  'others.txt': '5\n6\n7\n',
  'failing.yml': `type: command
command: >-
  mkdir -p \${{outputs.out}}/sub && export GREETING="good day" && python -u train.py \${{inputs.numbers}} --name "two words" > \${{outputs.out}}/said.txt
code: ./code
inputs: {numbers: {type: uri_file, path: ./numbers.txt}}
outputs: {out: {type: uri_folder}}
environment: azureml:shell:1
`,
  'shell.yml': 'type: command\ncommand: echo no Python >&2; exit 3\nenvironment: azureml:shell:1\n',
  'loop.yml': 'type: command\ncommand: for n in 1 2; do python3 -c "raise SystemExit(2)" || exit 2; done\nenvironment: azureml:shell:1\n',
  'before.yml': 'type: command\ncommand: ls nowhere && python3 train.py\ncode: ./code\nenvironment: azureml:shell:1\n',
  'pipeline.yml': `type: pipeline
settings: {default_compute: azureml:cpu}
jobs:
  good: {type: command, command: echo good, environment: azureml:shell:1}
  bad: {type: command, command: "python3 scale.py; python3 -c 'answer = 42; raise ValueError(answer)'", code: ./code, environment: azureml:shell:1}
`,
  'environment.yml': 'name: shell\nversion: 1\nimage: ubuntu:22.04\n',
};

describe('a failed job under the debugger', () => {
  let folder: string;
  let home: string;
  let plane: ChildProcess;
  let client: PlaneClient;

  const run = (...args: string[]) => updraft(home, args, { cwd: folder });

  /** Submits a job and waits for its failure; answers its name. */
  async function failed(file: string): Promise<string> {
    const created = await run('job', 'create', '--file', file, '--output', 'json');
    assert.equal(created.code, 0, created.stderr);
    const { name } = JSON.parse(created.stdout);
    assert.equal((await run('job', 'stream', '--name', name)).code, 1);
    return name;
  }

  async function launchOf(job: string): Promise<DebugLaunch> {
    const { code, stdout, stderr } = await run('job', 'debug', '--name', job, '--print');
    assert.equal(code, 0, stderr);
    return check(DebugLaunch, JSON.parse(stdout), 'The launch');
  }

  /** Runs a launch to the exception that nobody catches, as VS Code does. */
  async function stoppedAt(launch: DebugLaunch) {
    const { adapter, codeFolder: _code, job: _job, title: _title, python, ...rest } = launch;
    const dap = new DapClient(python, [adapter]);
    await dap.request('initialize', {
      clientID: 'test',
      adapterID: 'updraft-python',
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: 'path',
    });
    const launched = dap.request('launch', {
      ...rest,
      python: [python],
      type: 'updraft-python',
      console: 'internalConsole',
      subProcess: false,
      justMyCode: true,
    });
    launched.catch(() => {});
    await dap.event('initialized');
    await dap.request('setExceptionBreakpoints', { filters: ['uncaught'] });
    await dap.request('configurationDone');
    await launched;
    const { body } = await dap.event('stopped');
    const { stackFrames } = await dap.request('stackTrace', { threadId: body.threadId });
    const evaluated = async (expression: string, frame = 0): Promise<string> =>
      (await dap.request('evaluate', { expression, frameId: stackFrames[frame].id, context: 'watch' })).result;
    return { dap, reason: body.reason as string, stackFrames, evaluated };
  }

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-debug-'));
    home = path.join(folder, '.home');
    for (const [name, text] of Object.entries(files)) writeIn(folder, name, text);
    plane = spawn(process.execPath, [bundle, 'serve', '--data', home], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(plane.stdout!, 'data');
    client = new PlaneClient((await findPlane(home))!);
    assert.equal((await run('environment', 'create', '--file', 'environment.yml')).code, 0);
  });
  after(async () => {
    const lock = await findPlane(home);
    if (lock) await new PlaneClient(lock).stop();
    if (plane.exitCode === null) await once(plane, 'exit');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('stops at the line that failed, with the same inputs and code, and leaves the job as it is', async () => {
    const name = await failed('failing.yml');
    const before = JSON.stringify(await client.getJob(name));
    const log = Buffer.from(await client.readLog(name, logFile)).toString();
    const launch = await launchOf(name);
    assert.equal(launch.job, name);
    assert.deepEqual([launch.pythonArgs, launch.args.slice(1)], [['-u'], ['--name', 'two words']]);
    assert.equal(readFileSync(launch.args[0]!, 'utf8'), files['numbers.txt']);
    assert.equal(launch.program, path.join(launch.codeFolder, 'train.py'));
    assert.equal(readFileSync(launch.program!, 'utf8'), train);
    assert.equal(launch.env.GREETING, 'good day');
    assert.equal(launch.env.MLFLOW_RUN_ID, undefined);
    assert.equal(JSON.parse(launch.env.MLFLOW_RUN_CONTEXT!)['updraft.debugOf'], name);
    assert.ok(existsSync(path.join(launch.codeFolder, '../outputs/out/sub')), 'what comes before Python has run');

    const { dap, reason, stackFrames, evaluated } = await stoppedAt(launch);
    try {
      assert.equal(reason, 'exception');
      const places = stackFrames.map(({ source, line }: any) => [path.basename(source.path), line]);
      assert.deepEqual(places.slice(0, 3), [
        ['scale.py', 2],
        ['train.py', 6],
        ['train.py', 11],
      ]);
      assert.equal(stackFrames[0].source.path, path.join(launch.codeFolder, 'scale.py'));
      assert.deepEqual([await evaluated('total'), await evaluated('by'), await evaluated('rows', 1)], ['6', '0', '[1, 2, 3]']);
    } finally {
      await dap.end();
    }
    assert.equal(JSON.stringify(await client.getJob(name)), before);
    assert.equal(Buffer.from(await client.readLog(name, logFile)).toString(), log);
  });

  it('takes the step of a pipeline that failed', async () => {
    const launch = await launchOf(await failed('pipeline.yml'));
    assert.equal(launch.title, 'bad');
    const { dap, reason, evaluated } = await stoppedAt(launch);
    try {
      assert.deepEqual([reason, await evaluated('answer')], ['exception', '42']);
    } finally {
      await dap.end();
    }
  });

  it('takes a job that failed on another plane and was brought here, as if it had run here', async () => {
    const elsewhere = await startPlane();
    try {
      await shellEnvironment(elsewhere.client);
      await submitJob({
        client: elsewhere.client,
        file: path.join(folder, 'failing.yml'),
        overrides: ['inputs.numbers.path=./others.txt'],
        name: 'from_elsewhere',
      });
      const { status } = (await jobWhen(elsewhere.client, 'from_elsewhere')).properties;
      assert.equal(status, 'Failed');
      await copyJob({ from: elsewhere.client, to: client }, 'from_elsewhere');
    } finally {
      // Nothing of it is needed from there any more.
      await elsewhere.remove();
    }
    const launch = await launchOf('from_elsewhere');
    assert.equal(readFileSync(launch.args[0]!, 'utf8'), files['others.txt']);
    const { dap, stackFrames, evaluated } = await stoppedAt(launch);
    try {
      const places = stackFrames.map(({ source, line }: any) => [path.basename(source.path), line]);
      assert.deepEqual(places[0], ['scale.py', 2]);
      assert.equal(await evaluated('rows', 1), '[5, 6, 7]');
    } finally {
      await dap.end();
    }
  });

  it('takes a job of the plane of a team, as the editor asks for it', async () => {
    const team = await startTeam(undefined, undefined, { withRunner: true });
    try {
      await team.makeWorkspace('vision');
      const { token } = (await team.add('ann@example.org', 'AzureML Data Scientist', 'vision')).token;
      const ann = new PlaneClient({ url: team.url, token, workspace: 'vision' }, { ...defaultWorkspace, workspace: 'vision' });
      await shellEnvironment(ann);
      await submitJob({ client: ann, file: path.join(folder, 'failing.yml'), name: 'of_team' });
      await jobWhen(ann, 'of_team');
      const program = {
        command: [process.execPath, bundle],
        environment: {
          ...process.env,
          UPDRAFT_HOME: home,
          UPDRAFT_SERVER: team.url,
          MLFLOW_TRACKING_URI: team.url,
          MLFLOW_TRACKING_TOKEN: token,
        },
      };
      const launch = await launchOfEditor(program, { job: 'of_team', workspace: 'vision' }, new AbortController().signal, () => {});
      const { dap, stackFrames } = await stoppedAt(launch);
      try {
        assert.deepEqual([path.basename(stackFrames[0].source.path), stackFrames[0].line], ['scale.py', 2]);
      } finally {
        await dap.end();
      }
    } finally {
      await team.remove();
    }
  });

  it('logs to a run of its own, with a tag that names the job', async () => {
    const python = await mlflowSkinny();
    writeIn(folder, 'logging.yml', `type: command\ncommand: "'${python}' log.py"\ncode: ./code\nenvironment: azureml:shell:1\n`);
    const name = await failed('logging.yml');
    const before = (await client.getRun(name)).run;
    const { dap } = await stoppedAt(await launchOf(name));
    await dap.end();
    const runs = (await client.listJobs({ top: 100 })).value.filter(({ properties }) => properties.tags?.['updraft.debugOf'] === name);
    assert.deepEqual([runs.length, runs[0]?.properties.displayName], [1, `Debugging ${name}`]);
    assert.equal((await client.getRun(runs[0]!.name)).run.data.metrics?.find(({ key }) => key === 'loss')?.value, 1);
    assert.deepEqual((await client.getRun(name)).run, before);
    // As the editor does when it stops a session.
    await client.endRun(runs[0]!.name, 'KILLED');
    assert.equal((await client.getJob(runs[0]!.name)).properties.status, 'Canceled');
  });

  it('says what can not be debugged, and why', async () => {
    const saying = async (file: string, expected: RegExp) => {
      const { code, stdout, stderr } = await run('job', 'debug', '--name', await failed(file), '--print');
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, expected);
    };
    await saying('shell.yml', /can't be run under the debugger: its command does not call Python itself\.\n.*python train\.py/);
    await saying('loop.yml', /its Python is called in a loop/);
    await saying('before.yml', /did not come to its Python: .* exit code 2\.\n(?:.*\n)*.*nowhere/);
  });

  it('says how to get debugpy where PyPI is not reached', async () => {
    const name = await failed('failing.yml');
    const tools = path.join(home, 'runner/tools/debugpy');
    rmSync(tools, { recursive: true, force: true });
    const env = { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_RETRIES: '0', PIP_CONFIG_FILE: '/dev/null' };
    const { code, stderr } = await updraft(home, ['job', 'debug', '--name', name, '--print'], { cwd: folder, env });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /debugpy, is not on this machine and could not be got from PyPI: .*\nLet this machine reach PyPI.*pip install --target/s,
    );
    assert.deepEqual(existsSync(tools) ? readdirSync(tools) : [], [], 'no half of it stays');
  });
});
