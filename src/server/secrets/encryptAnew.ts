import type { Logger } from '../../base/logger.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { Lease } from '../../store/leases.ts';
import type { Store, WorkspaceStore } from '../../store/store.ts';
import { ownWorkspaces } from '../workspaceNames.ts';
import { kindsWithSecrets, sealedIn, secretsIn, withSecrets } from './resourceSecrets.ts';
import type { Secrets } from './secrets.ts';

/**
 * Encrypts all secrets with the newest key, so that older keys can be taken out of their file. Says in the log how many it was, and which ones can't be read any more. Where a plane has several servers, the one
 * with the duties does it.
 */
export async function encryptAnew({
  store,
  secrets,
  logger,
  lease,
}: {
  store: Store;
  secrets: Secrets;
  logger: Logger;
  lease: Lease | undefined;
}): Promise<void> {
  let done = 0;
  const lost: string[] = [];
  for (const workspace of await ownWorkspaces(store)) {
    const within = store.in(workspace, thePlane, lease);
    for (const kind of kindsWithSecrets)
      for (const resource of await within.resources(kind, undefined, 0, 100_000)) {
        const sealed = sealedIn(resource);
        if (!sealed) continue;
        if (!secrets.knows(sealed)) lost.push(`${workspace}/${kind}/${resource.name} (key ${sealed.key})`);
        else if (!secrets.isNewest(sealed) && (await again(within, secrets, kind, resource.name))) done++;
      }
  }
  if (done) logger.info(`encrypted ${done} secrets with the newest key`);
  if (lost.length)
    logger.error(
      'secrets',
      new Error(`the keys of ${lost.length} secrets are missing: ${lost.slice(0, 10).join(', ')}${lost.length > 10 ? ', …' : ''}`),
    );
}

/** As it is at that moment: it may have been changed, or removed, since it was listed. */
function again(store: WorkspaceStore, secrets: Secrets, kind: (typeof kindsWithSecrets)[number], name: string): Promise<boolean> {
  return store.write(async (writer) => {
    const resource = await writer.resource(kind, name, '');
    const sealed = resource && sealedIn(resource);
    if (!sealed || secrets.isNewest(sealed) || !secrets.knows(sealed)) return false;
    const properties = withSecrets(secrets, store.workspace, resource, secretsIn(secrets, store.workspace, resource));
    await writer.putResource({ kind, name, version: '', properties });
    return true;
  });
}
