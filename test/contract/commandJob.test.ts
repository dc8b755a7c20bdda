import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { type CommandJobProperties, type Job, jobProperty } from '../../src/protocol/job.ts';
import { first } from './first.ts';
import { isThere } from './isThere.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';

describe('a command job', () => {
  let plane: TestPlane;
  let environmentId: string;
  let count = 0;
  before(async () => {
    plane = await startPlane();
    environmentId = await shellEnvironment(plane.client);
  });
  after(() => plane.remove());

  const artifact = async (job: string, file: string) => Buffer.from(await plane.client.readLog(job, file)).toString('utf8');

  async function run(command: string, more: Partial<CommandJobProperties> = {}): Promise<Job> {
    const name = `job_${++count}`;
    await plane.client.putJob(name, { jobType: 'Command', command, environmentId, ...more });
    return jobWhen(plane.client, name);
  }

  it('runs, logs and completes', async () => {
    const job = await run('echo out; echo err >&2');
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    const log = await logOf(plane.client, job.name);
    assert.match(log, /^out$/m);
    assert.match(log, /^err$/m);
    assert.ok(job.properties.startedAt && job.properties.endedAt);
  });

  it('gets inputs, optional ones too, and what scripts read from the environment', async () => {
    const job = await run(
      'echo "lr=${{inputs.lr}} $[[--no ${{inputs.missing}}]]$[[--with ${{inputs.lr}}]] $MLFLOW_RUN_ID $AZUREML_RUN_ID $GREETING"',
      {
        inputs: { lr: { jobInputType: 'literal', value: '0.1' } },
        environmentVariables: { GREETING: 'hello' },
      },
    );
    assert.match(await logOf(plane.client, job.name), new RegExp(`lr=0.1 --with 0.1 ${job.name} ${job.name} hello`));
  });

  it('keeps its outputs, which the next job reads', async () => {
    const writer = await run('echo 42 > ${{outputs.answer}}; mkdir ${{outputs.folder}}/sub; echo deep > ${{outputs.folder}}/sub/file.txt', {
      outputs: { answer: { jobOutputType: 'uri_file' }, folder: { jobOutputType: 'uri_folder' } },
    });
    assert.equal(writer.properties.status, 'Completed', JSON.stringify(writer.properties.error));
    const { answer, folder } = writer.properties.outputs!;
    const second = await run('cat ${{inputs.answer}} ${{inputs.folder}}/sub/file.txt', {
      inputs: { answer: { jobInputType: 'uri_file', uri: answer!.uri! }, folder: { jobInputType: 'uri_folder', uri: folder!.uri! } },
    });
    assert.match(await logOf(plane.client, second.name), /42\ndeep/);
  });

  it('gets the path of a single file, also where its input is called a folder or a model', async () => {
    const writer = await run('echo weights > ${{outputs.model}}', { outputs: { model: { jobOutputType: 'uri_file' } } });
    const { uri } = writer.properties.outputs!.model!;
    const reader = await run('cat ${{inputs.model}} ${{inputs.folder}}', {
      inputs: { model: { jobInputType: 'custom_model', uri: uri! }, folder: { jobInputType: 'uri_folder', uri: uri! } },
    });
    assert.equal(reader.properties.status, 'Completed', JSON.stringify(reader.properties.error));
    assert.match(await logOf(plane.client, reader.name), /weights\nweights/);
  });

  it('fails with the exit code, the last lines of standard error and the frame to blame', async () => {
    const job = await run(`python3 - <<'E'\nprint("fine")\nE\nprintf 'raise ValueError("no data")' > train.py; python3 train.py`);
    assert.equal(job.properties.status, 'Failed');
    const { error } = job.properties;
    assert.equal(error?.code, 'CommandFailed');
    assert.equal(error?.exitCode, 1);
    assert.equal(error?.message, 'ValueError: no data (exit code 1).');
    assert.equal(error?.stderrTail?.at(-1), 'ValueError: no data');
    assert.deepEqual(error?.frame, { file: 'train.py', line: 1 });
    assert.match(await logOf(plane.client, job.name), /ValueError: no data\n\nThe command ended with exit code 1\.\n$/);
  });

  it('leads with what the command said only where that explains the exit code', async () => {
    const caught = `python3 -c 'import traceback, sys
try: raise ValueError("caught")
except ValueError: traceback.print_exc()
sys.exit(3)'`;
    assert.equal((await run(caught)).properties.error?.message, 'The command ended with exit code 3.');
    assert.match(
      (await run('no-such-program')).properties.error?.message ?? '',
      /no-such-program: (?:command )?not found \(exit code 127\)\.$/,
    );
  });

  it('keeps the order in which standard output and standard error were written', async () => {
    const job = await run(
      `cat > both.py <<'E'
import subprocess, sys
for n in range(300):
    print(f"line {3 * n}")
    print(f"line {3 * n + 1}", file=sys.stderr)
    if n % 100 == 0: subprocess.run(["sh", "-c", f"echo line {3 * n + 2} >&2"])
    else: sys.stdout.write(f"line {3 * n + 2}\\n")
E
python3 both.py`,
    );
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    const lines = (await logOf(plane.client, job.name)).split('\n').filter((line) => line.startsWith('line '));
    assert.deepEqual(
      lines,
      Array.from({ length: 900 }, (_, index) => `line ${index}`),
    );
  });

  it('fails when a file or a model that it declares was not written', async () => {
    for (const jobOutputType of ['uri_file', 'custom_model', 'mltable'] as const) {
      const job = await run('true', { outputs: { model: { jobOutputType } } });
      assert.equal(job.properties.error?.code, 'OutputMissing');
      assert.match(job.properties.error!.message, /"model"/);
    }
  });

  it('completes with a folder that stayed empty, says so, and hands it on', async () => {
    const job = await run('true', { outputs: { data: { jobOutputType: 'uri_folder' } } });
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.match(await logOf(plane.client, job.name), /The output "data" is an empty folder/);
    const { uri } = job.properties.outputs!.data!;
    const next = await run('test -d ${{inputs.data}} && ls -A ${{inputs.data}} | wc -l', {
      inputs: { data: { jobInputType: 'uri_folder', uri: uri! } },
    });
    assert.match(await logOf(plane.client, next.name), /^0$/m);
  });

  const artifactsOf = async (job: string, folder: string) =>
    (await plane.client.listArtifacts(job, folder)).entries.map((entry) => entry.path).sort();

  it('finds the folders outputs and logs, whose files become artifacts of its run', async () => {
    const write = 'echo w > outputs/model.pkl; mkdir outputs/sub; echo s > outputs/sub/s.txt; echo l > logs/my.txt';
    const job = await run(write);
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    assert.deepEqual(await artifactsOf(job.name, 'outputs'), ['model.pkl', 'sub']);
    assert.deepEqual(await artifactsOf(job.name, 'logs'), ['my.txt']);
    // As Azure names them.
    const reader = await run('cat ${{inputs.model}}', {
      inputs: { model: { jobInputType: 'uri_file', uri: `azureml://jobs/${job.name}/outputs/artifacts/paths/outputs/model.pkl` } },
    });
    assert.match(await logOf(plane.client, reader.name), /^w$/m);
    const failed = await run(`${write}; exit 1`);
    assert.equal(failed.properties.error?.code, 'CommandFailed');
    assert.deepEqual(await artifactsOf(failed.name, 'outputs/sub'), ['s.txt']);
  });

  it('says once what has no effect here', async () => {
    const job = await run('echo ran', {
      services: { my_jupyter: { jobServiceType: 'JupyterLab' } },
      identity: { identityType: 'UserIdentity' },
    });
    const log = await logOf(plane.client, job.name);
    assert.match(log, /^services \(my_jupyter\) have no effect here/m);
    assert.match(log, /^identity has no effect here/m);
    const lines = log.split('\n');
    assert.equal(lines[Number(job.properties.properties?.[jobProperty.setupLines])], 'ran', log);
    assert.doesNotMatch(await logOf(plane.client, (await run('true')).name), /no effect/);
  });

  it('says before the command starts that it installs into a Python of the machine, where nothing holds it back', async () => {
    const logged = async (command: string) => logOf(plane.client, (await run(`if false; then ${command}; fi`)).name);
    assert.match(await logged('uv pip install -r requirements.txt --system'), /^"uv pip … --system" changes a Python of this machine/m);
    assert.match(await logged('conda install -y numpy && true'), /^"conda" changes an environment of this machine/m);
    for (const command of ['uv pip install numpy; echo --system', 'pip install conda', 'conda run -n x true'])
      assert.doesNotMatch(await logged(command), /of this machine/, command);
  });

  it('sends what it writes to outputs while it runs', async () => {
    const changes = new ChangeStream(plane.client.http);
    await changes.settled;
    const isSent = first(changes.onDidChange, ({ kind, id }) => kind === 'artifact' && id.startsWith('slow'));
    await plane.client.putJob('slow', { jobType: 'Command', command: 'echo 1 > outputs/early.txt; sleep 300', environmentId });
    await isSent;
    changes.dispose();
    assert.deepEqual(await artifactsOf('slow', 'outputs'), ['early.txt']);
    assert.equal((await plane.client.getJob('slow')).properties.status, 'Running');
    await plane.client.cancelJob('slow');
    await jobWhen(plane.client, 'slow');
  });

  it('ends at its timeout', async () => {
    const job = await run('sleep 60', { limits: { timeout: 'PT0.2S' } });
    assert.equal(job.properties.error?.code, 'TimedOut');
  });

  it('is canceled with everything it started', async () => {
    await plane.client.putJob('to_cancel', { jobType: 'Command', command: 'sleep 300 & echo started; wait', environmentId });
    await jobWhen(plane.client, 'to_cancel', (job) => job.properties.status === 'Running');
    await plane.client.cancelJob('to_cancel');
    assert.equal((await jobWhen(plane.client, 'to_cancel')).properties.status, 'Canceled');
  });

  /** A command whose parts each lead a process group of their own, and ignore the wish to end. */
  const scattered = (marks: string) =>
    `set -m; for i in 1 2; do (trap '' TERM; echo $BASHPID >>${marks}; while :; do sleep 0.05; done) & done; wait`;

  it('is ended at its timeout with everything that it started, in whatever process groups that is', async () => {
    const marks = path.join(plane.folder, 'timeout-pids');
    const job = await run(scattered(marks), { limits: { timeout: 'PT1S' } });
    assert.equal(job.properties.error?.code, 'TimedOut');
    assert.match(await logOf(plane.client, job.name), /longer than limits\.timeout allows/);
    assert.deepEqual(readFileSync(marks, 'utf8').trim().split('\n').map(Number).filter(isThere), []);
  });

  it('runs as the processes that its distribution asks for, with the variables of Azure', async () => {
    const print = 'echo "$RANK $LOCAL_RANK $WORLD_SIZE $NODE_RANK $AZUREML_NODE_COUNT $MASTER_ADDR:$MASTER_PORT"';
    const job = await run(print, {
      distribution: { distributionType: 'PyTorch', processCountPerInstance: 2 },
      resources: { instanceCount: 2, shmSize: '8g', instanceType: 'Standard_NC6s_v3', properties: {} },
    });
    assert.equal(job.properties.status, 'Completed', JSON.stringify(job.properties.error));
    const log = await logOf(plane.client, job.name);
    assert.match(log, /^resources\.instance_count is 2, but there is one machine here/m);
    assert.match(log, /^Not used here, .*: resources\.shm_size \(8g\), resources\.instance_type \(Standard_NC6s_v3\)\.$/m);
    const [first, second] = await Promise.all([0, 1].map((rank) => artifact(job.name, `user_logs/std_log_process_${rank}.txt`)));
    assert.match(first!, /^0 0 2 0 1 127\.0\.0\.1:\d+\n$/);
    assert.equal(second, first!.replace('0 0', '1 1'));
    assert.ok(log.endsWith(first!), 'the log of rank 0 is the log of the job');
  });

  it('starts the processes of mpi itself where there is no mpirun, and by mpirun where there is one', async () => {
    const command = 'echo "rank $OMPI_COMM_WORLD_RANK of $OMPI_COMM_WORLD_SIZE at $AZ_BATCH_MASTER_NODE"';
    const distribution = { distributionType: 'Mpi', processCountPerInstance: 2 };
    // All that it takes, and no mpirun, whatever this machine has.
    const few = path.join(plane.folder, 'few');
    mkdirSync(few);
    for (const name of ['rm', 'mkfifo', 'sleep'])
      symlinkSync(['/bin', '/usr/bin'].map((each) => path.join(each, name)).find(existsSync)!, path.join(few, name));
    const plain = await run(command, { distribution, environmentVariables: { PATH: few } });
    assert.match(await artifact(plain.name, 'user_logs/std_log_process_1.txt'), /^rank 1 of 2 at 127\.0\.0\.1:\d+\n$/);
    // Whatever mpirun a machine has: one that shows how it was called.
    const programs = path.join(plane.folder, 'programs');
    mkdirSync(programs);
    writeFileSync(path.join(programs, 'mpirun'), '#!/bin/sh\necho "mpirun $1 $2 $4"\n', { mode: 0o755 });
    const byMpirun = await run(command, { distribution, environmentVariables: { PATH: `${programs}:${few}` } });
    assert.match(await logOf(plane.client, byMpirun.name), /^mpirun -np 2 -c$/m);
  });

  it('tells tensorflow its cluster', async () => {
    const job = await run('echo "$TF_CONFIG"', {
      distribution: { distributionType: 'TensorFlow', workerCount: 2, parameterServerCount: 0 },
    });
    const config = JSON.parse(await artifact(job.name, 'user_logs/std_log_process_1.txt'));
    assert.equal(config.cluster.worker.length, 2);
    assert.deepEqual(config.task, { type: 'worker', index: 1 });
  });

  it('names the process that failed, and ends the others', async () => {
    const job = await run('if [ $RANK = 1 ]; then echo why >&2; exit 5; fi; sleep 300', {
      distribution: { distributionType: 'PyTorch', processCountPerInstance: 3 },
    });
    const { error } = job.properties;
    assert.equal(error?.message, 'The command ended with exit code 5 in the process of rank 1, which failed first.');
    assert.equal(error?.exitCode, 5);
    assert.deepEqual(error?.stderrTail, ['why']);
  });

  it('says which environment is unknown', async () => {
    const job = await run('true', { environmentId: 'azureml://registries/azureml/environments/nothing-like-it/labels/latest' });
    assert.equal(job.properties.error?.code, 'AssetNotFound');
    assert.match(job.properties.error!.message, /nothing-like-it/);
  });
});
