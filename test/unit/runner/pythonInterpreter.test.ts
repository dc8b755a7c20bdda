import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { findPython } from '../../../src/runner/environments/pythonInterpreter.ts';
import { bringByUv, ownPythons } from '../../../src/runner/environments/uv.ts';

describe('an interpreter', () => {
  let folder: string;
  let tools: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-python-'));
    tools = path.join(folder, 'programs');
    mkdirSync(tools);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

  const program = (name: string, script: string) => {
    mkdirSync(path.dirname(path.join(tools, name)), { recursive: true });
    writeFileSync(path.join(tools, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };
  /** A program that answers as a Python of that version. */
  const python = (name: string, version: string) => program(name, `echo "${path.join(tools, name)}"; echo ${version}`);
  const options = () => ({
    folder,
    environment: { PATH: `${tools}:/bin:/usr/bin`, HOME: folder, PYENV_ROOT: path.join(folder, 'programs') },
    signal: new AbortController().signal,
    onLine: () => {},
    onProgress: () => {},
    fetchFiles: async () => {},
  });
  const find = (wanted: string | undefined) =>
    findPython(wanted, { ...options().environment, PATH: tools }, undefined, { own: ownPythons(folder), bring: bringByUv(options()) });
  const found = async (wanted: string | undefined) => path.relative(tools, (await find(wanted)).path);

  it('of this machine comes first: by name, of pyenv, and of a range the usual one', async () => {
    python('python3', '3.10.4');
    python('python3.11', '3.11.7');
    python('versions/3.8.18/bin/python3', '3.8.18');
    program('uv', 'exit 1');
    assert.equal(await found(undefined), 'python3');
    assert.equal(await found('3.11'), 'python3.11');
    assert.equal(await found('3.8.12'), 'versions/3.8.18/bin/python3');
    assert.equal(await found('>=3.8,<3.12'), 'python3');
    assert.equal(await found('>3.10.9'), 'python3.11');
  });

  it('that is not here is brought by uv, into a folder of its own', async () => {
    python('python3', '3.10.4');
    program(
      'uv',
      `echo "$@ $UV_PYTHON_INSTALL_DIR" >> ${tools}/asked
case "$2" in find) echo ${tools}/brought;; esac`,
    );
    python('brought', '3.9.25');
    assert.equal(await found('3.9'), 'brought');
    assert.deepEqual(readFileSync(path.join(tools, 'asked'), 'utf8').trim().split(/ *\n/), [
      '--version',
      `python install ==3.9.* ${folder}/tools/python`,
      `python find --no-project --managed-python ==3.9.* ${folder}/tools/python`,
    ]);
  });

  it('that uv can not bring is named, with what there is and how to get it', async () => {
    python('python3', '3.10.4');
    program(
      'uv',
      `[ "$1" = --version ] && exit\necho 'error: Failed to install cpython-3.8.20' >&2; echo '  cause: dns error' >&2; exit 1`,
    );
    await assert.rejects(find('3.8'), {
      code: 'PythonNotFound',
      message: `The environment asks for Python 3.8, which is not on this machine. Found: 3.10.4 (${tools}/python3).\nuv could not bring it: Failed to install cpython-3.8.20: dns error`,
      hint: 'Install Python 3.8 so that "python3.8" is on the PATH, or with pyenv; or let this machine reach github.com, from where uv gets it, or a mirror of it (UV_PYTHON_INSTALL_MIRROR); or change the version in the conda file.',
    });
  });

  it('that is too old is refused by the limit', async () => {
    await assert.rejects(find('3.6'), { code: 'PythonNotFound', message: /Python 3\.6, but environments are made from Python 3\.7 on/ });
    await assert.rejects(find('latest'), { code: 'EnvironmentFailed', message: /"latest" is no version of Python/ });
  });
});
