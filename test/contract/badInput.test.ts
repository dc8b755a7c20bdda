import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'mocha';
import { messageOf } from '../../src/base/userError.ts';
import { failureText } from '../../src/cli/failure.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { findPlane } from '../../src/plane/ensurePlane.ts';
import { processIdentity } from '../../src/plane/processIdentity.ts';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import type { CommandJobProperties } from '../../src/protocol/job.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { updraft } from './updraft.ts';

/** What a person reads: what is wrong, where, and what to do. */
describe('bad input', () => {
  let folder: string;
  let plane: TestPlane;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-bad-'));
    plane = await startPlane();
    await shellEnvironment(plane.client);
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  function write(name: string, text: string): string {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  describe('in a file', () => {
    const component = `type: command
name: train
inputs:
  data: {type: uri_folder}
  rate: {type: number}
outputs:
  model: {type: custom_model}
command: train \${{inputs.data}} \${{inputs.rate}} \${{outputs.model}}
environment: azureml:shell:1
`;
    const pipeline = (steps: string) =>
      `type: pipeline\ninputs: {raw: {type: uri_folder, path: ./raw}}\ncompute: azureml:cpu\njobs:\n${steps}`;
    const step = (name: string, data: string, more = 'rate: 1') =>
      `  ${name}: {component: ./train.yml, inputs: {data: "${data}", ${more}}}\n`;
    const rows: [name: string, text: string, expected: string[]][] = [
      ['syntax', 'type: command\ncommand: [a\nenvironment: x\n', [':3:1: error: ', '[YamlSyntax]', 'Fix the YAML first']],
      [
        'key',
        'type: command\ncommand: x\nenvironmnt: azureml:shell:1\n',
        [':3:1: error: "environmnt" is not a key of a command job. [UnknownKey]', 'Did you mean "environment"?'],
      ],
      [
        'kind',
        'type: comand\ncommand: x\nenvironment: azureml:shell:1\n',
        [':1:1: error: "comand" is no kind of job. [UnknownKind]', 'Did you mean "command"?'],
      ],
      [
        'later',
        '$schema: https://azuremlschemas.azureedge.net/latest/sparkJob.schema.json\ntype: spark\nentry: {file: a.py}\n',
        [':2:1: information: A Spark job does not run on this machine yet. [UnsupportedKind]', 'works in Azure'],
      ],
      [
        'code',
        'type: command\ncommand: x\ncode: ./sources\nenvironment: azureml:shell:1\n',
        [':3:7: error: The code folder ./sources does not exist. [MissingFile]', 'relative to this file'],
      ],
      [
        'data',
        'type: command\ncommand: x ${{inputs.d}}\nenvironment: azureml:shell:1\ninputs:\n  d: {type: uri_file, path: gone.csv}\n',
        [':5:29: warning: The input "d" is not there: gone.csv. [MissingFile]'],
      ],
      [
        'component',
        pipeline('  a: {component: ./gone.yml}\n'),
        [':5:18: error: The component ./gone.yml does not exist. [MissingFile]', 'relative to this file'],
      ],
      [
        'reference',
        pipeline(step('a', '${{parent.inputs.row}}')),
        [':5:46: error: The pipeline has no input "row". [InvalidReference]', 'Did you mean ${{parent.inputs.raw}}?'],
      ],
      [
        'cycle',
        pipeline(step('a', '${{parent.jobs.b.outputs.model}}') + step('b', '${{parent.jobs.a.outputs.model}}')),
        [':5:3: error: The steps wait for each other: a → b → a. [Cycle]'],
      ],
      [
        'missing',
        pipeline('  a: {component: ./train.yml, inputs: {data: "${{parent.inputs.raw}}"}}\n'),
        [
          ':5:3: error: The step "a" does not give the input "rate", which its component needs. [MissingInput]',
          'Add "rate:" under "inputs:".',
        ],
      ],
      [
        'type',
        pipeline(step('a', '${{parent.inputs.raw}}', 'rate: high')),
        ['error: "rate" is "high", but the step wants number. [TypeMismatch]'],
      ],
    ];
    let output: string;
    before(async () => {
      write('raw/a.csv', '1');
      write('train.yml', component);
      for (const [name, text] of rows) write(`${name}.yml`, text);
      const { code, stdout } = await updraft(
        path.join(folder, 'home'),
        ['validate', ...rows.map(([name]) => `${name}.yml`), 'nowhere.yml'],
        { cwd: folder },
      );
      assert.equal(code, 1);
      output = stdout;
    });

    for (const [name, , expected] of rows) {
      it(`names what is wrong, where and what to do: ${name}`, () => {
        const start = output.search(new RegExp(`^${name}\\.yml:`, 'm'));
        assert.ok(start >= 0, output);
        const [line, hint = ''] = output.slice(start).split('\n');
        for (const part of expected) assert.ok(`${line}\n${hint}`.includes(part), `${line}\n${hint}`);
      });
    }

    it('names a file that is not there', () => assert.match(output, /nowhere\.yml does not exist or can't be read\. \[MissingFile\]/));

    it('sends nothing for a file that has errors', async () => {
      await assert.rejects(submitJob({ client: plane.client, file: path.join(folder, 'key.yml') }), { code: 'UnknownKey' });
      await assert.rejects(submitJob({ client: plane.client, file: path.join(folder, 'later.yml') }), { code: 'UnsupportedKind' });
      assert.deepEqual((await plane.client.listJobs()).value, []);
      assert.deepEqual((await plane.client.listBlobs('azureml-blobstore', '')).entries, []);
    });
  });

  describe('in what a file refers to', () => {
    async function refused(name: string, text: string): Promise<string> {
      const file = write(name, text);
      try {
        await submitJob({ client: plane.client, file });
      } catch (error) {
        return messageOf(error);
      }
      assert.fail('It was submitted.');
    }
    const job = (environment: string, more = '') => `type: command\ncommand: x\nenvironment: ${environment}\n${more}`;

    it('names an asset that is not known, with the nearest', async () => {
      assert.equal(
        await refused('a.yml', job('azureml:shel:1')),
        'There is no environment "shel:1" in the workspace.\nDid you mean "azureml:shell"?',
      );
      assert.match(
        await refused('b.yml', job('azureml:shell:1', 'inputs: {d: {type: uri_folder, path: "azureml:digits@latest"}}\n')),
        /^There is no data "digits@latest" in the workspace\.\nCreate it with "updraft data create/,
      );
      assert.match(
        await refused('c.yml', 'type: pipeline\njobs: {a: {type: command, component: "azureml:fit:2"}}\n'),
        /^There is no component "fit:2" in the workspace\./,
      );
    });

    it('names the versions that there are', async () => {
      assert.equal(
        await refused('d.yml', job('azureml:shell:7')),
        'There is no environment "shell:7" in the workspace local.\nIt has the versions 1.',
      );
    });

    it('lists the biggest files of a code folder over 300 MB', async () => {
      for (const [name, size] of [
        ['checkpoint.bin', 299_000_000],
        ['data/train.csv', 2_000_000],
        ['train.py', 10],
      ] as const)
        truncateSync(write(`big/${name}`, ''), size);
      assert.equal(
        (await refused('e.yml', job('azureml:shell:1', 'code: ./big\n'))).replaceAll(folder, ''),
        'The code folder /big has 301 MB; a snapshot may have 300 MB. The biggest files:\n' +
          '    299 MB  checkpoint.bin\n    2.0 MB  data/train.csv\n      10 B  train.py\n' +
          'Leave data out with a .amlignore file (same rules as .gitignore).',
      );
    });
  });

  describe('in what a job runs', () => {
    let count = 0;
    const environment = (name: string) => assetId(defaultWorkspace, 'environments', name, '1');
    async function failure(command: string, more: Partial<CommandJobProperties> = {}, on = plane): Promise<{ text: string; name: string }> {
      const name = `bad_${++count}`;
      await on.client.putJob(name, { jobType: 'Command', command, environmentId: environment('shell'), ...more });
      const job = await jobWhen(on.client, name);
      assert.equal(job.properties.status, 'Failed');
      return { text: failureText(job), name };
    }

    it('tells exit code, the last 20 lines of standard error and the last frame of the traceback', async () => {
      const lines = Array.from({ length: 30 }, (_, index) => `print("line ${index}", file=sys.stderr)`).join('\n');
      const { text, name } = await failure(
        `cat > train.py <<'E'\nimport sys\n${lines}\ndef load():\n    raise ValueError("no data")\nload()\nE\npython3 train.py`,
      );
      const shown = text.split('\n');
      assert.equal(shown[0], 'ValueError: no data (exit code 1).');
      assert.equal(shown[1], 'at train.py, line 33');
      const tail = shown.filter((line) => line.startsWith('  | '));
      assert.equal(tail.length, 20);
      assert.equal(tail.at(-1), '  | ValueError: no data');
      assert.match(await logOf(plane.client, name), /line 0\n/);
    });

    it('names an output that was not written, and how to write it', async () => {
      const { text } = await failure('true', { outputs: { model: { jobOutputType: 'uri_file' } } });
      assert.match(text, /did not write its output "model" \(uri_file\)\.\nLet it write the file \$\{\{outputs\.model\}\}\./);
    });

    it('names the timeout', async () => {
      const { text } = await failure('sleep 60', { limits: { timeout: 'PT0.2S' } });
      assert.equal(
        text,
        'The command ran longer than limits.timeout allows (0.2 s) and was ended.\nRaise limits.timeout, or make the command faster.',
      );
    });

    it("hands on the installer's own last lines for a package that does not exist", async () => {
      await plane.client.putAsset('environments', 'typo', '1', {
        condaFile: 'dependencies:\n  - pip:\n      - updraft-no-such-package==1.0\n',
      });
      const { text, name } = await failure('true', { environmentId: environment('typo') });
      assert.match(text, /^The packages could not be installed:\n[\s\S]*updraft-no-such-package/);
      assert.match(text, /Check the names and versions in the conda file\.$/);
      assert.match(await logOf(plane.client, name), /updraft-no-such-package/);
    });

    it('names a Python that is too old, and what is not', async () => {
      await plane.client.putAsset('environments', 'old', '1', { condaFile: 'dependencies:\n  - python=3.4\n' });
      const { text } = await failure('true', { environmentId: environment('old') });
      assert.match(text, /^The environment asks for Python 3\.4, but environments are made from Python 3\.7 on\./);
    });

    it('says so when there is no Python at all', async () => {
      const bare = await startPlane({}, undefined, { PATH: '/nowhere', HOME: folder });
      try {
        await bare.client.putAsset('environments', 'any', '1', { condaFile: 'dependencies:\n  - pip:\n      - numpy\n' });
        const { text } = await failure('true', { environmentId: environment('any') }, bare);
        assert.match(
          text,
          /^The environment asks for Python 3\.9 or newer, which is not on this machine\. None was found at all\.\nuv could not bring it: .*\nInstall Python 3\.11/,
        );
      } finally {
        await bare.remove();
      }
    });
  });

  describe('around the control plane', () => {
    let home: string;
    before(() => {
      home = path.join(folder, 'home');
      mkdirSync(home, { recursive: true });
    });

    it('names a port that is in use', async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      try {
        const { port } = other.address() as AddressInfo;
        const { code, stderr } = await updraft(home, ['serve', '--port', String(port)]);
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(`^error: Port ${port} is in use by another program\\.\nChoose another with --port`, 'm'));
      } finally {
        other.close();
      }
    });

    it('takes over from a plane that died', async () => {
      const dead = { ...processIdentity(process.pid)!, startTime: '1' };
      writeFileSync(path.join(home, 'plane.pid'), JSON.stringify(dead));
      writeFileSync(
        path.join(home, 'plane.json'),
        JSON.stringify({ pid: dead.pid, url: 'http://127.0.0.1:9', token: 'x', id: 'y', version: '0', startedAt: '' }),
      );
      const { code, stderr } = await updraft(home, ['job', 'list']);
      assert.equal(code, 0, stderr);
      const lock = (await findPlane(home))!;
      assert.notEqual(lock.pid, dead.pid);
      await new PlaneClient(lock).stop();
    });

    it('leaves a data folder alone that a newer version has written', async () => {
      const newer = path.join(folder, 'newer');
      mkdirSync(newer);
      const db = new DatabaseSync(path.join(newer, 'updraft.db'));
      db.exec('PRAGMA user_version = 99');
      db.close();
      const expected =
        /The data folder .*newer was written by a newer Updraft \(format 99, this one knows \d+\)\.\nUpdate Updraft, or choose another folder with --data\./;
      const [serve, list] = await Promise.all([updraft(newer, ['serve']), updraft(newer, ['job', 'list'])]);
      for (const { code, stderr } of [serve, list]) {
        assert.equal(code, 1);
        assert.match(stderr, expected);
      }
    });

    it('refuses a wrong token and says where the right one is', async () => {
      const wrong = new PlaneClient({ url: plane.url, token: 'wrong' });
      await assert.rejects(wrong.listJobs(), {
        code: 'Unauthorized',
        message: 'The token is wrong.',
        hint: 'Read the current address and token with "updraft env".',
      });
      const mlflow = await fetch(`${plane.url}/api/2.0/mlflow/runs/get?run_id=x`, { headers: { authorization: 'Bearer wrong' } });
      assert.equal(mlflow.status, 401);
      assert.deepEqual(await mlflow.json(), { error_code: 'UNAUTHENTICATED', message: 'The token is wrong.' });
      const { code, stderr } = await updraft(home, ['runner', '--server', plane.url, '--token', 'wrong']);
      assert.equal(code, 1);
      assert.match(stderr, /^error: The token is wrong\./);
    });
  });
});
