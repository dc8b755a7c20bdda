import { Uri, window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { jobProperty } from '../../protocol/job.ts';
import type { Command } from './command.ts';
import { scheduleArgument } from './scheduleArgument.ts';

/** Opens the file from which a schedule was created: changes of it count once the schedule is created again. */
export const scheduleOpenYaml: Command = {
  id: 'updraft.schedule.openYaml',
  async run(app, argument) {
    const { name, properties } = await scheduleArgument(app, argument, 'Open the YAML of a schedule');
    const file = properties.properties?.[jobProperty.submittedFile];
    const uri = file === undefined ? undefined : Uri.file(file);
    const isThere =
      uri &&
      (await Promise.resolve(workspace.fs.stat(uri)).then(
        () => true,
        () => false,
      ));
    if (!isThere)
      throw new UserError(
        'NotFound',
        file
          ? `The file of the schedule ${name} is not there any more: ${file}.`
          : `The schedule ${name} was not created from a file of this machine.`,
        `"updraft schedule show --name ${name}" tells what it starts, and when.`,
      );
    await window.showTextDocument(uri);
  },
};
