import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { pythonWish } from '../../../src/spec/pythonVersion.ts';

describe('a version of Python', () => {
  const accepted = (text: string, ...versions: string[]) => versions.filter((version) => pythonWish(text)!.accepts(version));
  const some = ['3.6.15', '3.7.16', '3.8.18', '3.9.18', '3.10.13', '3.11.7', '3.12.1'];

  it('is a minor version, whatever its patch release', () => {
    assert.deepEqual(accepted('3.8', ...some), ['3.8.18']);
    assert.deepEqual(accepted('=3.8.12', ...some), ['3.8.18']);
    assert.deepEqual(accepted('3.1', ...some), []);
    assert.deepEqual(accepted('3', ...some), some);
    assert.deepEqual(accepted('3.8.*|3.9.*', ...some), ['3.8.18', '3.9.18']);
    assert.deepEqual(accepted('3.9.* *_cpython', ...some), ['3.9.18']);
  });

  it('is a range', () => {
    assert.deepEqual(accepted('>=3.8,<3.12', ...some), ['3.8.18', '3.9.18', '3.10.13', '3.11.7']);
    assert.deepEqual(accepted('<=3.8', ...some), ['3.6.15', '3.7.16', '3.8.18']);
    assert.deepEqual(accepted('>3.10', ...some), ['3.10.13', '3.11.7', '3.12.1']);
    assert.deepEqual(accepted('~=3.11', ...some), ['3.11.7', '3.12.1']);
    assert.deepEqual(accepted('~=3.10.4', ...some), ['3.10.13']);
    assert.deepEqual(accepted('>=3.10,!=3.11.*', ...some), ['3.10.13', '3.12.1']);
  });

  it('says which minor versions will do, and what uv is asked for', () => {
    assert.deepEqual(pythonWish('>=3.8,<3.12')!.minors, [11, 10, 9, 8]);
    assert.equal(pythonWish('>=3.8,<3.12')!.forUv, '>=3.8,<3.12');
    assert.equal(pythonWish('3.8.12')!.forUv, '==3.8.*');
    assert.deepEqual(pythonWish('2.7')!.minors, []);
    assert.equal(pythonWish('latest'), undefined);
  });
});
