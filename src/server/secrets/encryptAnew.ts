import type { Logger } from '../../base/logger.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { StoredEntity } from '../../store/entities.ts';
import type { Lease } from '../../store/leases.ts';
import type { Store, StoredResource, StoreReader, WorkspaceStore } from '../../store/store.ts';
import { sealedAt, sealedFields } from '../deliveries/sealedFields.ts';
import { keptWorkspaces } from '../workspaceNames.ts';
import { kindsWithSecrets, sealedIn, secretsIn, withSecrets } from './resourceSecrets.ts';
import type { SealedSecret, Secrets } from './secrets.ts';

const all = 100_000;

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
  for (const workspace of await keptWorkspaces(store)) {
    const within = store.in(workspace, thePlane, lease);
    for (const holder of await holdersIn(within)) {
      const unknown = holder.sealed.find((each) => !secrets.knows(each));
      if (unknown) lost.push(`${workspace}/${holder.name} (key ${unknown.key})`);
      else if (holder.sealed.some((each) => !secrets.isNewest(each)) && (await holder.again(within, secrets))) done++;
    }
  }
  if (done) logger.info(`encrypted ${done} secrets with the newest key`);
  if (lost.length)
    logger.error(
      'secrets',
      new Error(`the keys of ${lost.length} secrets are missing: ${lost.slice(0, 10).join(', ')}${lost.length > 10 ? ', …' : ''}`),
    );
}

/** Something that has secrets. */
interface Holder {
  name: string;
  sealed: SealedSecret[];
  /** Encrypts its secrets with the newest key, as they are at that moment: it may have been changed, or removed, since it was listed. True when there was something to do. */
  again(store: WorkspaceStore, secrets: Secrets): Promise<boolean>;
}

async function holdersIn(store: StoreReader): Promise<Holder[]> {
  const resources = await Promise.all(kindsWithSecrets.map((kind) => store.resources(kind, undefined, 0, all)));
  const entities = await Promise.all((['webhook', 'notice'] as const).map((kind) => store.entities.list(kind)));
  return [...resources.flat().map(resourceHolder), ...entities.flat().map(entityHolder)].filter(({ sealed }) => sealed.length > 0);
}

const isOld = (secrets: Secrets, sealed: SealedSecret[]): boolean =>
  sealed.some((each) => !secrets.isNewest(each)) && sealed.every((each) => secrets.knows(each));

function resourceHolder(listed: StoredResource): Holder {
  const { kind, name } = listed;
  const sealedOf = (resource: StoredResource) => [sealedIn(resource) ?? []].flat();
  return {
    name: `${kind}/${name}`,
    sealed: sealedOf(listed),
    again: (store, secrets) =>
      store.write(async (writer) => {
        const resource = await writer.resource(kind, name, '');
        if (!resource || !isOld(secrets, sealedOf(resource))) return false;
        const properties = withSecrets(secrets, store.workspace, resource, secretsIn(secrets, store.workspace, resource));
        await writer.putResource({ kind, name, version: '', properties });
        return true;
      }),
  };
}

function entityHolder(listed: StoredEntity): Holder {
  const { id } = listed;
  const kind = listed.kind as 'webhook' | 'notice';
  const sealedOf = ({ body }: StoredEntity) =>
    sealedFields.flatMap((field) => (typeof body[field] === 'object' ? { field, secret: body[field] as SealedSecret } : []));
  return {
    name: `${kind}s/${id}`,
    sealed: sealedOf(listed).map(({ secret }) => secret),
    again: (store, secrets) =>
      store.write(async ({ entities }) => {
        const entity = await entities.get(kind, id);
        const old = entity ? sealedOf(entity) : [];
        if (
          !entity ||
          !isOld(
            secrets,
            old.map(({ secret }) => secret),
          )
        )
          return false;
        const anew = old.map(({ field, secret }) => {
          const place = sealedAt(store.workspace, kind, id, field);
          return [field, secrets.seal(secrets.open(secret, place), place)];
        });
        await entities.put({ ...entity, body: { ...entity.body, ...Object.fromEntries(anew) } });
        return true;
      }),
  };
}
