import { UserError } from '../../../base/userError.ts';
import { workspacePath } from '../../../protocol/arm.ts';
import { check } from '../../../protocol/check.ts';
import { memberOf } from '../../../protocol/principal.ts';
import { defaultQuota, QuotaBody, type QuotaLimits, type QuotaView, workspaceQuota } from '../../../protocol/quota.ts';
import { limitsOf, type Quotas, readQuotas, usedOf } from '../../queue/quotas.ts';
import { factsOf } from '../../queue/submission.ts';
import type { Services } from '../../services.ts';
import { type ArmRequest, jsonBody, refuseMethod, withoutNulls } from './request.ts';
import type { NamedRef } from './resource.ts';

/** `…/quotas[/{workspace|default|a person}]`: what jobs may use, and what they use. */
export async function quotaRoute(request: ArmRequest): Promise<Response> {
  const { c, method, ref, rest, services } = request;
  const { store } = services;
  if (rest.length > 1) refuseMethod(request);
  const name = rest[0];
  if (name === undefined) {
    if (method !== 'GET') refuseMethod(request);
    return c.json({ value: await quotaViews(ref, services), mayChange: mayChange(services) });
  }
  if (method === 'GET') return c.json(await shown(name));
  const stored = personOf(name, services) ?? (await store.resource('quotas', name, ''))?.name;
  // Who left the team has one still, which can be deleted.
  if (stored === undefined)
    throw new UserError(
      'NotFound',
      `Nobody here is called "${name.slice(0, 200)}".`,
      'Give the name of a member as "updraft team list" shows it, or "workspace" or "default".',
    );
  if (method === 'PUT') {
    const { properties } = check(QuotaBody, withoutNulls(await jsonBody(c)), 'The quota');
    if (Object.keys(properties).every((key) => key === 'windowDays'))
      throw new UserError(
        'InvalidRequest',
        'The quota limits nothing.',
        'Give jobsAtOnce, storageGb or runningHours, or delete the quota.',
      );
    await store.write((writer) => writer.putResource({ kind: 'quotas', name: stored, version: '', properties }));
    services.queueNews.moved(store);
    return c.json(await shown(stored));
  }
  if (method !== 'DELETE') refuseMethod(request);
  const isThere = (await store.resource('quotas', stored, '')) !== undefined;
  await store.write((writer) => writer.deleteResource('quotas', stored, ''));
  if (isThere) services.queueNews.moved(store);
  return c.body(null, isThere ? 200 : 204);

  async function shown(of: string): Promise<QuotaView> {
    const all = await quotaViews(ref, services, personOf(of, services) ?? of);
    const found = all.find((each) => each.name.toLowerCase() === of.toLowerCase());
    if (!found) throw new UserError('NotFound', `There is no quota "${of.slice(0, 200)}" in the workspace ${ref.workspace}.`);
    return found;
  }
}

function mayChange({ principal, team, store }: Services): boolean {
  const member = memberOf(principal);
  const scope = team?.scopeOf(store.workspace);
  return member
    ? scope !== undefined && team!.may(member, 'Microsoft.Authorization/roleAssignments/write', scope)
    : principal.kind !== 'job';
}

/** The name as the plane has it; undefined for nobody. */
function personOf(name: string, { team, owner }: Services): string | undefined {
  const names = [workspaceQuota, defaultQuota, owner.name, ...(team?.members ?? []).map((each) => each.name)];
  return names.find((each) => each.toLowerCase() === name.toLowerCase());
}

/** The workspace, the default, and everybody who has a quota or uses something; and `also`, whoever that is. */
export async function quotaViews(ref: NamedRef, { store, clock }: Pick<Services, 'store' | 'clock'>, also?: string): Promise<QuotaView[]> {
  const now = clock.now();
  const quotas = await readQuotas(store);
  const facts = await factsOf(store, quotas, now);
  const people = new Set([...quotas.people.keys(), ...[...facts.held, ...facts.runTime, ...facts.storage].map(({ user }) => user)]);
  if (also !== undefined && also !== workspaceQuota && also !== defaultQuota) people.add(also);
  people.delete('');
  const { workspace, default: usual } = quotas;
  const { calledAs, ...place } = ref;
  const view = (name: string, properties: QuotaView['properties']): QuotaView => ({
    id: `${workspacePath({ ...place, workspace: calledAs ?? place.workspace })}/quotas/${encodeURIComponent(name)}`,
    name,
    type: 'Microsoft.MachineLearningServices/workspaces/quotas',
    properties,
  });
  return [
    view(workspaceQuota, { of: 'workspace', ...setIn(workspace), limits: workspace, used: usedOf(facts, workspace, now) }),
    view(defaultQuota, { of: 'default', ...setIn(usual), limits: usual }),
    ...[...people].sort().map((name) => view(name, ofPerson(name, quotas, facts, now))),
  ];
}

const setIn = (limits: QuotaLimits): { set?: QuotaLimits } => (Object.keys(limits).length ? { set: limits } : {});

function ofPerson(name: string, quotas: Quotas, facts: Awaited<ReturnType<typeof factsOf>>, now: number): QuotaView['properties'] {
  const limits = limitsOf(quotas, name);
  return { of: 'person', ...setIn(quotas.people.get(name) ?? {}), limits, used: usedOf(facts, limits, now, name) };
}
