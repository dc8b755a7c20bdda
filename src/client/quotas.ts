import { workspacePath } from '../protocol/arm.ts';
import type { QuotaLimits, QuotaView } from '../protocol/quota.ts';
import type { PlaneClient } from './planeClient.ts';

type Plane = Pick<PlaneClient, 'http' | 'workspace'>;

const at = ({ workspace }: Plane, name?: string): string =>
  `${workspacePath(workspace)}/quotas${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;

/** What jobs of the workspace, and of each person, may use and use; and whether who asks may change that. */
export async function listQuotas(plane: Plane): Promise<{ views: QuotaView[]; mayChange: boolean }> {
  const { value, mayChange } = await plane.http.json<{ value: QuotaView[]; mayChange: boolean }>('GET', at(plane));
  return { views: value, mayChange };
}

/** Replaces what was set under a name. */
export const putQuota = (plane: Plane, name: string, properties: QuotaLimits): Promise<QuotaView> =>
  plane.http.json('PUT', at(plane, name), { properties });

export const deleteQuota = async (plane: Plane, name: string): Promise<void> => {
  await plane.http.send('DELETE', at(plane, name));
};

const digits = (value: number): string => String(Math.round(value * 100) / 100);

/** `2 of 5`, or `2` where there is no limit; undefined of what nobody uses: the default. */
export function textOfUse(view: QuotaView, key: 'jobsAtOnce' | 'storageGb' | 'runningHours'): string {
  const { used, limits } = view.properties;
  const limit = limits[key];
  if (!used) return limit === undefined ? 'no limit' : digits(limit);
  return limit === undefined ? digits(used[key]) : `${digits(used[key])} of ${digits(limit)}`;
}
