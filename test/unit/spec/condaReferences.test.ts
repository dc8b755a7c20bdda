import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseCondaFile } from '../../../src/spec/condaFile.ts';
import { refuseStrayPaths, withReferences } from '../../../src/spec/condaReferences.ts';

describe('what a conda file names beside it', () => {
  const files: Record<string, string> = {
    '/work/requirements/base.txt': 'numpy\n-r more.txt\n./package\n',
    '/work/requirements/more.txt': 'scipy # fast\n',
    '/work/limits.txt': '',
    '/work/two words/setup.py': '',
    '/work/package/setup.py': '',
    '/work/circle.txt': '-r circle.txt\n',
  };
  const source = {
    readText: (path: string) => files[path],
    kind: (path: string) =>
      files[path] !== undefined
        ? ('file' as const)
        : Object.keys(files).some((each) => each.startsWith(`${path}/`))
          ? ('folder' as const)
          : undefined,
  };
  const of = (text: string) => withReferences(text, '/work/conda.yml', source, async (local) => `azureml://put${local}`);
  const conda = (...lines: string[]) =>
    `# ours\ndependencies:\n  - python=3.10 # old\n  - pip:\n${lines.map((line) => `      - ${line}\n`).join('')}`;

  it('comes along: lines of other files in place of their names, addresses in place of paths', async () => {
    const text = await of(conda('-r requirements/base.txt', 'pandas # frames', '-c limits.txt', '-e ./package[extra]', './two words'));
    assert.deepEqual(parseCondaFile(text).pip, [
      'numpy',
      'scipy',
      'azureml://put/work/package',
      'pandas',
      '-c azureml://put/work/limits.txt',
      '-e azureml://put/work/package[extra]',
      'azureml://put/work/two%20words',
    ]);
    assert.match(text, /^# ours\n[\s\S]*python=3\.10 # old/);
    refuseStrayPaths(parseCondaFile(text).pip);
  });

  it('leaves a file alone that stands for itself', async () => {
    for (const text of [
      conda('numpy', '--extra-index-url https://example.org/simple'),
      'dependencies: [pip]\n',
      '- no\n- conda\n',
      'a: [b',
    ])
      assert.equal(await of(text), text);
  });

  it('is missed by name', async () => {
    await assert.rejects(of(conda('-r none.txt')), { code: 'MissingFile', message: /"-r none\.txt".*\/work\/none\.txt/ });
    await assert.rejects(of(conda('-e ./none')), { code: 'MissingFile', message: /\/work\/none/ });
    await assert.rejects(of(conda('-r circle.txt')), { code: 'EnvironmentFailed', message: /circle/ });
  });

  it('is refused where it did not come along', () => {
    assert.throws(() => refuseStrayPaths(['numpy', '-r requirements.txt']), {
      code: 'EnvironmentFailed',
      message: /"-r requirements\.txt"/,
    });
  });
});
