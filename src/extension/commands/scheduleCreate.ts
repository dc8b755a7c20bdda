import { window, workspace } from 'vscode';
import { aside } from '../../base/aside.ts';
import { scheduleProperty } from '../../protocol/schedule.ts';
import { clockTime } from '../views/jobItem.ts';
import { requireFile, requireTrust, scheduleFileArgument } from './arguments.ts';
import type { Command } from './command.ts';

/** Creates the schedule that a YAML file describes, or replaces it. */
export const scheduleCreate: Command = {
  id: 'updraft.schedule.create',
  async run(app, argument) {
    requireTrust('Creating a schedule');
    const uri = await scheduleFileArgument(app, argument, 'Create a schedule from YAML');
    const file = requireFile(uri);
    for (const document of workspace.textDocuments) if (document.isDirty && document.uri.scheme === 'file') await document.save();
    const { createSchedule } = await import('../../submit/createSchedule.ts');
    const { name, properties } = await createSchedule(await app.plane.client(), file);
    const next = properties.properties?.[scheduleProperty.next];
    const what = next
      ? `It starts its job next at ${clockTime(next)}.`
      : (properties.properties?.[scheduleProperty.note] ?? 'It has no time to come.');
    aside('message', window.showInformationMessage(`Created the schedule ${name}. ${what}`), app.log);
  },
};
