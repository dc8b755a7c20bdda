import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { findUv } from '../../scripts/pythonClients.ts';
import { processIdentity } from '../../src/plane/processIdentity.ts';
import type { JobsPrograms } from '../../src/runner/environments/jobPython.ts';
import { prepareEnvironment } from '../../src/runner/environments/prepareEnvironment.ts';
import { findPython } from '../../src/runner/environments/pythonInterpreter.ts';
import { runTool } from '../../src/runner/environments/runTool.ts';
import { type BuildOptions, type Requirements, virtualEnvironment } from '../../src/runner/environments/virtualEnvironment.ts';

describe('a virtual environment', () => {
  let folder: string;
  let uv: string | undefined;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-environment-'));
    mkdirSync(path.join(folder, 'jobs'));
    uv = await findUv('python3', () => {});
    // A package without dependencies, so that nothing has to be downloaded for what a job installs.
    for (const version of ['1.0', '2.0', '3.0rc1']) {
      const source = path.join(folder, `hello-${version}`);
      mkdirSync(path.join(source, 'hello'), { recursive: true });
      writeFileSync(path.join(source, 'hello/__init__.py'), `VERSION = "${version}"\ndef main(): print("hello", VERSION)\n`);
      writeFileSync(
        path.join(source, 'setup.py'),
        `from setuptools import setup\nsetup(name="hello", version="${version}", packages=["hello"], data_files=[("share/hello", ["note.txt"])], entry_points={"console_scripts": ["hello = hello:main"]})\n`,
      );
      writeFileSync(path.join(source, 'note.txt'), version);
      const program = uv ?? 'python3';
      const args = uv ? ['build', '--wheel', '--out-dir', folder] : ['-m', 'pip', 'wheel', '--no-deps', '--wheel-dir', folder];
      const { code, output } = await runTool(program, [...args, source], { environment: process.env as Record<string, string> });
      assert.equal(code, 0, output);
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

  const none: Requirements = { python: undefined, packages: [] };
  const options = (more: Record<string, string> = {}): BuildOptions => ({
    folder,
    environment: { ...(process.env as Record<string, string>), PATH: `${path.dirname(uv ?? '')}:${process.env.PATH}`, ...more },
    signal: new AbortController().signal,
    onLine: () => {},
    onProgress: () => {},
    fetchFiles: async (uri, target) => cpSync(path.join(folder, path.basename(uri)), target, { recursive: true }),
  });
  const make = () => virtualEnvironment(none, options());
  const hello = (version: string) => `azureml://datastores/workspaceblobstore/paths/LocalUpload/abc/hello-${version}`;

  const wheel = (version: string) => `hello-${version}-py3-none-any.whl`;

  let count = 0;
  const prepare = (requirements: Requirements | undefined, more: Record<string, string> = {}) =>
    prepareEnvironment({ requirements, variables: {}, notes: [] }, path.join(folder, 'jobs', String(++count)), options(more));
  /** Runs a command as a job with those programs would. */
  const run = async ({ variables, first }: JobsPrograms, command: string) => {
    const environment = { ...variables, PATH: `${first.join(':')}:${variables.PATH}`, FOLDER: folder };
    const { output } = await runTool('bash', ['-c', `{ ${command}\n} 2>&1`], { environment, cwd: folder });
    return output.trim();
  };

  it('is made once, and shared by those that ask at the same time', async () => {
    const [first, second] = await Promise.all([make(), make()]);
    assert.equal(first, second);
    assert.equal(await make(), first);
    assert.ok(existsSync(path.join(first, 'bin/python')));
  });

  it('is made in a place of its own, where an installer that outlived its runner is ended and does no harm', async () => {
    const before = await make();
    const home = path.dirname(before);
    rmSync(path.join(home, 'ready'));
    const orphan = spawn('sleep', ['300']);
    const ended = once(orphan, 'exit');
    mkdirSync(path.join(home, 'half'));
    writeFileSync(path.join(home, 'half.installer'), JSON.stringify(processIdentity(orphan.pid!)));
    const made = await make();
    await ended;
    assert.notEqual(made, before);
    assert.ok(existsSync(path.join(made, 'bin/python')));
    assert.deepEqual(
      readdirSync(home).filter((name) => !name.startsWith(path.basename(made))),
      ['ready'],
    );
  });

  it('keeps the bytecode of its packages, whatever the machine is set to', async () => {
    const { variables } = await prepare(none, { PYTHONDONTWRITEBYTECODE: '1', OTHER: 'kept' });
    assert.equal(variables.PYTHONDONTWRITEBYTECODE, undefined);
    assert.equal(variables.OTHER, 'kept');
  });

  it('has pip, setuptools and wheel, in the versions that it asks for', async () => {
    const job = await prepare({ python: '3.11', packages: ['setuptools==65.5.1.*'] });
    const said = await run(
      job,
      `pip --version; python -m pip --version; python -c 'import pkg_resources, setuptools, wheel; print("setuptools", setuptools.__version__)'`,
    );
    assert.match(said, /^pip \d.*\(python 3\.11\)\npip \d.*\(python 3\.11\)\nsetuptools 65\.5\.1$/);
  });

  it('is not changed by what a job installs, nor is another job', async () => {
    const requirements = { python: undefined, packages: [hello('1.0')] };
    const [first, second] = [await prepare(requirements), await prepare(requirements)];
    const see = `hello; python -c 'import hello; print(hello.VERSION)'; cat "$(python -c 'import sys; print(sys.prefix)')/share/hello/note.txt"`;
    assert.equal(await run(first, see), 'hello 1.0\n1.0\n1.0');
    const installed = await run(first, 'pip install --quiet --no-index "$FOLDER/hello-2.0-py3-none-any.whl"');
    assert.equal(await run(first, see), 'hello 2.0\n2.0\n2.0', installed);
    assert.equal(await run(second, see), 'hello 1.0\n1.0\n1.0');
    assert.equal(await run(await prepare(requirements), see), 'hello 1.0\n1.0\n1.0');
  });

  it('gives several processes of a job that start Python at the same time one layer', async () => {
    const job = await prepare(none);
    const said = await run(
      job,
      `for n in 1 2 3 4 5 6; do python -c 'import os, sys; sys.stdout.write(os.path.realpath(sys.prefix) + "\\n")' & done; wait`,
    );
    assert.equal(new Set(said.split('\n')).size, 1, said);
    assert.equal(
      readdirSync(path.join(folder, 'jobs')).filter((name) => name.startsWith(path.basename(job.variables.VIRTUAL_ENV!))).length,
      2,
    );
  });

  it("takes a job's packages whichever way it asks for them", async () => {
    for (const install of ['python -m pip install', 'pip3 install --user', 'python -m pip install --user', 'PIP_USER=1 pip install']) {
      const job = await prepare(none);
      const said = await run(job, `${install} --quiet --no-index "$FOLDER/hello-1.0-py3-none-any.whl"`);
      assert.match(
        await run(job, `python -c 'import hello; print(hello.__file__)'; hello`),
        new RegExp(`^${job.variables.VIRTUAL_ENV}/.*\nhello 1.0$`),
        said,
      );
    }
  });

  it("keeps the machine's own Python out of reach, of jobs without packages too", async () => {
    const python = (await findPython(undefined, options().environment)).path;
    const away = path.join(folder, 'away');
    const mean = { PIP_TARGET: away, PIP_PREFIX: away, PIP_USER: '1', PYTHONUSERBASE: away };
    const job = await prepare(undefined, mean);
    const packages = `python3 -c 'import os, sys; print(sorted(each for each in sys.path if each.endswith("-packages") and not each.startswith(os.environ["VIRTUAL_ENV"])))'`;
    const without = { variables: options().environment, first: [] };
    assert.equal(
      await run(job, packages),
      await run({ ...without, variables: { ...without.variables, VIRTUAL_ENV: '/nowhere' } }, packages),
    );
    const said = await run(job, 'pip install --no-index "$FOLDER/hello-1.0-py3-none-any.whl"');
    assert.match(await run(job, `python3 -c 'import hello; print(hello.__file__)'`), new RegExp(`^${job.variables.VIRTUAL_ENV}/`), said);
    assert.match(
      await run(job, `${python} -m pip install --no-index "$FOLDER/hello-1.0-py3-none-any.whl"`),
      /Could not find an activated virtualenv \(required\)/,
    );
    assert.match(await run(without, "python3 -c 'import hello'"), /No module named/);
    assert.ok(!existsSync(away));
  });

  it('makes way for the PATH where the machine has no Python of use', async () => {
    const programs = path.join(folder, 'old');
    mkdirSync(programs, { recursive: true });
    for (const tool of ['rm', 'cp', 'ln', 'cat']) symlinkSync(`/bin/${tool}`, path.join(programs, tool));
    const job = await prepare(undefined, { PATH: programs });
    const command = { variables: { ...job.variables, PATH: `${programs}:/bin/../bin` }, first: job.first };
    const only = async (text: string) =>
      (
        await runTool('/bin/bash', ['-c', text], { environment: { ...command.variables, PATH: [...job.first, programs].join(':') } })
      ).output.trim();
    assert.match(await only('python 2>&1'), /python: not found/);
    writeFileSync(path.join(programs, 'python'), '#!/bin/sh\necho "Python 2: $@"\n', { mode: 0o755 });
    assert.equal(await only('python --version'), 'Python 2: --version');
  });

  it('takes options of pip, constraints and editable packages of the plane', async () => {
    writeFileSync(path.join(folder, 'limits.txt'), 'six==1.15.0\n');
    mkdirSync(path.join(folder, 'wheels'), { recursive: true });
    const at = (name: string) => `azureml://datastores/workspaceblobstore/paths/LocalUpload/abc/${name}`;
    const job = await prepare({
      python: undefined,
      packages: [
        `-c ${at('limits.txt')}`,
        `--find-links ${at('wheels')}`,
        '--extra-index-url https://pypi.org/simple',
        'six',
        `-e ${hello('1.0')}`,
      ],
    });
    assert.match(
      await run(job, `python -c 'import six, hello; print(six.__version__, hello.__file__)'`),
      /^1\.15\.0 .*updraft-files.*hello-1\.0\/hello/,
    );
  });

  it('takes options of pip that uv knows on its command line alone', async () => {
    mkdirSync(path.join(folder, 'versions'), { recursive: true });
    for (const version of ['2.0', '3.0rc1']) cpSync(path.join(folder, wheel(version)), path.join(folder, 'versions', wheel(version)));
    const packages = ['--find-links azureml://datastores/a/paths/versions', '--no-index', '--trusted-host example.org', 'hello'];
    const say = 'pip show hello | grep ^Version';
    assert.equal(await run(await prepare({ python: undefined, packages }), say), 'Version: 2.0');
    assert.equal(await run(await prepare({ python: undefined, packages: ['--pre', ...packages] }), say), 'Version: 3.0rc1');
  });

  it('is made by venv and pip where uv can not be had', async () => {
    const bare = (process.env.PATH ?? '').split(':').filter((each) => !existsSync(path.join(each, 'uv')));
    const lines: string[] = [];
    const job = await prepareEnvironment(
      { requirements: { python: undefined, packages: ['hello<2'] }, variables: {}, notes: [] },
      path.join(folder, 'jobs/bare'),
      {
        ...options({ PATH: bare.join(':'), PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder }),
        folder: path.join(folder, 'bare'),
        onLine: (line) => lines.push(line),
      },
    );
    assert.ok(
      lines.some((line) => /with venv and pip/.test(line)),
      lines.join('\n'),
    );
    assert.equal(await run(job, 'hello; pip --version | cut -c1-4'), 'hello 1.0\npip');
  });

  for (const version of ['3.7', '3.8'])
    it(`is made for Python ${version} where there is one`, async function () {
      const here = await findPython(version, options().environment).catch(() => undefined);
      if (!here) this.skip();
      const job = await prepare({ python: `${version}.1`, packages: ['six'] });
      assert.match(
        await run(job, `python -c 'import six, sys; print("%d.%d" % sys.version_info[:2])'; pip --version`),
        new RegExp(`^${version}\npip .*`),
      );
    });
});
