import { window } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { cancelDownload } from '../../client/localModels.ts';
import type { DownloadNode } from '../state/machineModels.ts';
import { cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';

/** Ends a download; what has come is kept for the next try. */
export const languageModelCancel: Command = {
  id: 'updraft.languageModel.cancelDownload',
  async run(app, argument) {
    const name = (argument as Partial<DownloadNode> | undefined)?.name ?? (await choose(app));
    await cancelDownload((await app.plane.client()).http, name);
  },
};

async function choose({ machineModels }: App): Promise<string> {
  const running = (await machineModels.list()).downloads.filter(({ status }) => status === 'Running').map(({ name }) => name);
  if (running.length === 0) throw new UserError('NotFound', 'No language model is being downloaded.');
  return (await window.showQuickPick(running, { title: 'Cancel a download', placeHolder: 'Choose a model' })) ?? cancelled();
}
