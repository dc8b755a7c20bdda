import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { gpuLibraries } from '../../../src/machine/gpuLibraries.ts';
import { gpusHere } from '../../../src/machine/gpus.ts';

const mebibyte = 1024 * 1024;
const absent = () => Promise.reject(new Error('spawn nvidia-smi ENOENT'));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'updraft-gpus-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text = ''): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

describe('the GPUs of this machine', () => {
  it("are NVIDIA's as its program lists them", async () => {
    const printed = 'NVIDIA H100 80GB HBM3, 81559, 81000, 580.159.04\nNVIDIA T4, 15360, [N/A], 580.159.04\n';
    assert.deepEqual(await gpusHere(async () => printed, folder), [
      { name: 'NVIDIA H100 80GB HBM3', maker: 'nvidia', memoryBytes: 81559 * mebibyte, freeBytes: 81000 * mebibyte, driver: '580.159.04' },
      { name: 'NVIDIA T4', maker: 'nvidia', memoryBytes: 15360 * mebibyte, freeBytes: 15360 * mebibyte, driver: '580.159.04' },
    ]);
  });
  it("are AMD's with memory of their own, as Linux tells of them", async () => {
    const card = (at: number, facts: Record<string, string>) => {
      for (const [name, text] of Object.entries(facts)) file(`card${at}/device/${name}`, `${text}\n`);
    };
    card(0, { vendor: '0x8086' });
    card(1, { vendor: '0x1002', mem_info_vram_total: String(16e9), mem_info_vram_used: String(1e9), product_name: 'Radeon RX' });
    card(2, { vendor: '0x1002', mem_info_vram_total: String(512 * mebibyte), mem_info_vram_used: '0' });
    file('card1-DP-1/status', 'connected');
    assert.deepEqual(await gpusHere(absent, folder), [{ name: 'Radeon RX', maker: 'amd', memoryBytes: 16e9, freeBytes: 15e9 }]);
  });
  it('are none where nothing tells of any, or a program says what is no list', async () => {
    assert.deepEqual(await gpusHere(absent, path.join(folder, 'no')), []);
    assert.deepEqual(await gpusHere(async () => 'No devices were found\n', folder), []);
  });
});

describe('the libraries for GPUs', () => {
  const there = () => ['a', 'b'].map((each) => path.join(folder, each));
  it('are there when all parts of a CUDA are, in folders of one or several', async () => {
    for (const name of ['a/libcudart.so.13', 'b/libcublas.so.13', 'b/libcublasLt.so.13', 'a/libcudart.so.12', 'a/libvulkan.so.1'])
      file(name);
    assert.deepEqual(await gpuLibraries({}, 'linux', there()), { cuda: [{ version: 13, folders: there() }], vulkan: true });
  });
  it('of both CUDAs are told, the newest first; on Windows they are DLLs', async () => {
    for (const version of [12, 13]) for (const name of ['cudart64', 'cublas64', 'cublasLt64']) file(`a/${name}_${version}.dll`);
    const { cuda, vulkan } = await gpuLibraries({}, 'win32', there());
    assert.deepEqual([cuda.map(({ version }) => version), vulkan], [[13, 12], false]);
  });
  it('are looked for where the environment says', async () => {
    for (const name of ['libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12']) file(`x/${name}`);
    const { cuda } = await gpuLibraries({ LD_LIBRARY_PATH: path.join(folder, 'x') }, 'linux');
    assert.ok(cuda.some(({ folders }) => folders[0] === path.join(folder, 'x')));
  });
});
