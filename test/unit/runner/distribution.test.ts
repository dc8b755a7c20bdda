import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { distributionOf } from '../../../src/runner/distribution.ts';

describe('the distribution of a job', () => {
  let port = 7000;
  const freePort = async () => port++;
  const of = (distribution?: unknown, resources?: unknown) => distributionOf({ distribution, resources }, freePort);

  it('sets nothing for a job that asks for none', async () => {
    assert.deepEqual(await of(undefined, { properties: {}, instanceCount: 1, shmSize: '2g' }), {
      spread: undefined,
      variables: {},
      notes: [],
    });
  });

  it('gives each process of pytorch its rank', async () => {
    const { spread, variables, notes } = await of({ distributionType: 'PyTorch', processCountPerInstance: 2 });
    assert.deepEqual(notes, ['distribution: pytorch starts 2 processes on this machine.']);
    assert.deepEqual(
      spread!.processes.map(({ RANK, LOCAL_RANK, WORLD_SIZE }) => [RANK, LOCAL_RANK, WORLD_SIZE]),
      [
        ['0', '0', '2'],
        ['1', '1', '2'],
      ],
    );
    assert.equal(variables.NODE_RANK, '0');
    assert.match(variables.MASTER_PORT!, /^7\d\d\d$/);
  });

  it('is one process without a count, also in the words of a pipeline', async () => {
    for (const distribution of [
      { distributionType: 'PyTorch' },
      { distribution_type: 'PyTorch' },
      { type: 'mpi', process_count_per_instance: 0 },
    ])
      assert.equal((await of(distribution)).spread!.processes.length, 1);
    const [pytorch] = (await of({ distributionType: 'PyTorch' })).spread!.processes;
    assert.deepEqual([pytorch!.RANK, pytorch!.LOCAL_RANK, pytorch!.WORLD_SIZE], ['0', '0', '1']);
    const [mpi] = (await of({ type: 'mpi' })).spread!.processes;
    assert.deepEqual([mpi!.OMPI_COMM_WORLD_RANK, mpi!.OMPI_COMM_WORLD_LOCAL_RANK, mpi!.OMPI_COMM_WORLD_SIZE], ['0', '0', '1']);
  });

  it('waits for the workers of tensorflow, not for its servers, and gives each an address of its own', async () => {
    const { spread, notes } = await of({ distributionType: 'TensorFlow', workerCount: 2, parameterServerCount: 1 });
    assert.deepEqual(notes, ['distribution: tensorflow starts 2 workers and 1 parameter server on this machine.']);
    assert.equal(spread!.awaited, 2);
    const tasks = spread!.processes.map(({ TF_CONFIG }) => JSON.parse(TF_CONFIG!));
    assert.deepEqual(
      tasks.map(({ task }) => task),
      [
        { type: 'worker', index: 0 },
        { type: 'worker', index: 1 },
        { type: 'ps', index: 0 },
      ],
    );
    assert.equal(new Set([...tasks[0].cluster.worker, ...tasks[0].cluster.ps]).size, 3);
  });

  it('says what one machine can not give, once', async () => {
    const { notes } = await of({ distributionType: 'Ray' }, { instance_count: 4, docker_args: '--ipc=host', locations: ['westeurope'] });
    assert.deepEqual(notes, [
      'resources.instance_count is 4, but there is one machine here: the job runs on it alone, as its only node.',
      'Not used here, since the command gets what this machine has and runs in no container: resources.docker_args (--ipc=host), resources.locations (westeurope).',
      'distribution: ray is not used here: the command runs as one process.',
    ]);
  });

  it('refuses a count that no machine can have', async () => {
    await assert.rejects(of({ distributionType: 'PyTorch', processCountPerInstance: 1e6 }), {
      code: 'InvalidValue',
      message: /process_count_per_instance/,
    });
    await assert.rejects(of({ distributionType: 'PyTorch', processCountPerInstance: 'many' }), { code: 'InvalidValue' });
  });
});
