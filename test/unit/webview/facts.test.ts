import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Job, jobProperty } from '../../../src/protocol/job.ts';
import { commitPage, computeOf } from '../../../webview/job/overview/facts.ts';

const job = (properties: object) => ({ name: 'job', properties: { startedAt: '2026-01-01T00:00:00Z', ...properties } }) as unknown as Job;
const command = (more: object) => job({ jobType: 'Command', command: 'true', ...more });
const elsewhere = { properties: { [jobProperty.ranOn]: 'this-machine' } };

describe('facts of a job', () => {
  it('call a compute the same in a command, a step and a pipeline', () => {
    const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/computes/cpu-cluster';
    const step = command({ computeId: id, ...elsewhere });
    const said = 'cpu-cluster (ran on this-machine)';
    assert.equal(computeOf(step, []), said);
    assert.equal(computeOf(job({ jobType: 'Pipeline', jobs: {}, settings: { default_compute: 'azureml:cpu-cluster' } }), [step]), said);
    assert.equal(computeOf(job({ jobType: 'Pipeline', jobs: {}, computeId: id }), []), 'cpu-cluster');
    const unasked = command({ computeId: id.replace('cpu-cluster', 'this-machine') });
    assert.equal(computeOf(unasked, []), 'this-machine');
    assert.equal(computeOf(job({ jobType: 'Pipeline', jobs: {} }), [unasked]), 'this-machine');
  });

  it('lead to a commit where its repository is on the web', () => {
    const of = (repository: string) =>
      commitPage({ [jobProperty.gitCommit]: 'abcdef1', [jobProperty.gitRepository]: repository }) as { url: string } | undefined;
    for (const repository of [
      'git@example.com:a/b.git',
      'https://me:secret@example.com/a/b',
      'ssh://git@example.com:2222/a/b.git',
      'example.com:a/b',
    ])
      assert.deepEqual(of(repository), { url: 'https://example.com/a/b/commit/abcdef1' }, repository);
    for (const repository of ['/srv/git/b.git', '', 'file:///srv/b', '../b']) assert.equal(of(repository), undefined, repository);
  });
});
