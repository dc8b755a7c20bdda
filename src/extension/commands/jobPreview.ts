import { languages, ProgressLocation, ViewColumn, window, workspace } from 'vscode';
import { languageId } from '../language/language.ts';
import { fileArgument, requireFile } from './arguments.ts';
import type { Command } from './command.ts';

/** Shows what a submission of a file would run, beside the file. */
export const jobPreview: Command = {
  id: 'updraft.job.preview',
  async run(app, argument) {
    const file = requireFile(await fileArgument(app, argument, 'Show what will run'));
    const { uri } = await window.withProgress({ location: ProgressLocation.Window, title: 'Working out what will run' }, () =>
      app.previews.make({ of: 'plan', file }),
    );
    const document = await workspace.openTextDocument(uri);
    await languages.setTextDocumentLanguage(document, languageId);
    await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true });
  },
};
