import { execFileSync } from 'node:child_process';
import { cpus, platform, totalmem } from 'node:os';

/** `properties.properties` of the compute `this-machine`: cores, memory in bytes, GPUs. */
export function describeMachine(): Record<string, unknown> {
  return { cores: cpus().length, memoryBytes: totalmem(), platform: platform(), gpus: gpus() };
}

/** NVIDIA's GPUs as its own tool lists them; none when it is not there. */
function gpus(): { name: string; memoryBytes: number }[] {
  try {
    const text = execFileSync('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 3000,
    });
    return text
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [name = '', mebibytes = '0'] = line.split(', ');
        return { name, memoryBytes: Number(mebibytes) * 1024 * 1024 };
      });
  } catch {
    return [];
  }
}
