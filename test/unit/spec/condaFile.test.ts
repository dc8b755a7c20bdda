import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseCondaFile } from '../../../src/spec/condaFile.ts';

describe('a conda file', () => {
  const of = (...dependencies: unknown[]) => parseCondaFile(JSON.stringify({ dependencies }));

  it('gives its packages in the words of pip', () => {
    assert.deepEqual(
      of('python=3.11', 'numpy=1.2', 'scipy==1.9.0', 'conda-forge::pytorch>=2,<3', 'pandas 1.5', 'tqdm=4.*', 'cudatoolkit=11.3', 'pip', {
        pip: ['mlflow==2.9.2'],
      }),
      {
        python: '3.11',
        translated: ['numpy==1.2.*', 'scipy==1.9.0', 'torch>=2,<3', 'pandas==1.5.*', 'tqdm==4.*'],
        pip: ['mlflow==2.9.2'],
      },
    );
  });

  it('keeps a version of pip, setuptools and wheel; without one they come by themselves', () => {
    assert.deepEqual(of('pip=21.3.1', 'setuptools=65.5.1', 'wheel').translated, ['pip==21.3.1.*', 'setuptools==65.5.1.*']);
    assert.deepEqual(of('pip', 'setuptools', 'wheel').translated, []);
  });

  it('asks for a version of Python as it says, ranges too', () => {
    const python = (entry: string) => of(entry).python;
    assert.equal(python('python'), undefined);
    assert.equal(python('python=3.8.12'), '3.8.12');
    assert.equal(python('python==3.9'), '3.9');
    assert.equal(python('python 3.10.*'), '3.10.*');
    assert.equal(python('python>=3.8,<3.12'), '>=3.8,<3.12');
    assert.throws(() => of('python=latest'), { code: 'EnvironmentFailed', message: /"python=latest"/ });
  });

  it('keeps the options of pip', () => {
    const pip = [
      '--extra-index-url https://example.org/simple',
      '-e git+https://example.org/a.git#egg=a',
      'b @ git+https://example.org/b.git@v1',
    ];
    assert.deepEqual(of({ pip }).pip, pip);
    assert.deepEqual(of({ pip: '-r requirements.txt' }).pip, ['-r requirements.txt']);
  });
});
