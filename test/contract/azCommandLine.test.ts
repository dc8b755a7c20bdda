import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { bundle, type Finished, runProcess, updraft } from './updraft.ts';
import { writeIn } from './writeIn.ts';

const schema = (kind: string) => `$schema: https://azuremlschemas.azureedge.net/latest/${kind}.schema.json\n`;
const files: Record<string, string> = {
  'job.yml': `command: echo hello \${{inputs.name}}
inputs: {name: world}
environment: azureml:shell:1
compute: azureml:cpu-cluster
experiment_name: ci
`,
  'failing.yml': 'command: echo about to fail; exit 3\nenvironment: azureml:shell:1\n',
  'pipeline.yml': `type: pipeline
experiment_name: ci
inputs: {word: hello}
jobs:
  show:
    command: echo \${{inputs.word}}
    inputs: {word: "\${{parent.inputs.word}}"}
    environment: azureml:shell:1
`,
  // As in the accelerators: the name comes from the command line.
  'environment.yml': `${schema('environment')}image: ubuntu:22.04\n`,
  'conda.yml': 'dependencies: [python=3.11]\n',
  'data.yml': `${schema('data')}name: numbers\ntype: uri_file\npath: ./numbers.csv\n`,
  'numbers.csv': 'a,b\n1,2\n',
  'component.yml': `${schema('commandComponent')}name: make\ncommand: echo made\nenvironment: azureml:shell:1\n`,
  'model/weights.txt': 'weights',
  'src/score.py': 'def init(): pass\ndef run(data): return data\n',
  'endpoint.yml': `${schema('managedOnlineEndpoint')}auth_mode: key\n`,
  'deployment.yml': `${schema('managedOnlineDeployment')}name: blue
model: azureml:weights:1
environment: azureml:shell:1
code_configuration: {code: ./src, scoring_script: score.py}
instance_type: Standard_DS3_v2
instance_count: 1
`,
  'green.yml': `${schema('managedOnlineDeployment')}model: {path: ./model}
environment: azureml:shell:1
code_configuration: {code: ./src, scoring_script: score.py}
instance_type: Standard_DS3_v2
instance_count: 1
`,
  'broken/score.py': 'def init(): oh\ndef run(data): return data\n',
  'broken.yml': `${schema('managedOnlineDeployment')}environment: azureml:shell:1
code_configuration: {code: ./broken, scoring_script: score.py}
instance_type: Standard_DS3_v2
instance_count: 1
`,
  'batch-endpoint.yml': `${schema('batchEndpoint')}auth_mode: aad_token\n`,
  'batch-deployment.yml': `${schema('batchDeployment')}model: azureml:weights:1
environment: azureml:shell:1
code_configuration: {code: ./src, scoring_script: score.py}
compute: azureml:cpu-cluster
resources: {instance_count: 1}
mini_batch_size: 10
`,
  'request.json': '{"data": [1]}',
  'schedule.yml': `${schema('schedule')}trigger: {type: cron, expression: "0 3 1 1 *"}\ncreate_job: ./pipeline.yml\n`,
};

/** The lines of CI pipelines that call `az ml`, with `az` by its new name. */
describe('the command line as "az ml"', () => {
  let folder: string;
  let home: string;

  /** Runs `updraft WORDS` in the folder of the files; quotes keep words together, as in a shell. */
  function run(line: string): Promise<Finished> {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
    // No test opens a browser.
    return updraft(home, words, { cwd: folder, env: { BROWSER: process.execPath } });
  }
  async function ok(line: string): Promise<string> {
    const { code, stdout, stderr } = await run(line);
    assert.equal(code, 0, `${line}: ${stdout}${stderr}`);
    return stdout;
  }
  const json = async (line: string): Promise<any> => JSON.parse(await ok(line));

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-az-'));
    home = path.join(folder, '.home');
    for (const [name, text] of Object.entries(files)) writeIn(folder, name, text);
  });
  after(async () => {
    const lock = await findPlane(home);
    if (lock) await new PlaneClient(lock).stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('answers what comes before: sign-in, extension, defaults', async () => {
    const before = await run('login --service-principal -u me -p secret --tenant t');
    assert.deepEqual([before.code, before.stdout], [0, '']);
    assert.match(before.stderr, /No sign-in is needed/);
    assert.equal(await ok('extension add -n ml -y'), '');
    assert.equal(await ok('account set --subscription s'), '');
    assert.match(await ok('account show --query id -o tsv'), /^0{8}-/);
    await ok('configure --defaults group=team-group workspace=team-ws');
    assert.deepEqual(
      (await json('configure --list-defaults -o json')).map(({ name, value }: { name: string; value: string }) => [name, value]),
      [
        ['group', 'team-group'],
        ['workspace', 'team-ws'],
      ],
    );
  });

  it('creates environments, data, models and components', async () => {
    const made = await json('ml environment create --name shell --version 1 --file environment.yml');
    assert.deepEqual([made.name, made.version, made.image], ['shell', '1', 'ubuntu:22.04']);
    // The workspace of the defaults is a name of this machine's.
    assert.match(made.id, /^azureml:\/subscriptions\/.*\/resourceGroups\/team-group\/.*\/environments\/shell\/versions\/1$/);
    const conda = await json('ml environment create --name conda --image ubuntu:22.04 --conda-file conda.yml');
    assert.deepEqual(conda.conda_file, { dependencies: ['python=3.11'] });
    const gone = await run('ml environment create --name conda --image ubuntu:22.04 --conda-file gone.yml');
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /gone\.yml does not exist/);
    assert.deepEqual(await json('ml environment list'), [
      { 'latest version': '1', name: 'conda' },
      { 'latest version': '1', name: 'shell' },
    ]);
    assert.equal(await ok('ml data create --file data.yml --query "[name, version]" -o tsv'), 'numbers\n1\n');
    assert.equal(await ok('ml data create --name more --path numbers.csv --type uri_file --query type -o tsv'), 'uri_file\n');
    assert.equal(await ok('ml model create --name weights --version 1 --path model --tags a=b --query tags.a -o tsv'), 'b\n');
    assert.equal(await ok('ml component create -f component.yml --query name -o tsv'), 'make\n');
    assert.equal(await ok('ml model show -n weights --label latest --query version -o tsv'), '1\n');
    const changed =
      'ml model update -n weights -v 1 --set tags.build=007 --description good --query "[description, tags.a, tags.build]" -o tsv';
    assert.equal(await ok(changed), 'good\nb\n007\n');
    await ok('ml data archive -n more');
    assert.equal(await ok('ml data list --query [].name -o tsv'), 'numbers\n');
    assert.equal(await ok('ml data list --archived-only --query [].name -o tsv'), 'more\n');
    await ok('ml model download -n weights -v 1 --download-path got');
    assert.equal(readFileSync(path.join(folder, 'got/weights/weights.txt'), 'utf8'), 'weights');
  });

  it('finds or creates a compute', async () => {
    assert.equal(await ok('ml compute show -n never-made --query name -o tsv'), 'never-made\n');
    const line =
      'ml compute create --name cpu --type amlcompute --size STANDARD_DS3_V2 --min-instances 0 --max-instances 4 --tier dedicated';
    const made = await json(line);
    assert.deepEqual(
      [made.type, made.size, made.min_instances, made.max_instances, made.tier, made.provisioning_state],
      ['amlcompute', 'STANDARD_DS3_V2', 0, 4, 'dedicated', 'Succeeded'],
    );
    const scaled = await json('ml compute update -n cpu --max-instances 8 --set tags.a=b');
    assert.deepEqual([scaled.min_instances, scaled.max_instances, scaled.size, scaled.tags], [0, 8, 'STANDARD_DS3_V2', { a: 'b' }]);
    assert.match(await ok('ml compute list -o table'), /^Name +Compute type +State +Instance type\n-+ /);
  });

  it('submits a job, asks for its status, and streams it', async () => {
    const line =
      'ml job create -f job.yml --set inputs.name=moon tags.build=007 --set description="a: b" -g other -w other-ws --web --query name -o tsv';
    // A shell takes the quotes away.
    const name = (await ok(line.replace('description="a: b"', '"description=a: b"'))).trim();
    assert.match(name, /^\w+$/);
    const streamed = await run(`ml job stream -n ${name}`);
    assert.equal(streamed.code, 0);
    assert.match(streamed.stdout, /^hello moon$/m);
    assert.equal(await ok(`ml job show -n ${name} --query status -o tsv`), 'Completed\n');
    const job = await json(`ml job show --name ${name}`);
    assert.deepEqual(job.tags, { build: '007' });
    assert.deepEqual(
      [job.description, job.type, job.inputs.name, job.environment, job.compute, job.experiment_name],
      ['a: b', 'command', 'moon', 'azureml:shell:1', 'azureml:cpu-cluster', 'ci'],
    );
    assert.ok(job.services.Studio.endpoint && job.creation_context.created_at);
    assert.deepEqual(Object.keys(job), Object.keys(job).sort());
    assert.match(await ok('ml job list -o table'), /^Name +Status +Experiment +Compute target +Job type +Created on\n/);
    assert.equal(
      await ok(`ml job update -n ${name} --set display_name=2024 tags.a=b --query "[display_name, tags.a]" -o tsv`),
      '2024\nb\n',
    );
    await ok(`ml job archive -n ${name}`);
    assert.equal(await ok(`ml job list --query "[?name=='${name}'].name" -o tsv`), '');
    assert.equal(await ok(`ml job list --include-archived --query "[?name=='${name}'].name" -o tsv`), `${name}\n`);
  });

  it('streams what it creates, with the answer alone on standard output; a job that fails is exit code 1', async () => {
    const pipeline = await run(
      'ml job create --file pipeline.yml --name p --set settings.force_rerun=true inputs.word=set --stream --query status -o tsv',
    );
    assert.deepEqual([pipeline.code, pipeline.stdout], [0, 'Completed\n']);
    assert.match(pipeline.stderr, /^show: Completed/m);
    assert.equal((await json('ml job show -n p')).settings.force_rerun, true);
    const failing = await run('ml job create --file failing.yml --stream -o none');
    assert.deepEqual([failing.code, failing.stdout], [1, '']);
    assert.match(failing.stderr, /about to fail/);
    assert.deepEqual(await json('ml job validate -f job.yml'), { result: 'Succeeded' });
  });

  it('deploys online: endpoint, deployment, traffic, keys', async () => {
    const there = `ml online-endpoint list -o tsv --query "[?name=='serve'][name]"`;
    assert.equal(await ok(there), '');
    assert.equal(await ok('ml online-endpoint create --name serve -f endpoint.yml --query provisioning_state -o tsv'), 'Succeeded\n');
    assert.equal(await ok(there), 'serve\n');
    const blue = await json('ml online-deployment create --name blue --endpoint serve -f deployment.yml --all-traffic');
    assert.deepEqual([blue.endpoint_name, blue.type, blue.instance_count, blue.provisioning_state], ['serve', 'managed', 1, 'Succeeded']);
    assert.match(blue.code_configuration.code, /\/codes\//);
    assert.match(blue.model, /^azureml:\/.*\/models\/weights\/versions\/1$/);
    assert.deepEqual(await json('ml online-endpoint show -n serve --query traffic'), { blue: 100 });
    // A model in place becomes one of the workspace.
    const green = await json('ml online-deployment create --name green --endpoint-name serve -f green.yml');
    assert.match(green.model, /\/models\/serve-green\/versions\/1$/);
    assert.deepEqual(await json('ml online-endpoint update --name serve --traffic "blue=90 green=10" --query traffic'), {
      blue: 90,
      green: 10,
    });
    const scaled = 'ml online-deployment update -n blue -e serve --set instance_count=2 environment_variables.A=b';
    assert.equal(await ok(`${scaled} --query "[instance_count, environment_variables.A, model != null]" -o tsv`), '2\nb\ntrue\n');
    assert.match(await ok('ml online-endpoint get-credentials -n serve --query primaryKey -o tsv'), /^\S{20,}\n$/);
    assert.equal(
      await ok('ml online-endpoint invoke -n serve --deployment-name blue --request-file request.json'),
      `${JSON.stringify(JSON.stringify(JSON.stringify({ data: [1] }).replace(':', ': ')))}\n`,
    );
    assert.match(await ok('ml online-deployment get-logs -n blue -e serve --lines 20'), /Served as: scoring script/);
    const broken = await run('ml online-deployment create --name broken --endpoint serve -f broken.yml');
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /broken has failed: .*NameError: name 'oh' is not defined/);
    await ok('ml online-endpoint delete -n serve --yes');
    assert.equal(await ok(there), '');
  });

  it('deploys in batches', async () => {
    await ok('ml batch-endpoint create --name nightly -f batch-endpoint.yml');
    const made = await json('ml batch-deployment create --name first --endpoint nightly -f batch-deployment.yml --set-default');
    assert.deepEqual([made.endpoint_name, made.mini_batch_size], ['nightly', 10]);
    assert.equal(await ok('ml batch-endpoint show -n nightly --query defaults.deployment_name -o tsv'), 'first\n');
    assert.equal(await ok(`ml batch-endpoint list -o tsv --query "[?name=='nightly'][name]"`), 'nightly\n');
    const called = await run(
      'ml batch-endpoint invoke --name nightly --deployment-name first --input azureml:numbers:1 --input-type uri_file --query name -o tsv',
    );
    assert.equal(called.code, 1);
    assert.match(called.stderr, /does not run them yet/);
  });

  it('schedules, and shows what else a workspace has', async () => {
    const made = await json('ml schedule create --name yearly --file schedule.yml');
    assert.deepEqual([made.name, made.trigger.type, made.is_enabled, made.create_job.type], ['yearly', 'cron', true, 'pipeline']);
    assert.equal(await ok('ml schedule disable -n yearly --query is_enabled -o tsv'), 'false\n');
    const changed = await json('ml schedule update -n yearly --set "trigger.expression=5 4 1 1 *" is_enabled=true');
    assert.deepEqual([changed.trigger.expression, changed.is_enabled, changed.create_job.type], ['5 4 1 1 *', true, 'pipeline']);
    assert.match(await ok('ml datastore list --query "[].name" -o tsv'), /^workspaceblobstore$/m);
    assert.equal(await ok('ml workspace show -n other-ws --query name -o tsv'), 'other-ws\n');
    assert.match(await ok('ml workspace show -n other-ws -o yaml'), /^mlflow_tracking_uri: http/m);
  });

  it('has exit codes of az: 1 an error, 2 a wrong command line, 3 nothing to show', async () => {
    const codes = async (line: string) => (await run(line)).code;
    for (const line of [
      'ml job show -n gone',
      'ml model show -n gone -v 1',
      'ml online-endpoint show -n gone',
      'ml workspace show -n gone',
      'ml registry show -n gone',
      'ml model show -n weights --registry-name gone',
    ])
      assert.equal(await codes(line), 3, line);
    for (const line of [
      'ml job create',
      'ml job craete -f job.yml',
      'ml job list --query "[?"',
      'ml job show -n x --outptu tsv',
      'ml job list --registry-name r',
    ])
      assert.equal(await codes(line), 2, line);
    for (const line of ['ml job stream -n gone', 'ml data create -f job.yml --set type=no']) assert.equal(await codes(line), 1, line);
    const never = await run('ml job create -f job.yml --name never --query "[?"');
    assert.equal(never.code, 2);
    assert.equal(await codes('ml job show -n never'), 3);
  });

  it('completes in bash', async function () {
    if (process.platform === 'win32') this.skip();
    const script = await ok('completion bash');
    const typed = `updraft() { "${process.execPath}" "${bundle}" "$@"; }
${script}
COMP_WORDS=(updraft ml online-endpoint up); COMP_CWORD=3; _updraft; echo "\${COMPREPLY[@]}"
COMP_WORDS=(updraft ml job create --se); COMP_CWORD=4; _updraft; echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await runProcess('bash', ['-c', typed], { env: { ...process.env, UPDRAFT_HOME: home } });
    assert.equal(stdout, 'update\n--server --set\n', stderr);
    for (const shell of ['zsh', 'fish', 'powershell']) assert.match(await ok(`completion ${shell}`), /updraft complete --/);
  });
});
