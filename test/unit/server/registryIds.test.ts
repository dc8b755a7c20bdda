import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withRegistryIds, workspaceIdIn } from '../../../src/server/registries/registryIds.ts';

const id = 'azureml://registries/lab/components/c/labels/latest';
const versioned = 'azureml://registries/lab/components/c/versions/2';
const replace = <T>(value: T) => withRegistryIds(value, async () => versioned);

describe('ids of registries in what is submitted', () => {
  it('are found wherever a job names something, whatever the names around it', async () => {
    const jobs = {
      command: { type: 'command', componentId: id },
      properties: { inputs: { tags: { job_input_type: 'uri_file', uri: id } } },
    };
    assert.deepEqual(await replace({ jobs }), {
      jobs: {
        command: { type: 'command', componentId: versioned },
        properties: { inputs: { tags: { job_input_type: 'uri_file', uri: versioned } } },
      },
    });
    assert.deepEqual(await replace({ trial: { environmentId: id }, list: [id] }), {
      trial: { environmentId: versioned },
      list: [versioned],
    });
  });

  it('are left alone in texts', async () => {
    const job = {
      command: id,
      description: id,
      tags: { a: id },
      inputs: { note: { jobInputType: 'literal', value: id } },
      other: `see ${id}`,
    };
    assert.equal(await replace(job), job);
  });

  it('of a workspace are found in a component', () => {
    const ws =
      'azureml:/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/environments/e/versions/1';
    assert.equal(workspaceIdIn({ jobs: { description: { environment: ws } } }), ws);
    assert.equal(workspaceIdIn({ environment: id, description: ws }), undefined);
  });
});
