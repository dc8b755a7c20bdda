import { UserError } from '../../../base/userError.ts';
import type { ResourceKind, StoredResource } from '../../../store/store.ts';
import { safeName } from '../../paths.ts';
import type { ArmRequest } from './request.ts';

/** What a kind of resource is called in messages. */
export const nounOf: Partial<Record<ResourceKind, string>> = {
  datastores: 'datastore',
  computes: 'compute',
  connections: 'connection',
  schedules: 'schedule',
  onlineEndpoints: 'online endpoint',
  onlineDeployments: 'online deployment',
  batchEndpoints: 'batch endpoint',
  batchDeployments: 'batch deployment',
};

/** The first segment after the collection as a name, checked. */
export function nameIn({ rest }: ArmRequest, kind: ResourceKind): string {
  return safeName(rest[0]!, nounOf[kind] ?? kind);
}

/** The stored resource; throws `NotFound`. */
export async function mustFind({ services, ref }: ArmRequest, kind: ResourceKind, name: string, version = ''): Promise<StoredResource> {
  const found = await services.store.resource(kind, name, version);
  if (!found)
    throw new UserError('NotFound', `There is no ${nounOf[kind] ?? kind} "${version || name}" in the workspace ${ref.workspace}.`);
  return found;
}
