import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A graphics processor with memory of its own. */
export interface Gpu {
  name: string;
  maker: 'nvidia' | 'amd';
  /** Bytes, in all and free now. */
  memoryBytes: number;
  freeBytes: number;
  /** Version of the driver. */
  driver?: string;
}

/** Runs a program and answers what it printed; rejects when it is not there or fails. */
export type RunProgram = (program: string, args: string[]) => Promise<string>;

const mebibyte = 1024 * 1024;
/** Milliseconds: NVIDIA's program takes up to seconds where its driver sleeps. */
const patience = 10_000;

export const runProgram: RunProgram = (program, args) =>
  new Promise((resolve, reject) => {
    execFile(program, args, { timeout: patience, windowsHide: true }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });

/** The GPUs of this machine: NVIDIA's as its own program lists them, AMD's as Linux tells of them. Those that share the machine's memory are not among them. */
export async function gpusHere(run: RunProgram = runProgram, drm = '/sys/class/drm'): Promise<Gpu[]> {
  return (await Promise.all([nvidia(run), amd(drm)])).flat();
}

async function nvidia(run: RunProgram): Promise<Gpu[]> {
  const text = await run('nvidia-smi', ['--query-gpu=name,memory.total,memory.free,driver_version', '--format=csv,noheader,nounits']).catch(
    () => '',
  );
  return text
    .split('\n')
    .map((line) => line.split(',').map((each) => each.trim()))
    .flatMap(([name, total, free, driver]): Gpu[] =>
      name && Number(total) > 0
        ? [
            {
              name,
              maker: 'nvidia',
              memoryBytes: Number(total) * mebibyte,
              // A card may not tell.
              freeBytes: Number.isFinite(Number(free)) ? Number(free) * mebibyte : Number(total) * mebibyte,
              ...(driver ? { driver } : {}),
            },
          ]
        : [],
    );
}

/** Below this a card has no memory of its own, but a window into the machine's. */
const leastAmdBytes = 2 * 1024 * mebibyte;

/** The files of the amdgpu driver: https://docs.kernel.org/gpu/amdgpu/driver-misc.html */
async function amd(drm: string): Promise<Gpu[]> {
  const cards = (await readdir(drm).catch(() => [])).filter((each) => /^card\d+$/.test(each));
  const found = await Promise.all(
    cards.map(async (card): Promise<Gpu[]> => {
      const fact = (file: string) => readFile(path.join(drm, card, 'device', file), 'utf8').then((text) => text.trim());
      if ((await fact('vendor').catch(() => '')) !== '0x1002') return [];
      const total = Number(await fact('mem_info_vram_total').catch(() => 0));
      const used = Number(await fact('mem_info_vram_used').catch(() => 0));
      if (!(total >= leastAmdBytes)) return [];
      const name = (await fact('product_name').catch(() => '')) || 'AMD GPU';
      return [{ name, maker: 'amd', memoryBytes: total, freeBytes: Math.max(total - used, 0) }];
    }),
  );
  return found.flat();
}
