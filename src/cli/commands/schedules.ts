import path from 'node:path';
import { allPages } from '../../client/planeClient.ts';
import { type Schedule, type ScheduleView, scheduleProperty } from '../../protocol/schedule.ts';
import type { Command } from '../command.ts';
import { connect } from '../connect.ts';
import { type Parsed, required } from '../options.ts';
import { factLines, print, tableOf, timeOf } from '../print.ts';

const nameOption = { name: { type: 'string', short: 'n' } } as const;

/** `schedule create|list|show|enable|disable|trigger|delete`, as `az ml schedule` has them. */
export const scheduleCommands: Command[] = [
  {
    name: 'schedule create',
    summary: 'Creates or replaces a schedule from its YAML file.',
    usage: '--file FILE [--set A.B=C]…',
    options: { file: { type: 'string', short: 'f' }, set: { type: 'string', multiple: true } },
    async run(parsed) {
      const file = path.resolve(required(parsed, 'file'));
      const { client } = await connect(parsed);
      const { createSchedule } = await import('../../submit/createSchedule.ts');
      const made = await createSchedule(client, file, (parsed.values.set as string[] | undefined) ?? []);
      print(parsed, made, () => `Created ${made.name}. ${whatNext(made)}`);
    },
  },
  {
    name: 'schedule list',
    summary: 'Lists enabled schedules.',
    usage: '[--include-disabled | --disabled-only]',
    options: { 'include-disabled': { type: 'boolean' }, 'disabled-only': { type: 'boolean' } },
    async run(parsed) {
      const { client } = await connect(parsed);
      const view: ScheduleView = parsed.values['disabled-only']
        ? 'DisabledOnly'
        : parsed.values['include-disabled']
          ? 'All'
          : 'EnabledOnly';
      const found = await Array.fromAsync(allPages((next) => client.listSchedules(view, next)));
      print(parsed, found, () =>
        tableOf(
          ['NAME', 'WHEN', 'NEXT', 'LAST JOB'],
          found.map((each) => [each.name, whenOf(each), nextOf(each), factOf(each, 'lastJob')]),
          view === 'EnabledOnly' ? 'There is no enabled schedule.' : 'There is no such schedule.',
        ),
      );
    },
  },
  {
    name: 'schedule show',
    summary: 'Shows a schedule: when it starts its job, and what came of the last time.',
    usage: '--name N',
    options: nameOption,
    async run(parsed) {
      const { client } = await connect(parsed);
      const found = await client.getSchedule(required(parsed, 'name'));
      print(parsed, found, () =>
        factLines([
          ['name', found.name],
          ['description', found.properties.description],
          ['enabled', found.properties.isEnabled === false ? 'no' : 'yes'],
          ['when', whenOf(found)],
          ['next', nextOf(found)],
          ['last job', factOf(found, 'lastJob')],
          ['skipped', factOf(found, 'skipped')],
          ['error', factOf(found, 'error')],
          ['note', factOf(found, 'note')],
        ]),
      );
    },
  },
  turn('enable', true),
  turn('disable', false),
  {
    name: 'schedule trigger',
    summary: "Starts a schedule's job now.",
    usage: '--name N',
    options: nameOption,
    async run(parsed) {
      const { client } = await connect(parsed);
      const started = await client.triggerSchedule(required(parsed, 'name'));
      print(parsed, started, () => `Started ${started.jobName}. Follow it with "updraft job stream --name ${started.jobName}".`);
    },
  },
  {
    name: 'schedule delete',
    summary: 'Deletes a schedule; jobs that it started stay.',
    usage: '--name N',
    options: nameOption,
    async run(parsed) {
      const { client } = await connect(parsed);
      const name = required(parsed, 'name');
      // Deleting what is not there is no error of the protocol, and mostly a slip of the one who types.
      await client.getSchedule(name);
      await client.deleteSchedule(name);
      print(parsed, { deleted: name }, () => `Deleted ${name}.`);
    },
  },
];

function turn(word: 'enable' | 'disable', isEnabled: boolean): Command {
  return {
    name: `schedule ${word}`,
    summary: isEnabled ? 'Lets a schedule start its job again.' : 'Keeps a schedule from starting its job.',
    usage: '--name N',
    options: nameOption,
    async run(parsed: Parsed) {
      const { client } = await connect(parsed);
      const { name, properties } = await client.getSchedule(required(parsed, 'name'));
      const turned = await client.putSchedule(name, { ...properties, isEnabled });
      print(parsed, turned, () => `${isEnabled ? 'Enabled' : 'Disabled'} ${name}. ${isEnabled ? whatNext(turned) : ''}`.trim());
    },
  };
}

const factOf = ({ properties }: Schedule, fact: keyof typeof scheduleProperty): string | undefined =>
  properties.properties?.[scheduleProperty[fact]];

const nextOf = (schedule: Schedule): string | undefined => timeOf(factOf(schedule, 'next'));

const whatNext = (schedule: Schedule): string => {
  const next = nextOf(schedule);
  return next ? `It starts its job next at ${next}.` : (factOf(schedule, 'note') ?? 'It has no time to come.');
};

/** `every 2 days at 3:00, 15:00 UTC`, `0 3 * * * UTC`. */
function whenOf({ properties: { trigger } }: Schedule): string {
  const zone = trigger.timeZone ?? 'UTC';
  if (trigger.triggerType === 'Cron') return `${trigger.expression} ${zone}`;
  const { frequency, interval, schedule = {} } = trigger;
  const unit = frequency.toLowerCase();
  const minutes = schedule.minutes?.length ? schedule.minutes : [0];
  const times = (schedule.hours ?? []).flatMap((hour) => minutes.map((minute) => `${hour}:${String(minute).padStart(2, '0')}`));
  const days = [...(schedule.weekDays ?? []), ...(schedule.monthDays ?? []).map((day) => `day ${day}`)];
  return [
    interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`,
    ...(days.length ? [`on ${days.join(', ')}`] : []),
    ...(times.length ? [`at ${times.join(', ')}`] : []),
    zone,
  ].join(' ');
}
