import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isOnDemand, planeEnvironment, withoutOwnVariables } from '../../../src/plane/ownVariables.ts';

describe('variables of a plane alone', () => {
  it('are gone again for what the plane starts; a person’s own stand for both', () => {
    const given = { PATH: '/bin', MALLOC_ARENA_MAX: '4' };
    const plane = planeEnvironment(given);
    assert.equal(plane.MALLOC_ARENA_MAX, '4');
    assert.equal(plane.MALLOC_TRIM_THRESHOLD_, '131072');
    assert.deepEqual(withoutOwnVariables(plane), given);
    assert.deepEqual([isOnDemand(plane), isOnDemand(given), isOnDemand(withoutOwnVariables(plane))], [true, false, false]);
  });

  it('are without the mark of a job whose command starts the plane', () => {
    assert.equal(planeEnvironment({ UPDRAFT_TASK: '/jobs/a' }).UPDRAFT_TASK, undefined);
  });

  it('are found once however often a plane starts from another’s environment', () => {
    assert.deepEqual(withoutOwnVariables(planeEnvironment(withoutOwnVariables(planeEnvironment({})))), {});
  });
});
