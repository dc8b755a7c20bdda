import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { packageOf, pipLine, requirementLines } from '../../../src/spec/pipLine.ts';

describe('a line for pip', () => {
  it('stays as it is when it names nothing of this machine', () => {
    for (const line of [
      'numpy==1.2',
      'torch[cuda]>=2 ; python_version < "3.9"',
      '--extra-index-url https://example.org/simple',
      '-f https://example.org/wheels.html',
      '-r https://example.org/requirements.txt',
      '-e git+https://example.org/a.git#egg=a&subdirectory=x',
      'b @ git+https://example.org/b.git@v1',
      'c @ https://example.org/c-1.0.tar.gz',
      'https://example.org/c-1.0-py3-none-any.whl',
      '--pre',
      '--no-binary :all:',
    ])
      assert.deepEqual(pipLine(line), { kind: 'plain' }, line);
  });

  it('leads to another file of lines', () => {
    for (const line of ['-r more.txt', '-rmore.txt', '--requirement more.txt', '--requirement=more.txt', '-r "more.txt"'])
      assert.deepEqual(pipLine(line), { kind: 'lines', path: 'more.txt' }, line);
  });

  it('names something of this machine', () => {
    const local = (before: string, path: string, after = '') => ({ kind: 'local', before, path, after });
    assert.deepEqual(pipLine('-c constraints.txt'), local('-c ', 'constraints.txt'));
    assert.deepEqual(pipLine('--find-links=./wheels'), local('--find-links ', './wheels'));
    assert.deepEqual(pipLine('-e .'), local('-e ', '.'));
    assert.deepEqual(pipLine('-e src/package[extra]'), local('-e ', 'src/package', '[extra]'));
    assert.deepEqual(pipLine('./package'), local('', './package'));
    assert.deepEqual(pipLine('dist/a-1.0-py3-none-any.whl'), local('', 'dist/a-1.0-py3-none-any.whl'));
    assert.deepEqual(pipLine('a @ file:///opt/a'), local('a @ ', 'file:///opt/a'));
  });

  it('is what is left of a file without comments', () => {
    assert.deepEqual(requirementLines('# all\nnumpy  # fast\n\nscipy \\\n  >=1\n-e git+https://x/y#egg=z\n'), [
      'numpy',
      'scipy    >=1',
      '-e git+https://x/y#egg=z',
    ]);
  });

  it('asks for a package by name', () => {
    assert.equal(packageOf('Set_up.Tools[x]==1'), 'set-up-tools');
    assert.equal(packageOf('--pre'), undefined);
    assert.equal(packageOf('https://example.org/a.whl'), undefined);
    assert.equal(packageOf('./a'), undefined);
  });
});
