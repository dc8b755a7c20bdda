import { window } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { allPages } from '../../client/planeClient.ts';
import type { Schedule } from '../../protocol/schedule.ts';
import { triggerText } from '../../protocol/triggerText.ts';
import type { ScheduleNode } from '../state/schedules.ts';
import { cancelled } from './arguments.ts';
import type { App } from './command.ts';

/** The schedule that a command was called for, as it is now: a node of the view, a name, else the user's choice. */
export async function scheduleArgument(
  app: App,
  argument: unknown,
  prompt: string,
  fits: (schedule: Schedule) => boolean = () => true,
): Promise<Schedule> {
  const client = await app.plane.client();
  const name = typeof argument === 'string' ? argument : (argument as Partial<ScheduleNode> | undefined)?.name;
  if (typeof name === 'string') return client.getSchedule(name);
  const found = await Array.fromAsync(allPages((next) => client.listSchedules('All', next)));
  const items = found.filter(fits).map((schedule) => ({
    label: schedule.properties.displayName || schedule.name,
    description: triggerText(schedule.properties.trigger),
    schedule,
  }));
  if (items.length === 0)
    throw new UserError(
      'NotFound',
      'There is no schedule for this yet.',
      'Create one from its YAML file with "Updraft: Create a Schedule".',
    );
  const chosen = await window.showQuickPick(items, { title: prompt, placeHolder: 'Choose a schedule' });
  return chosen?.schedule ?? cancelled();
}
