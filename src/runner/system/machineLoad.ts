import { readFile, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import type { Gpus } from './gpus.ts';

const megabyte = 1_000_000;

/** Reads what the machine does now, under the names that MLflow gives to it (mlflow/system_metrics/metrics). Percentages are 0 to 100, bytes in megabytes. */
export class MachineLoad {
  private readonly folder: string;
  private readonly gpus: Gpus;
  private cpu = cpuTimes();
  private network: { received: number; sent: number } | undefined;

  /** `folder` is on the disk whose use is told. */
  constructor(folder: string, gpus: Gpus) {
    this.folder = folder;
    this.gpus = gpus;
  }

  async read(): Promise<Record<string, number>> {
    const [memory, disk, network, gpus] = await Promise.all([memoryUse(), diskUse(this.folder), networkUse(), this.gpus.read()]);
    const cpu = cpuTimes();
    const [busy, all] = [cpu.busy - this.cpu.busy, cpu.all - this.cpu.all];
    this.cpu = cpu;
    // Network is told since the first look, as MLflow does.
    if (network) this.network ??= network;
    return rounded({
      ...(all > 0 ? { cpu_utilization_percentage: (100 * busy) / all } : {}),
      ...memory,
      ...disk,
      ...(network && this.network
        ? {
            network_receive_megabytes: (network.received - this.network.received) / megabyte,
            network_transmit_megabytes: (network.sent - this.network.sent) / megabyte,
          }
        : {}),
      ...gpus,
    });
  }
}

function cpuTimes(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const whole = times.user + times.nice + times.sys + times.idle + times.irq;
    all += whole;
    busy += whole - times.idle;
  }
  return { busy, all };
}

async function memoryUse(): Promise<Record<string, number>> {
  const total = totalmem();
  // What Linux calls free leaves out the caches that it would give back.
  const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(await text('/proc/meminfo'))?.[1]) * 1024 || freemem();
  return {
    system_memory_usage_megabytes: (total - available) / megabyte,
    system_memory_usage_percentage: (100 * (total - available)) / total,
  };
}

async function diskUse(folder: string): Promise<Record<string, number>> {
  try {
    const { blocks, bfree, bavail, bsize } = await statfs(folder);
    const used = (blocks - bfree) * bsize;
    return {
      disk_usage_megabytes: used / megabyte,
      disk_available_megabytes: (bavail * bsize) / megabyte,
      ...(blocks > 0 ? { disk_usage_percentage: (100 * used) / (used + bavail * bsize) } : {}),
    };
  } catch {
    return {};
  }
}

/** Bytes since the machine's start; only Linux tells them without a program. */
async function networkUse(): Promise<{ received: number; sent: number } | undefined> {
  const lines = (await text('/proc/net/dev')).split('\n').slice(2);
  if (lines.length === 0) return undefined;
  let [received, sent] = [0, 0];
  for (const line of lines) {
    const numbers = /^\s*[^:]+:\s*(.*)$/.exec(line)?.[1]?.trim().split(/\s+/).map(Number);
    if (!numbers || numbers.length < 9) continue;
    received += numbers[0]!;
    sent += numbers[8]!;
  }
  return { received, sent };
}

const text = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

const rounded = (values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => Number.isFinite(value))
      .map(([key, value]) => [`system/${key}`, Math.round(value * 1000) / 1000]),
  );
