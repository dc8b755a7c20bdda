import path from 'node:path';
import { commands, Uri, window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { cancelled } from './arguments.ts';
import type { App } from './command.ts';
import { showFinetuning } from './finetuningOpen.ts';
import { freeFileName, writeAndOpen } from './newFile.ts';

/** Asks for a file or a folder of examples, and fills it in: dialogs of most systems can't ask for either. */
export async function chooseExamples(app: Pick<App, 'panels'>, { which, kind }: Record<string, string>): Promise<void> {
  const start = workspace.workspaceFolders?.[0]?.uri;
  const field = which === 'validation' ? 'validation' : 'training';
  const chosen = await window.showOpenDialog({
    title: field === 'training' ? 'Examples to learn from' : 'Examples to validate with',
    openLabel: 'Choose',
    ...(kind === 'folder' ? { canSelectFolders: true, canSelectFiles: false } : { filters: { 'JSON Lines': ['jsonl', 'ndjson', 'json'] } }),
    ...(start ? { defaultUri: start } : {}),
  });
  if (!chosen?.[0]) cancelled();
  showFinetuning(app, { [field]: chosen[0].fsPath });
}

/** Writes the YAML of the form beside the training data, opens it, and submits it if that is asked for. */
export async function saveFinetuning({ data, text, submit }: Record<string, string>): Promise<void> {
  if (!data || !text || !path.isAbsolute(data)) throw new UserError('InvalidArgument', 'The form has no training data yet.');
  const folder = Uri.file(path.dirname(data));
  const file = Uri.joinPath(folder, await freeFileName(folder, 'finetune'));
  await writeAndOpen(file, text);
  if (submit === 'true') await commands.executeCommand('updraft.job.submit', file);
}
