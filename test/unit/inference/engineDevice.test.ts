import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'mocha';
import { deviceFor, type Here, libraryVariables, onProcessor } from '../../../src/inference/install/engineDevice.ts';
import lock from '../../../src/inference/install/llamaPackages.json' with { type: 'json' };
import type { Gpu } from '../../../src/machine/gpus.ts';

const known = Object.keys(lock.natives);
const nvidia: Gpu = { name: 'NVIDIA RTX', maker: 'nvidia', memoryBytes: 8e9, freeBytes: 7e9, driver: '580.65.06' };
const amd: Gpu = { name: 'AMD Radeon', maker: 'amd', memoryBytes: 8e9, freeBytes: 7e9 };
const cuda = (...versions: (12 | 13)[]) => versions.map((version) => ({ version, folders: [`/cuda-${version}`] }));
const here = (gpus: Gpu[], libraries: Partial<Here['libraries']> = {}): Here => ({
  platform: 'linux',
  arch: 'x64',
  gpus,
  libraries: { cuda: [], vulkan: false, ...libraries },
});

describe('what language models are computed on', () => {
  it('is the processor where there is no GPU, and nothing for a GPU is got', () => {
    assert.deepEqual(deviceFor('auto', here([], { cuda: cuda(13), vulkan: true }), known), onProcessor(known, 'linux', 'x64'));
    assert.deepEqual(onProcessor(known, 'win32', 'x64').natives, ['win-x64']);
  });
  it("is NVIDIA's GPU where CUDA's libraries are there, in the version that its driver can run", () => {
    assert.deepEqual(deviceFor('auto', here([nvidia], { cuda: cuda(13, 12), vulkan: true }), known), {
      device: 'cuda',
      natives: ['linux-x64', 'linux-x64-cuda'],
      libraries: ['/cuda-13'],
    });
    const older = { ...nvidia, driver: '550.54' };
    assert.deepEqual(deviceFor('auto', here([older], { cuda: cuda(13, 12) }), known), {
      device: 'cuda',
      natives: ['linux-x64', 'linux-x64-cuda', 'linux-x64-cuda-ext'],
      libraries: ['/cuda-12'],
    });
    assert.equal(deviceFor('auto', here([{ ...nvidia, driver: '470.1' }], { cuda: cuda(13, 12) }), known).device, 'cpu');
  });
  it('is any GPU through Vulkan where that is there', () => {
    for (const gpu of [nvidia, amd])
      assert.deepEqual(deviceFor('auto', here([gpu], { vulkan: true }), known), {
        device: 'vulkan',
        natives: ['linux-x64', 'linux-x64-vulkan'],
        libraries: [],
      });
  });
  it('is the processor beside a GPU without software, and says what to install', () => {
    const { device, natives, advice } = deviceFor('auto', here([nvidia]), known);
    assert.deepEqual([device, natives], ['cpu', ['linux-x64']]);
    assert.match(advice!, /^NVIDIA RTX is not used\. Install Vulkan's loader: .*libvulkan1.* Or: Install the runtime of CUDA 13/);
    assert.doesNotMatch(deviceFor('auto', here([amd]), known).advice!, /CUDA/);
  });
  it("is the GPU of Apple's processors", () => {
    const mac = { ...here([]), platform: 'darwin' as const, arch: 'arm64' };
    assert.deepEqual(deviceFor('auto', mac, known), { device: 'metal', natives: ['mac-arm64-metal'], libraries: [] });
    assert.equal(deviceFor('cpu', mac, known).device, 'cpu');
    assert.equal(deviceFor('auto', { ...mac, arch: 'x64' }, known).device, 'cpu');
  });
  it('is what the user has set, or an error that says what is missing', () => {
    assert.equal(deviceFor('cpu', here([nvidia], { cuda: cuda(13) }), known).device, 'cpu');
    assert.equal(deviceFor('vulkan', here([], { vulkan: true }), known).device, 'vulkan');
    assert.throws(() => deviceFor('vulkan', here([]), known), /Vulkan's loader is not there/);
    assert.throws(() => deviceFor('cuda', here([amd]), known), /nvidia-smi tells of no GPU/);
    assert.throws(() => deviceFor('cuda', here([nvidia]), known), /cudart and cuBLAS/);
    assert.throws(() => deviceFor('metal', here([]), known), /Apple/);
    assert.throws(() => deviceFor('cuda', { ...here([nvidia]), arch: 'arm64' }, known), /no build for linux-arm64/);
  });
  it('is refused by name on a machine that the engine has no build for', () => {
    assert.throws(() => deviceFor('auto', { ...here([]), platform: 'freebsd' }, known), /no build for freebsd-x64/);
  });
});

describe('the process of an engine', () => {
  it('finds the libraries of the GPU before others', () => {
    assert.deepEqual(libraryVariables({ LD_LIBRARY_PATH: '/mine' }, ['/cuda'], 'linux'), {
      LD_LIBRARY_PATH: `/cuda${path.delimiter}/mine`,
    });
    assert.deepEqual(libraryVariables({}, ['/cuda'], 'linux'), { LD_LIBRARY_PATH: '/cuda' });
    assert.deepEqual(libraryVariables({ Path: 'C' }, ['D'], 'win32'), { Path: `D${path.delimiter}C` });
    assert.deepEqual(libraryVariables({ A: '1' }, [], 'linux'), {});
  });
});
