import path from 'node:path';
import { commands, window, workspace } from 'vscode';
import { plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { fileArgument } from './arguments.ts';
import type { Command } from './command.ts';

export const jobValidate: Command = {
  id: 'updraft.job.validate',
  async run(app, argument) {
    const uri = await fileArgument(argument, 'Validate a YAML file');
    const name = path.basename(uri.fsPath);
    const diagnostics = app.problems.check(await workspace.openTextDocument(uri));
    if (!diagnostics)
      throw new UserError(
        'UnknownKind',
        `${name} is not recognised as Azure ML YAML.`,
        'Add "$schema", or "type: command" or "type: pipeline".',
      );
    const errors = diagnostics.filter((each) => each.severity === 'error').length;
    if (errors === 0) {
      void window.showInformationMessage(
        `${name} is valid${diagnostics.length ? `, with ${plural(diagnostics.length, 'remark')} in the Problems panel` : ''}.`,
      );
      return;
    }
    await commands.executeCommand('workbench.actions.view.problems');
    void window.showErrorMessage(`${name} has ${plural(errors, 'problem')}.`);
  },
};
