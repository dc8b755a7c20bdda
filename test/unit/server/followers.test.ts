import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Followers } from '../../../src/server/routes/dataplane/followers.ts';

const ended = (endedAt: number) => ({ name: 'job', status: 'Completed', endedAt }) as const;
const running = { name: 'job', status: 'Running', endedAt: null } as const;

describe('followers of a run', () => {
  it('are told of an end that they have not seen coming at their second question', () => {
    const followers = new Followers();
    assert.equal(followers.told(ended(1000), 'ann', 1500), 'Finalizing');
    assert.equal(followers.told(ended(1000), 'bob', 1600), 'Finalizing', 'each client by itself');
    assert.equal(followers.told(ended(1000), 'ann', 3500), 'Completed');
    assert.equal(followers.told(ended(1000), 'bob', 3600), 'Completed');
    assert.equal(followers.told(ended(1000), 'ann', 5000), 'Finalizing', 'who follows once more');
  });

  it('are told at once when they followed before the end, or come long after it', () => {
    const followers = new Followers();
    assert.equal(followers.told(running, 'ann', 1000), 'Running');
    assert.equal(followers.told(running, 'ann', 3000), 'Running');
    assert.equal(followers.told(ended(4000), 'ann', 5000), 'Completed');
    assert.equal(followers.told(ended(4000), 'bob', 64_001), 'Completed');
  });

  it('are forgotten when they do not ask again', () => {
    const followers = new Followers();
    followers.told(running, 'ann', 1000);
    assert.equal(followers.told(ended(200_000), 'ann', 200_500), 'Finalizing');
  });
});
