import type { Command } from '../command.ts';
import { definition, flag, limited, named } from '../options.ts';

const work = () => import('../work/schedules.ts');

/** `schedule …` */
export const scheduleCommands: Command[] = [
  {
    names: ['schedule create'],
    what: 'Creates or replaces a schedule from its YAML file.',
    inWorkspace: true,
    options: definition,
    run: async (parsed) => (await work()).createOne(parsed, definition),
  },
  {
    names: ['schedule list'],
    what: 'Lists enabled schedules.',
    inWorkspace: true,
    options: {
      ...limited,
      'include-disabled': flag('Lists disabled ones too.'),
      'disabled-only': flag('Lists disabled ones alone.'),
    },
    run: async (parsed) => (await work()).listSchedules(parsed),
  },
  {
    names: ['schedule show'],
    what: 'Shows a schedule: when it starts its job, and what came of the last time.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).showSchedule(parsed),
  },
  {
    names: ['schedule update'],
    what: 'Changes a schedule that is there.',
    inWorkspace: true,
    options: { ...named, set: definition.set },
    run: async (parsed) => (await import('../work/updateSchedule.ts')).updateSchedule(parsed),
  },
  {
    names: ['schedule enable'],
    what: 'Lets a schedule start its job again.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).turn(parsed, true),
  },
  {
    names: ['schedule disable'],
    what: 'Keeps a schedule from starting its job.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).turn(parsed, false),
  },
  {
    names: ['schedule trigger'],
    what: "Starts a schedule's job now.",
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).triggerSchedule(parsed),
  },
  {
    names: ['schedule delete'],
    what: 'Deletes a schedule; jobs that it started stay.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).deleteSchedule(parsed),
  },
];
