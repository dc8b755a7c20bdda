import { UserError } from '../../base/userError.ts';
import { listQuotas as list, putQuota, deleteQuota as remove, textOfUse } from '../../client/quotas.ts';
import { type QuotaLimits, type QuotaView, usualWindowDays } from '../../protocol/quota.ts';
import { connect } from '../connect.ts';
import type { Outcome } from '../output/outcome.ts';
import { type Parsed, required, text, whole } from '../parsed.ts';
import { tableOf } from '../textParts.ts';

/** A quota as the commands print it, in the words of their options. */
const shape = ({ name, properties: { of, limits, used, set } }: QuotaView) => ({
  name,
  of,
  jobs_at_once: { limit: limits.jobsAtOnce ?? null, used: used?.jobsAtOnce ?? null },
  storage_gb: { limit: limits.storageGb ?? null, used: used?.storageGb ?? null },
  running_hours: { limit: limits.runningHours ?? null, used: used?.runningHours ?? null },
  window_days: limits.windowDays ?? usualWindowDays,
  is_set: set !== undefined,
});

const table = (views: QuotaView[]): string =>
  tableOf(
    ['NAME', 'JOBS AT ONCE', 'STORAGE (GB)', 'RUNNING HOURS', 'WITHIN'],
    views.map((view) => [
      view.properties.of === 'default' ? 'default (each person)' : view.name,
      textOfUse(view, 'jobsAtOnce'),
      textOfUse(view, 'storageGb'),
      textOfUse(view, 'runningHours'),
      `${view.properties.limits.windowDays ?? usualWindowDays} days`,
    ]),
    'There are no quotas.',
  );

export async function listQuotas(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const { views } = await list(client);
  return { value: views.map(shape), text: () => table(views) };
}

export async function setQuota(parsed: Parsed): Promise<Outcome> {
  const name = required(parsed, 'name');
  const given: Partial<Record<keyof QuotaLimits, number | undefined>> = {};
  for (const [option, key] of [
    ['jobs-at-once', 'jobsAtOnce'],
    ['storage-gb', 'storageGb'],
    ['running-hours', 'runningHours'],
  ] as const)
    if (text(parsed, option) !== undefined) given[key] = numberOrNone(text(parsed, option)!, option);
  const windowDays = whole(parsed, 'window-days');
  if (windowDays !== undefined) given.windowDays = windowDays;
  if (Object.keys(given).length === 0)
    throw new UserError('InvalidArgument', 'Nothing is said to be set.', 'Give --jobs-at-once, --storage-gb or --running-hours.');
  const { client } = await connect(parsed);
  const before = (await list(client)).views.find((each) => each.name.toLowerCase() === name.toLowerCase())?.properties.set;
  const limits = Object.fromEntries(Object.entries({ ...before, ...given }).filter(([, value]) => value !== undefined));
  const view = await putQuota(client, name, limits);
  return { value: shape(view), text: () => table([view]) };
}

export async function deleteQuota(parsed: Parsed): Promise<Outcome> {
  const name = required(parsed, 'name');
  const { client } = await connect(parsed);
  await remove(client, name);
  return { text: () => `Took away the quota "${name}".` };
}

function numberOrNone(given: string, option: string): number | undefined {
  if (given === 'none') return undefined;
  if (!/^\d+(\.\d+)?$/.test(given))
    throw new UserError('InvalidArgument', `--${option} must be a number of at least 0, or none, not "${given}".`);
  return Number(given);
}
