import { thisMachine } from '../../protocol/infrastructure.ts';
import type { StoreReader } from '../../store/store.ts';

/** In a compute's `properties.properties`: its jobs are for runners that say they serve it. */
const servedByRunner = 'servedByRunner';

/** Names of the computes of a workspace that have runners of their own. */
export const servedComputes = async (store: StoreReader): Promise<string[]> =>
  (await store.resources('computes', undefined, 0, 1000)).filter(({ properties }) => isServedByRunner(properties)).map(({ name }) => name);

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
