import { confirm } from './arguments.ts';
import type { Command } from './command.ts';
import { scheduleArgument } from './scheduleArgument.ts';

export const scheduleDelete: Command = {
  id: 'updraft.schedule.delete',
  async run(app, argument) {
    const { name, properties } = await scheduleArgument(app, argument, 'Delete a schedule');
    await confirm(
      `Delete the schedule "${properties.displayName || name}"?`,
      'Delete',
      'It starts no job any more. Jobs that it started stay.',
    );
    await (await app.plane.client()).deleteSchedule(name);
  },
};
