import type { Machine } from '../catalog/fit.ts';
import { thisMachine } from '../catalog/thisMachine.ts';
import { type GpuLibraries, gpuLibraries } from '../machine/gpuLibraries.ts';
import { type Gpu, gpusHere } from '../machine/gpus.ts';
import { type Device, type DeviceChoice, deviceFor } from './install/engineDevice.ts';
import type { PackageLock } from './install/packageLock.ts';

/** Milliseconds for which the list of GPUs, with the memory that each has free, is kept: asking the driver takes some time. */
const freshMs = 5000;

/** This machine as language models see it: what they are computed on, and the memory that they can have. */
export class InferenceMachine {
  private readonly wanted: 'auto' | Device;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly lock: PackageLock;
  /** Kinds of GPU software that were tried and do not work here. */
  private readonly unusable = new Set<Device>();
  private libraries: Promise<GpuLibraries> | undefined;
  private gpus: { at: number; found: Promise<Gpu[]> } | undefined;

  constructor(wanted: 'auto' | Device, environment: NodeJS.ProcessEnv, lock: PackageLock) {
    this.wanted = wanted;
    this.environment = environment;
    this.lock = lock;
  }

  /** What models are computed on, but for devices that were just tried. Rejects where the user's choice can't be, or there is no engine for this machine. */
  async choice(tried: readonly Device[] = []): Promise<DeviceChoice> {
    this.libraries ??= gpuLibraries(this.environment);
    const [gpus, libraries] = await Promise.all([this.wanted === 'cpu' ? [] : this.found(), this.libraries]);
    const unusable = new Set([...this.unusable, ...tried]);
    return deviceFor(
      this.wanted,
      { platform: process.platform, arch: process.arch, gpus, libraries, unusable },
      Object.keys(this.lock.natives),
    );
  }

  /**
   * Never chooses these devices again: models did not get loaded on them, and did on another. The software of a GPU can be there and not go with it, as when a driver is older than a build.
   * What the user wants is tried each time.
   */
  giveUp(devices: readonly Device[]): void {
    for (const device of devices) this.unusable.add(device);
  }

  async machine(tried: readonly Device[] = []): Promise<Machine> {
    const { device } = await this.choice(tried);
    const machine = thisMachine();
    // Apple's GPU has the memory of the machine.
    if (device !== 'cuda' && device !== 'vulkan') return machine;
    const gpus = await this.found();
    const used = device === 'cuda' ? gpus.filter(({ maker }) => maker === 'nvidia') : gpus;
    const sum = (of: (gpu: Gpu) => number) => used.reduce((total, each) => total + of(each), 0);
    return used.length
      ? {
          ...machine,
          gpu: { name: used[0]!.name, memory: sum(({ memoryBytes }) => memoryBytes), available: sum(({ freeBytes }) => freeBytes) },
        }
      : machine;
  }

  private found(): Promise<Gpu[]> {
    const now = performance.now();
    if (!this.gpus || now - this.gpus.at > freshMs) this.gpus = { at: now, found: gpusHere() };
    return this.gpus.found;
  }
}
