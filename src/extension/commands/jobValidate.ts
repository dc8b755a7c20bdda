import path from 'node:path';
import { commands, window, workspace } from 'vscode';
import { aside } from '../../base/aside.ts';
import { plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { specArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { offer, remedies } from './remedy.ts';

export const jobValidate: Command = {
  id: 'updraft.job.validate',
  async run(app, argument) {
    const uri = await specArgument(app, argument, 'Validate a YAML file');
    const name = path.basename(uri.fsPath);
    await workspace.openTextDocument(uri);
    const { isOurs, errors, remarks } = await app.language.check(uri);
    if (!isOurs)
      throw new UserError(
        'UnknownKind',
        `${name} is not recognised as Azure ML YAML.`,
        'Add "$schema", or "type: command" or "type: pipeline".',
      );
    if (errors === 0) {
      const told = remarks
        ? offer('information', `${name} is valid, with ${plural(remarks, 'remark')}.`, remedies.showProblems)
        : window.showInformationMessage(`${name} is valid.`);
      aside('message', told, app.log);
      return;
    }
    await commands.executeCommand('workbench.actions.view.problems');
    aside('message', window.showErrorMessage(`${name} has ${plural(errors, 'problem')}.`), app.log);
  },
};
