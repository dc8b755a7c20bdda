import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Job, jobProperty } from '../../../src/protocol/job.ts';
import { jobFiles } from '../../../webview/job/outputs/jobFiles.ts';

describe('the files of a job', () => {
  it('say of an output that it is an empty folder', () => {
    const uri = 'azureml://datastores/workspaceblobstore/paths/azureml/j/out/';
    const outputs = { empty: { jobOutputType: 'uri_folder', uri }, full: { jobOutputType: 'uri_folder', uri } };
    const hashes = {
      [`${jobProperty.contentHash}empty`]: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      [`${jobProperty.contentHash}full`]: 'a3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    };
    const job = { name: 'j', properties: { jobType: 'Command', outputs, properties: hashes } } as unknown as Job;
    assert.deepEqual(
      jobFiles(job, [])
        .slice(0, 2)
        .map(({ name, note }) => [name, note]),
      [
        ['empty', 'uri_folder · empty'],
        ['full', 'uri_folder'],
      ],
    );
  });
});
