import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { listQuotas } from '../../client/quotas.ts';
import type { QuotaView } from '../../protocol/quota.ts';

/** What quotas there would make a job wait or be refused, as sentences. Nothing of those that the person may not see. */
export async function quotaRemarks(client: PlaneClient): Promise<string[]> {
  const [views, { name }] = await Promise.all([seenQuotas(client), client.whoAsks()]);
  const own = views.find((each) => each.properties.of === 'person' && each.name.toLowerCase() === name.toLowerCase());
  const ofAll = views.find((each) => each.properties.of === 'workspace');
  return [...(own ? remarksOf(own, 'Your quota') : []), ...(ofAll ? remarksOf(ofAll, 'The quota of the workspace') : [])];
}

async function seenQuotas(client: PlaneClient): Promise<QuotaView[]> {
  try {
    return (await listQuotas(client)).views;
  } catch (error) {
    if (error instanceof UserError && error.code === 'AuthorizationFailed') return [];
    throw error;
  }
}

function remarksOf({ properties: { limits, used } }: QuotaView, whose: string): string[] {
  if (!used) return [];
  const { jobsAtOnce, runningHours, storageGb } = limits;
  return [
    ...(jobsAtOnce !== undefined && used.jobsAtOnce >= jobsAtOnce
      ? [`${whose}: ${used.jobsAtOnce} of ${jobsAtOnce} jobs run, so it waits.`]
      : []),
    ...(runningHours !== undefined && used.runningHours >= runningHours
      ? [`${whose}: all ${runningHours} running hours are used, so it is refused.`]
      : []),
    ...(storageGb !== undefined && used.storageGb >= storageGb
      ? [`${whose}: all ${storageGb} GB of storage are used, so it is refused.`]
      : []),
  ];
}
