import { execFile } from 'node:child_process';
import { cpus, platform, totalmem } from 'node:os';

export interface Gpu {
  name: string;
  memoryBytes: number;
}

/** `properties.properties` of the compute `this-machine`: cores, memory in bytes, GPUs. */
export function describeMachine(gpus: Gpu[]): Record<string, unknown> {
  return { cores: cpus().length, memoryBytes: totalmem(), platform: platform(), gpus };
}

/** NVIDIA's GPUs as its own tool lists them, which takes it up to seconds; none when it is not there. */
export function gpusHere(): Promise<Gpu[]> {
  return new Promise((resolve) => {
    execFile('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'], { timeout: 10_000 }, (error, text) => {
      if (error) return resolve([]);
      const lines = text.trim().split('\n').filter(Boolean);
      resolve(
        lines.map((line) => {
          const [name = '', mebibytes = '0'] = line.split(', ');
          return { name, memoryBytes: Number(mebibytes) * 1024 * 1024 };
        }),
      );
    });
  });
}
