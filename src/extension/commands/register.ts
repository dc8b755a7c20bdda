import path from 'node:path';
import { commands, type Disposable, window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { plural } from '../../base/text.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { ValidationFailed } from '../../submit/validationFailed.ts';
import type { App, Command } from './command.ts';
import { offer, remedies, remedyOf } from './remedy.ts';
import { requireRight } from './rights.ts';

/** Registers the commands, each with the one way in which errors reach the user. */
export function registerCommands(app: App, all: readonly Command[]): Disposable[] {
  return all.map(({ id, run }) =>
    commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        requireRight(app, id);
        return await run(app, ...args);
      } catch (error) {
        if (!isCancellation(error)) await showError(app, error);
      }
    }),
  );
}

const isCancellation = (error: unknown) => error instanceof Error && (error.name === 'AbortError' || error.name === 'Canceled');

async function showError(app: App, error: unknown): Promise<void> {
  app.log.error(error instanceof Error ? error : String(error));
  if (error instanceof ValidationFailed) {
    const count = error.diagnostics.filter((each) => each.severity === 'error').length;
    for (const file of new Set(error.diagnostics.map((each) => each.file)))
      app.problems.show(
        file,
        error.diagnostics.filter((each) => each.file === file),
      );
    const where = path.basename(error.place?.file ?? '');
    const text = `${where} has ${plural(count, 'problem')}: ${error.message} Nothing was submitted.`;
    if (await window.showErrorMessage(text, 'Show Problems')) await commands.executeCommand('workbench.actions.view.problems');
  } else if (error instanceof UserError) {
    aside(
      'message',
      offer(
        'error',
        messageOf(error).replaceAll('\n', ' '),
        app.plane.state === 'signedOut' && error.code === 'Unauthorized' ? remedies.signIn : remedyOf(error),
      ),
      app.log,
    );
  } else if (await window.showErrorMessage(`Updraft: ${messageOf(error)}`, 'Show Log')) app.log.show();
}
