import type { Context } from 'hono';
import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { defaultWorkspace } from '../../../protocol/arm.ts';
import { check } from '../../../protocol/check.ts';
import { memberOf } from '../../../protocol/principal.ts';
import { QuotaLimits, type QuotaUse, type QuotaView, usualWindowDays, workspaceQuota } from '../../../protocol/quota.ts';
import type { PlaneServices } from '../../services.ts';
import { ownWorkspaces } from '../../workspaceNames.ts';
import { quotaViews } from './quotas.ts';
import { jsonBody, methodOf } from './request.ts';

/** Azure's quotas and usages of a region: here they are those of the workspaces. */
export const ofLocation =
  /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/locations\/([^/]+)\/(quotas|usages|updateQuotas)\/?$/i;

const what = ['jobsAtOnce', 'storageGb', 'runningHours'] as const satisfies readonly (keyof QuotaUse)[];

const titles = (limits: QuotaLimits): Record<keyof QuotaUse, string> => ({
  jobsAtOnce: 'Jobs at once',
  storageGb: 'GB of storage',
  runningHours: `Running hours within ${limits.windowDays ?? usualWindowDays} days`,
});

const Updates = Type.Object({
  value: Type.Array(
    Type.Object({
      id: Type.String({ maxLength: 1000 }),
      type: Type.Optional(Type.String()),
      limit: Type.Number(),
      unit: Type.Optional(Type.String()),
    }),
    { maxItems: 100 },
  ),
});

/** `…/locations/{l}/usages`, `quotas` and `updateQuotas`, as Azure's clients ask for them. Azure counts in whole numbers, and -1 is no limit. A member is told of the workspaces in which the member has a role. */
export async function locationRoute(c: Context, path: string, plane: PlaneServices): Promise<Response> {
  const [, subscription = '', location = '', collection = ''] = ofLocation.exec(path)!;
  const method = methodOf(c);
  const isUpdate = collection.toLowerCase() === 'updatequotas';
  if (method !== (isUpdate ? 'POST' : 'GET')) throw new UserError('InvalidRequest', `${method} is not supported on ${collection}.`);
  if (isUpdate) return update(c, plane);
  const { principal } = c.get('asked');
  const member = memberOf(principal);
  const seen = await ownWorkspaces(plane.store);
  const value: Record<string, unknown>[] = [];
  for (const workspace of seen.filter(
    (each) => !member || plane.team?.may(member, `${provider}/workspaces/quotas/read`, plane.team.scopeOf(each)!),
  )) {
    const ref = { subscription, resourceGroup: plane.team?.groupOf(workspace) ?? defaultWorkspace.resourceGroup, workspace };
    const views = await quotaViews(ref, { store: plane.store.in(workspace, principal), clock: plane.clock });
    for (const view of views) value.push(...(collection.toLowerCase() === 'usages' ? usagesOf(view, location) : quotasOf(view, location)));
  }
  return c.json({ value });
}

const provider = 'Microsoft.MachineLearningServices';

const named = (view: QuotaView, key: keyof QuotaUse, location: string) => ({
  id: `${view.id}/${key}`,
  amlWorkspaceLocation: location,
  type: `${view.type}/${key}`,
  unit: 'Count',
  name: {
    value: view.properties.of === 'workspace' ? key : `${view.name} ${key}`,
    localizedValue: `${titles(view.properties.limits)[key]}${view.properties.of === 'workspace' ? '' : ` (${view.name})`}`,
  },
  limit: Math.floor(view.properties.limits[key] ?? -1),
});

const usagesOf = (view: QuotaView, location: string) =>
  view.properties.used ? what.map((key) => ({ ...named(view, key, location), currentValue: Math.ceil(view.properties.used![key]) })) : [];

const quotasOf = (view: QuotaView, location: string) =>
  what.filter((key) => view.properties.set?.[key] !== undefined).map((key) => named(view, key, location));

async function update(c: Context, plane: PlaneServices): Promise<Response> {
  const { value } = check(Updates, await jsonBody(c), 'The quotas');
  const { principal } = c.get('asked');
  const workspaces = await ownWorkspaces(plane.store);
  const changes = value.map((each) => {
    const match = /\/workspaces\/([^/]+)\/quotas\/([^/]+)\/(\w+)$/i.exec(each.id);
    const workspace = workspaces.find((known) => known.toLowerCase() === match?.[1]?.toLowerCase());
    const key = what.find((known) => known.toLowerCase() === match?.[3]?.toLowerCase());
    const name = decodeURIComponent(match?.[2] ?? '');
    const people = [workspaceQuota, 'default', plane.owner.name, ...(plane.team?.members ?? []).map((member) => member.name)];
    if (!workspace || !key || !people.includes(name))
      throw new UserError(
        'InvalidRequest',
        `There is no quota with the id "${each.id.slice(0, 300)}".`,
        'Take the ids that the list of usages has.',
      );
    return { ...each, workspace, key, name };
  });
  for (const { workspace, key, name, limit } of changes) {
    const store = plane.store.in(workspace, principal);
    await store.write(async (writer) => {
      const { [key]: _before, ...kept } = ((await writer.resource('quotas', name, ''))?.properties ?? {}) as QuotaLimits;
      const properties = check(QuotaLimits, limit < 0 ? kept : { ...kept, [key]: limit }, 'The quota');
      if (Object.keys(properties).some((each) => each !== 'windowDays'))
        await writer.putResource({ kind: 'quotas', name, version: '', properties });
      else await writer.deleteResource('quotas', name, '');
    });
    plane.queueNews.moved(store);
  }
  return c.json({ value: changes.map(({ id, type, limit, unit = 'Count' }) => ({ id, type, limit, unit, status: 'Success' })) });
}
