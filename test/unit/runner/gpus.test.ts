import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { gpuProbe, vendors } from '../../../src/runner/system/gpus.ts';

const none = async () => {
  throw new Error('no such program');
};

describe('graphics processors', () => {
  it('are read from what nvidia-smi prints, without what a card does not tell', () => {
    const text = '0, 45, 1000, 8000, 70.5, 300.00\n1, 0, 0, 8000, [N/A], [N/A]\n';
    assert.deepEqual(vendors.nvidia.parse(text), {
      gpu_0_utilization_percentage: 45,
      gpu_0_memory_usage_megabytes: 1048.576,
      gpu_0_memory_usage_percentage: 12.5,
      gpu_0_power_usage_watts: 70.5,
      gpu_0_power_usage_percentage: 23.5,
      gpu_1_utilization_percentage: 0,
      gpu_1_memory_usage_megabytes: 0,
      gpu_1_memory_usage_percentage: 0,
    });
  });

  it('are read from rocm-smi and from ioreg', () => {
    const amd = JSON.stringify({
      card0: {
        'GPU use (%)': '12',
        'VRAM Total Memory (B)': '4000000',
        'VRAM Total Used Memory (B)': '1000000',
        'Average Graphics Package Power (W)': '33.0',
      },
      system: {},
    });
    assert.deepEqual(vendors.amd.parse(amd), {
      gpu_0_utilization_percentage: 12,
      gpu_0_memory_usage_megabytes: 1,
      gpu_0_memory_usage_percentage: 25,
      gpu_0_power_usage_watts: 33,
    });
    const apple = '  "PerformanceStatistics" = {"In use system memory"=2000000,"Device Utilization %"=7,"x"=1}';
    assert.deepEqual(vendors.apple.parse(apple), { gpu_0_utilization_percentage: 7, gpu_0_memory_usage_megabytes: 2 });
  });

  it('are looked for once, and where there are none nothing is started again', async () => {
    const started: string[] = [];
    const gpus = gpuProbe(async (program) => {
      started.push(program);
      return none();
    }, 'linux');
    assert.deepEqual([await gpus.read(), await gpus.read()], [{}, {}]);
    assert.deepEqual(started, ['nvidia-smi', 'rocm-smi']);
    const found = gpuProbe(async (program) => (program === 'nvidia-smi' ? '0, 1, 2, 3, 4, 5' : none()), 'linux');
    await found.read();
    assert.equal((await found.read()).gpu_0_utilization_percentage, 1);
  });
});
