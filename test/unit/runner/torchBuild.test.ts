import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { prefersProcessorTorch, processorTorch } from '../../../src/runner/environments/torchBuild.ts';

describe('the build of torch', () => {
  const without = { platform: 'linux', exists: () => false, environment: {} };

  it('is that for processors where Linux has no NVIDIA GPU', () => {
    assert.ok(prefersProcessorTorch({ ...without, packages: ['numpy', 'torch==2.15.0'] }));
    assert.ok(prefersProcessorTorch({ ...without, packages: ['torchvision'] }));
    assert.ok(!prefersProcessorTorch({ ...without, packages: ['numpy', 'torchmetrics'] }));
    assert.ok(!prefersProcessorTorch({ ...without, packages: ['torch'], exists: (file) => file === '/dev/nvidiactl' }));
  });

  it("is PyPI's on systems where that has no NVIDIA libraries, and where somebody has said where packages come from", () => {
    for (const platform of ['darwin', 'win32']) assert.ok(!prefersProcessorTorch({ ...without, platform, packages: ['torch'] }));
    assert.ok(!prefersProcessorTorch({ ...without, packages: ['--extra-index-url https://download.pytorch.org/whl/cu130', 'torch'] }));
    for (const name of ['UV_TORCH_BACKEND', 'UV_OVERRIDE'])
      assert.ok(!prefersProcessorTorch({ ...without, packages: ['torch'], environment: { [name]: 'x' } }));
  });

  it("is PyPI's where the place of the other can't be reached, and that is said", async () => {
    const said: string[] = [];
    const told = (line: string) => said.push(line);
    assert.deepEqual(await processorTorch(told, async () => new Response()), { UV_TORCH_BACKEND: 'cpu' });
    assert.deepEqual(await processorTorch(told, async () => new Response('', { status: 403 })), {});
    assert.deepEqual(
      await processorTorch(told, async () => {
        throw new TypeError('fetch failed');
      }),
      {},
    );
    assert.match(said[0]!, /build for processors is taken/);
    for (const line of said.slice(1)) assert.match(line, /can't be reached at https:\/\/download\.pytorch\.org\/whl\/cpu\//);
  });
});
