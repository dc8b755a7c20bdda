import * as Type from 'typebox';
import { UserError } from '../../../base/userError.ts';
import { check } from '../../../protocol/check.ts';
import { jobTypeOf, planeRefusalOf } from '../../../protocol/jobTypes.ts';
import { CronTrigger, RecurrenceTrigger } from '../../../protocol/schedule.ts';
import type { Store, StoredResource } from '../../../store/store.ts';
import { UseOfRegistries } from '../../registries/useOfRegistries.ts';
import { checkedJob, mustHaveWork } from './checkedJob.ts';
import { mustFind, nameIn } from './named.ts';
import { refuseMissing } from './refuseMissing.ts';
import { type ArmRequest, jsonBody, page, refuseMethod, withoutNulls } from './request.ts';
import { toResource } from './resource.ts';

const Body = Type.Object({
  properties: Type.Object({
    trigger: Type.Object({ triggerType: Type.Enum(['Cron', 'Recurrence']) }),
    action: Type.Object({ actionType: Type.String() }),
    isEnabled: Type.Optional(Type.Boolean()),
  }),
});

/** `…/schedules[/{name}[/trigger]]`. */
export async function scheduleRoute(request: ArmRequest, plane: Store): Promise<Response> {
  const { c, method, ref, rest, services } = request;
  const { store } = services;
  const show = (stored: StoredResource) => toResource(ref, stored);
  if (rest.length === 0) {
    if (method !== 'GET') refuseMethod(request);
    const view = c.req.query('listViewType') ?? 'EnabledOnly';
    if (!['EnabledOnly', 'DisabledOnly', 'All'].includes(view))
      throw new UserError('InvalidRequest', `listViewType can't be "${view.slice(0, 50)}".`, 'It is EnabledOnly, DisabledOnly or All.');
    return page(
      c,
      (offset, limit) => store.resources('schedules', undefined, offset, limit),
      show,
      ({ properties }) => view === 'All' || (properties.isEnabled === true) === (view === 'EnabledOnly'),
    );
  }
  const name = nameIn(request, 'schedules');
  if (rest.length > 1) {
    if (rest.length === 2 && rest[1]!.toLowerCase() === 'trigger' && method === 'POST') {
      const jobName = await services.schedules(services.workspace).startNow(await mustFind(request, 'schedules', name));
      return c.json({ jobName, scheduleActionType: 'CreateJob' });
    }
    refuseMethod(request);
  }
  if (method === 'GET') return c.json(show(await mustFind(request, 'schedules', name)));
  if (method === 'PUT') {
    const { properties: asked } = check(Body, withoutNulls(await jsonBody(c)), 'The schedule');
    const given = { ...asked, action: await new UseOfRegistries(plane, services).in(asked.action) };
    await refuseJob(given.action, request);
    const { triggerType } = given.trigger;
    const trigger = check(triggerType === 'Cron' ? CronTrigger : RecurrenceTrigger, capitalized(given.trigger), 'The trigger');
    const properties = await services
      .schedules(services.workspace)
      .planned(
        { isEnabled: true, ...given, trigger, provisioningState: 'Succeeded' },
        (await store.resource('schedules', name, ''))?.createdAt,
      );
    const { stored, created } = await store.write(async (writer) => ({
      created: !(await writer.resource('schedules', name, '')),
      stored: await writer.putResource({ kind: 'schedules', name, version: '', properties }),
    }));
    await services.schedules(services.workspace).changed();
    return c.json(show(stored), created ? 201 : 200);
  }
  if (method === 'DELETE') {
    const isThere = (await store.resource('schedules', name, '')) !== undefined;
    await store.write((writer) => writer.deleteResource('schedules', name, ''));
    await services.schedules(services.workspace).changed();
    return c.body(null, isThere ? 200 : 204);
  }
  return refuseMethod(request);
}

/** Refuses a schedule whose job could never run: an invalid one, or one that names what is not there. A kind that does not run here is kept, and says so when it is due. */
async function refuseJob(action: { actionType: string; jobDefinition?: unknown }, { ref, services: { store } }: ArmRequest): Promise<void> {
  const { sourceJobId, ...definition } = (action.jobDefinition ?? {}) as { sourceJobId?: unknown; jobType?: unknown };
  if (action.actionType !== 'CreateJob') return;
  const type = jobTypeOf(definition.jobType);
  if (typeof sourceJobId === 'string') {
    // A job that ran is named by its name or its id.
    const name = sourceJobId.split('/').at(-1)!;
    const source = await store.job(name);
    if (!source) throw new UserError('AssetNotFound', `There is no job "${name.slice(0, 255)}" in the workspace ${ref.workspace}.`);
    mustHaveWork(source.properties);
  } else if (type && !planeRefusalOf(type)) {
    const job = await checkedJob(definition, ref, store);
    mustHaveWork(job);
    await refuseMissing(job, ref, store);
  }
}

/** Frequencies and days with their first letter large: clients write YAML's small ones. */
function capitalized(trigger: { triggerType: string; frequency?: unknown; schedule?: { weekDays?: unknown } }): object {
  const upper = (value: unknown) => (typeof value === 'string' ? value.charAt(0).toUpperCase() + value.slice(1).toLowerCase() : value);
  const days = trigger.schedule?.weekDays;
  return {
    ...trigger,
    ...(trigger.frequency === undefined ? {} : { frequency: upper(trigger.frequency) }),
    ...(Array.isArray(days) ? { schedule: { ...trigger.schedule, weekDays: days.map(upper) } } : {}),
  };
}
