import { wait } from '../../base/backOff.ts';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient, WorkspaceResource } from '../../client/planeClient.ts';

/** Milliseconds between two looks. */
const lookEvery = 250;

const stateOf = ({ properties }: WorkspaceResource): string => String(properties.provisioningState ?? 'Succeeded');

/** Waits until a resource that was created or changed is there. Throws `CommandFailed` with the reason when it has failed. */
export async function settled(client: PlaneClient, path: readonly string[], made: WorkspaceResource): Promise<WorkspaceResource> {
  let found = made;
  while (['Creating', 'Updating'].includes(stateOf(found))) {
    await wait(lookEvery);
    found = await client.getResource(path);
  }
  if (stateOf(found) !== 'Failed') return found;
  const { code, message, hint } = (found.properties.error ?? {}) as { code?: string; message?: string; hint?: string };
  throw new UserError(
    code === 'NotImplemented' ? 'NotImplemented' : 'CommandFailed',
    `${found.name} has failed: ${message ?? 'the control plane does not say why.'}`,
    hint,
  );
}

/** Waits until a resource that was deleted is gone. */
export async function gone(client: PlaneClient, path: readonly string[]): Promise<void> {
  for (;;) {
    try {
      if (stateOf(await client.getResource(path)) !== 'Deleting') return;
    } catch (error) {
      if (error instanceof UserError && error.code === 'NotFound') return;
      throw error;
    }
    await wait(lookEvery);
  }
}
