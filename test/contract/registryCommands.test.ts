import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { updraft } from './updraft.ts';
import { writeIn } from './writeIn.ts';

const schema = (kind: string) => `$schema: https://azuremlschemas.azureedge.net/latest/${kind}.schema.json\n`;
const files: Record<string, string> = {
  'registry.yml': `${schema('registry')}name: lab\nlocation: eastus\ndescription: What we share.\nreplication_locations: [{location: eastus}]\n`,
  'environment.yml': `${schema('environment')}name: shell\nversion: 1\nimage: ubuntu:22.04\n`,
  'model/weights.txt': 'weights of the lab',
  'rows.csv': 'a,b\n',
  'step/run.sh': 'echo step of the lab; cat "$1"\n',
  'component.yml': `${schema('commandComponent')}name: show
version: 1
inputs: {rows: {type: uri_file}}
code: ./step
command: sh run.sh \${{inputs.rows}}
environment: azureml:shell:1
`,
  'job.yml': `command: cat \${{inputs.m}}/weights.txt
inputs: {m: {type: custom_model, path: azureml://registries/lab/models/weights/labels/latest}}
environment: azureml://registries/lab/environments/shell/versions/1
`,
  'pipeline.yml': `type: pipeline
jobs:
  show:
    type: command
    component: azureml://registries/lab/components/show/versions/1
    inputs: {rows: {type: uri_file, path: azureml://registries/lab/data/rows/versions/1}}
`,
};

/** Registries on the command line, in the words of `az ml`. */
describe('registries on the command line', function () {
  this.timeout(120_000);
  let home: string;
  let folder: string;
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-registry-'));
    folder = path.join(home, 'work');
    for (const [name, text] of Object.entries(files)) writeIn(folder, name, text);
  });
  after(async () => {
    const lock = await findPlane(home);
    if (lock) await new PlaneClient(lock).stop();
    rmSync(home, { recursive: true, force: true });
  });
  const run = (line: string) => updraft(home, line.split(' '), { cwd: folder });
  async function ok(line: string): Promise<string> {
    const { code, stdout, stderr } = await run(line);
    assert.equal(code, 0, `${line}: ${stdout}${stderr}`);
    return stdout;
  }
  const json = async (line: string) => JSON.parse(await ok(`${line} -o json`));

  it('are made of a file or a name, shown and listed', async () => {
    const made = await json('ml registry create --file registry.yml');
    assert.deepEqual(
      [made.name, made.location, made.description, made.replication_locations],
      ['lab', 'eastus', 'What we share.', [{ location: 'eastus' }]],
    );
    await ok('registry create --name second');
    assert.deepEqual(
      (await json('registry list')).map(({ name }: { name: string }) => name),
      ['lab', 'second'],
    );
    assert.match(await ok('registry list'), /lab +eastus +What we share\./);
    assert.equal((await json('registry show --name lab')).name, 'lab');
    const refused = await run('registry create --name azureml');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Azure's own/);
  });

  it('hold assets that are created, listed, shown, changed, archived and downloaded', async () => {
    const environment = await json('environment create --file environment.yml --registry-name lab');
    assert.equal(environment.id, 'azureml:azureml://registries/lab/environments/shell/versions/1');
    await ok('model create --name weights --path model --registry-name lab');
    await ok('data create --name rows --path rows.csv --type uri_file --registry-name lab');
    await ok('component create --file component.yml --registry-name lab');
    for (const [noun, name] of [
      ['model', 'weights'],
      ['data', 'rows'],
      ['environment', 'shell'],
      ['component', 'show'],
    ]) {
      assert.equal((await json(`${noun} list --registry-name lab`))[0].name, name);
      assert.deepEqual(await json(`${noun} list`), [], noun);
    }
    const component = await json('component show --name show --registry-name lab');
    assert.equal(component.environment, 'azureml://registries/lab/environments/shell/versions/1');
    assert.equal((await json('model update --name weights --set tags.a=b --registry-name lab')).tags.a, 'b');
    await ok('model download --name weights --version 1 --download-path got --registry-name lab');
    assert.equal(readFileSync(path.join(folder, 'got/weights.txt'), 'utf8'), files['model/weights.txt']);
    const nowhere = await run('model list --registry-name nope');
    assert.match(nowhere.stderr, /There is no registry "nope" here/);
    assert.match((await run('job list --registry-name lab')).stderr, /A registry does not have this/);
  });

  it('are used by jobs and pipelines; what they do not have is an error before anything runs', async () => {
    assert.match(await ok('job submit job.yml --stream'), /weights of the lab/);
    await ok('job submit pipeline.yml --name whole --stream');
    const steps = await json('job list --parent-job-name whole');
    await ok(`job download --name ${steps[0].name} --all --download-path step-files`);
    assert.match(readFileSync(path.join(folder, 'step-files/artifacts/user_logs/std_log.txt'), 'utf8'), /step of the lab\s+a,b/);
    for (const [set, message] of [
      [
        'environment=azureml://registries/lab/environments/shell/versions/7',
        /no environment "shell:7" in the registry lab.*\s.*versions 1/,
      ],
      ['environment=azureml://registries/lab/environments/other/labels/latest', /no environment "other" in the registry lab.*\s.*shell/],
      ['inputs.m.path=azureml://registries/lab/models/none/labels/latest', /no model "none" in the registry lab.*\s.*weights/],
      ['inputs.m.path=azureml://registries/azureml/models/gpt/versions/1', /Azure's public registry "azureml"/],
      ['environment=azureml://registries/nope/environments/shell/versions/1', /no registry "nope"/],
    ] as const) {
      const { code, stderr } = await run(`job submit job.yml --set ${set}`);
      assert.equal(code, 1, set);
      assert.match(stderr, message);
    }
  });

  it('take what a workspace shares, and go with all that is in them', async () => {
    await ok('model create --name ours --path model');
    const shared = await json('ml model share --name ours --version 1 --share-with-name theirs --share-with-version 4 --registry-name lab');
    assert.equal(shared.id, 'azureml:azureml://registries/lab/models/theirs/versions/4');
    await ok('environment create --name mine --version 1 --image ubuntu:22.04');
    assert.match(await ok('environment share --name mine --version 1 --registry-name lab'), /Shared mine:1 in the registry lab\./);
    assert.match(await ok('registry delete --name lab'), /Deleted the registry lab/);
    assert.equal((await run('ml registry show --name lab')).code, 3);
  });
});
