import { cpus, platform, totalmem } from 'node:os';

/** `properties.properties` of the compute `this-machine`: cores, memory in bytes, GPUs. */
export function describeMachine(gpus: readonly { name: string; memoryBytes: number }[]): Record<string, unknown> {
  return {
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: platform(),
    gpus: gpus.map(({ name, memoryBytes }) => ({ name, memoryBytes })),
  };
}
