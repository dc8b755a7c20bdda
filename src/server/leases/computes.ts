import { thisMachine } from '../../protocol/infrastructure.ts';
import type { StoredJob, StoreReader } from '../../store/store.ts';

/** In a compute's `properties.properties`: its jobs are for runners that say they serve it. */
const servedByRunner = 'servedByRunner';

/** Which computes have runners of their own. */
export class RunnerComputes {
  private served = new Set<string>();
  /** Whether a runner asked that takes the jobs of every other compute. */
  private isOtherServed = false;
  private readonly isShared: boolean;

  /** `isShared`: runners may have asked another server of the plane, which this one does not hear. */
  constructor(isShared: boolean) {
    this.isShared = isShared;
  }

  /** Reads anew which computes have runners of their own; answers their names. */
  async read(store: StoreReader): Promise<string[]> {
    const found = await store.resources('computes', undefined, 0, 1000);
    this.served = new Set(found.filter(({ properties }) => isServedByRunner(properties)).map(({ name }) => name));
    return [...this.served];
  }

  hearOfOthers(): void {
    this.isOtherServed = true;
  }

  /** Why a job waits that nobody has claimed; undefined when it is only that this machine is busy. */
  why({ compute }: Pick<StoredJob, 'compute'>): string | undefined {
    if (this.served.has(compute)) return `Waits for a runner of the compute ${compute}.`;
    return this.isOtherServed || this.isShared ? undefined : 'Waits for a runner: this control plane has none of its own.';
  }
}

const isServedByRunner = (properties: Record<string, unknown>): boolean =>
  (properties.properties as { properties?: Record<string, unknown> } | undefined)?.properties?.[servedByRunner] === true;

/** A compute that a runner serves, as it is kept: what a person made of it before stays. */
export function servedCompute(found: Record<string, unknown> | undefined, name: string): Record<string, unknown> | undefined {
  if (name === thisMachine || (found && isServedByRunner(found))) return undefined;
  const before = found?.isGone ? undefined : found;
  const inner = before?.properties as { properties?: Record<string, unknown> } | undefined;
  return {
    ...before,
    properties: {
      computeType: 'VirtualMachine',
      description: 'A machine whose runner takes the jobs of this compute.',
      provisioningState: 'Succeeded',
      ...inner,
      properties: { ...inner?.properties, [servedByRunner]: true },
    },
  };
}
