import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { findUv } from '../../scripts/pythonClients.ts';
import { assetId, defaultWorkspace } from '../../src/protocol/arm.ts';
import { packagesFile } from '../../src/protocol/jobPlaces.ts';
import { createAsset } from '../../src/submit/createAsset.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen, logOf, shellEnvironment, startPlane, type TestPlane } from './plane.ts';
import { writeIn } from './writeIn.ts';

describe('the environment of a job', () => {
  let plane: TestPlane;
  let folder: string;
  const write = (name: string, text: string) => writeIn(folder, name, text);
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-environments-'));
    const uv = await findUv('python3', () => {});
    plane = await startPlane({}, undefined, {
      ...(process.env as Record<string, string>),
      PATH: `${path.dirname(uv ?? '')}:${process.env.PATH}`,
      MLFLOW_TRACKING_USERNAME: 'ann',
      MLFLOW_REGISTRY_URI: 'http://127.0.0.1:9',
      MLFLOW_EXPERIMENT_ID: '7',
    });
  });
  after(async () => {
    await plane.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const ended = async (name: string) => {
    const { properties } = await jobWhen(plane.client, name);
    return { properties, log: await logOf(plane.client, name) };
  };
  const run = async (text: string) => ended((await submitJob({ client: plane.client, file: write('job.yml', text) })).job.name);

  it('takes what a conda file names beside it along', async () => {
    write('wheels/requirements.txt', 'six\n');
    write('limits.txt', 'six==1.15.0\n');
    write('package/setup.py', 'from setuptools import setup\nsetup(name="hello", version="1.0", py_modules=["hello"])\n');
    write('package/hello.py', '');
    write(
      'conda.yml',
      'dependencies:\n  - python>=3.9\n  - pip:\n    - -r wheels/requirements.txt\n    - -c limits.txt\n    - ./package\n',
    );
    const text = `command: python -c "import hello, six; print('six', six.__version__)"\nenvironment: {image: python, conda_file: conda.yml}\n`;
    const { log } = await run(text);
    assert.match(log, /^six 1\.15\.0$/m);
    // Another content is another environment.
    write('limits.txt', 'six==1.16.0\n');
    assert.match((await run(text)).log, /^six 1\.16\.0$/m);
  });

  it('is recorded with each job as it was really installed', async () => {
    write('conda.yml', 'dependencies:\n  - pip:\n    - six<1.17\n');
    const text = 'command: echo done\nenvironment: {image: python, conda_file: conda.yml}\n';
    const recorded = async (job: string) => (await plane.client.readArtifact(job, packagesFile)).text();
    const submit = async () => (await submitJob({ client: plane.client, file: write('job.yml', text) })).job.name;
    const first = await submit();
    assert.equal((await ended(first)).properties.status, 'Completed');
    const packages = await recorded(first);
    assert.match(packages, /^# Python 3\.\d+\.\d+\n(?:[\w.-]+==\S+\n)+$/);
    assert.match(packages, /^six==1\.16\.0$/m);
    assert.match(packages, /^pip==\d/m);
    const second = await submit();
    await ended(second);
    assert.equal(await recorded(second), packages);
  });

  it('is not recorded for a command that runs with the machine’s own programs', async () => {
    await shellEnvironment(plane.client);
    await plane.client.putJob('unrecorded', {
      jobType: 'Command',
      command: 'echo',
      environmentId: assetId(defaultWorkspace, 'environments', 'shell', '1'),
    });
    await ended('unrecorded');
    assert.deepEqual((await plane.client.listArtifacts('unrecorded', 'environment')).entries, []);
  });

  it('is made from a Dockerfile that only adds packages', async () => {
    write(
      'context/docker/Dockerfile',
      'FROM python:3\nENV GREETING=hello\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n',
    );
    write('context/requirements.txt', 'six==1.16.0\n');
    const build = 'build: {path: ./context, dockerfile_path: docker/Dockerfile}\n';
    const command = `command: python -c "import os, six; print(os.environ['GREETING'], six.__version__)"\n`;
    assert.match((await run(`${command}environment:\n  ${build}`)).log, /^hello 1\.16\.0$/m);
    await createAsset(plane.client, write('environment.yml', `name: built\nversion: "1"\n${build}`), 'environments');
    assert.match((await run(`${command}environment: azureml:built:1\n`)).log, /^hello 1\.16\.0$/m);
  });

  it('is refused, before the run and in it, when a Dockerfile does more', async () => {
    write('more/Dockerfile', 'FROM python:3.11\n\nRUN apt-get update\n');
    const said = /Dockerfile.* can't become a virtual environment: line 3, RUN apt-get update: only pip and conda/;
    await assert.rejects(run('command: echo\nenvironment:\n  build: {path: ./more}\n'), (error: Error & { diagnostics?: unknown }) =>
      said.test(JSON.stringify(error.diagnostics ?? error.message)),
    );
    await createAsset(plane.client, write('environment.yml', 'name: more\nversion: "1"\nbuild: {path: ./more}\n'), 'environments');
    await plane.client.putJob('more', {
      jobType: 'Command',
      command: 'echo',
      environmentId: assetId(defaultWorkspace, 'environments', 'more', '1'),
    });
    const { error } = (await ended('more')).properties;
    assert.equal(error?.code, 'UnsupportedKind');
    assert.match(error!.message, said);
  });

  it('says what did not come along with a conda file that another client sent', async () => {
    await plane.client.putAsset('environments', 'alone', '1', { condaFile: 'dependencies:\n  - pip:\n    - -r requirements.txt\n' });
    await plane.client.putJob('alone', {
      jobType: 'Command',
      command: 'echo',
      environmentId: assetId(defaultWorkspace, 'environments', 'alone', '1'),
    });
    assert.match(
      (await ended('alone')).properties.error!.message,
      /"-r requirements\.txt" names something beside it that did not come along/,
    );
  });

  it('shows a command this plane and its inputs, nothing of another MLflow server, and its own programs before those of a PATH of its own', async () => {
    await shellEnvironment(plane.client);
    await plane.client.putJob('sees', {
      jobType: 'Command',
      command: 'env; python -c "import sys; print(\'prefix\', sys.prefix)"',
      environmentId: assetId(defaultWorkspace, 'environments', 'shell', '1'),
      environmentVariables: { PATH: '/usr/bin:/bin' },
      inputs: { rate: { jobInputType: 'literal', value: '0.5' } },
    });
    const { log } = await ended('sees');
    assert.match(log, /^AZUREML_PARAMETER_rate=0\.5$/m);
    assert.match(log, /^AZURE_ML_INPUT_rate=0\.5$/m);
    assert.doesNotMatch(log, /^MLFLOW_(?:TRACKING_USERNAME|REGISTRY_URI|EXPERIMENT_ID)=/m);
    const layer = /^VIRTUAL_ENV=(.*)$/m.exec(log)![1]!;
    assert.match(log, new RegExp(`^PATH=${layer}/bin:.*:/usr/bin:/bin$`, 'm'));
    assert.match(log, new RegExp(`^prefix ${layer}$`, 'm'));
  });
});
