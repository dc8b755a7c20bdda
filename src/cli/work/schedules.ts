import path from 'node:path';
import { allPages } from '../../client/planeClient.ts';
import { type Schedule, type ScheduleView, scheduleProperty } from '../../protocol/schedule.ts';
import { triggerText } from '../../protocol/triggerText.ts';
import type { Options } from '../command.ts';
import { connect } from '../connect.ts';
import { definitionOf } from '../definitionOf.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed, required, whole } from '../parsed.ts';
import type { ArmResource } from '../shapes/parts.ts';
import { scheduleShape } from '../shapes/resourceShapes.ts';
import { factLines, tableOf, timeOf } from '../textParts.ts';
import { take } from './assets.ts';

const shapeOf = (schedule: Schedule) => scheduleShape(schedule as ArmResource);

export async function createOne(parsed: Parsed, options: Options): Promise<Outcome> {
  const { file, overrides } = definitionOf(parsed, options);
  const { client } = await connect(parsed);
  const { createSchedule } = await import('../../submit/createSchedule.ts');
  const made = await createSchedule(client, path.resolve(file), overrides);
  return { value: shapeOf(made), text: () => `Created ${made.name}. ${whatNext(made)}` };
}

export async function listSchedules(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const view: ScheduleView = flag(parsed, 'disabled-only') ? 'DisabledOnly' : flag(parsed, 'include-disabled') ? 'All' : 'EnabledOnly';
  const found = await take(
    allPages((next) => client.listSchedules(view, next)),
    whole(parsed, 'max-results') ?? Number.POSITIVE_INFINITY,
  );
  return {
    value: found.map(shapeOf),
    text: () =>
      tableOf(
        ['NAME', 'WHEN', 'NEXT', 'LAST JOB'],
        found.map((each) => [each.name, triggerText(each.properties.trigger), nextOf(each), factOf(each, 'lastJob')]),
        view === 'EnabledOnly' ? 'There is no enabled schedule.' : 'There is no such schedule.',
      ),
    table: () =>
      found
        .map(shapeOf)
        .map(({ name, description, is_enabled, provisioning_state }) => ({ name, description, is_enabled, provisioning_state })),
  };
}

export async function showSchedule(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const found = await client.getSchedule(required(parsed, 'name'));
  return {
    value: shapeOf(found),
    text: () =>
      factLines([
        ['name', found.name],
        ['description', found.properties.description],
        ['enabled', found.properties.isEnabled === false ? 'no' : 'yes'],
        ['when', triggerText(found.properties.trigger)],
        ['next', nextOf(found)],
        ['last job', factOf(found, 'lastJob')],
        ['skipped', factOf(found, 'skipped')],
        ['error', factOf(found, 'error')],
        ['note', factOf(found, 'note')],
      ]),
  };
}

export async function triggerSchedule(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const { jobName } = await client.triggerSchedule(required(parsed, 'name'));
  return { value: { job_name: jobName }, text: () => `Started ${jobName}. Follow it with "updraft job stream --name ${jobName}".` };
}

export async function deleteSchedule(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const name = required(parsed, 'name');
  // Deleting what is not there is no error of the protocol, and mostly a slip of the one who types.
  await client.getSchedule(name);
  await client.deleteSchedule(name);
  return { ...(parsed.asAz ? {} : { value: { deleted: name } }), text: () => `Deleted ${name}.` };
}

/** Lets a schedule start its job again, or keeps it from that. */
export async function turn(parsed: Parsed, isEnabled: boolean): Promise<Outcome> {
  const { client } = await connect(parsed);
  const { name, properties } = await client.getSchedule(required(parsed, 'name'));
  const turned = await client.putSchedule(name, { ...properties, isEnabled });
  return {
    value: shapeOf(turned),
    text: () => `${isEnabled ? 'Enabled' : 'Disabled'} ${name}. ${isEnabled ? whatNext(turned) : ''}`.trim(),
  };
}

const factOf = ({ properties }: Schedule, fact: keyof typeof scheduleProperty): string | undefined =>
  properties.properties?.[scheduleProperty[fact]];

const nextOf = (schedule: Schedule): string | undefined => timeOf(factOf(schedule, 'next'));

export const whatNext = (schedule: Schedule): string => {
  const next = nextOf(schedule);
  return next ? `It starts its job next at ${next}.` : (factOf(schedule, 'note') ?? 'It has no time to come.');
};
