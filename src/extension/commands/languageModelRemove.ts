import { window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { formatBytes } from '../../base/text.ts';
import { forgetDownload, removeModel } from '../../client/localModels.ts';
import type { DownloadNode } from '../state/machineModels.ts';
import { confirm } from './arguments.ts';
import type { Command } from './command.ts';
import { localModelArgument } from './localModelArgument.ts';

/** Removes a model from Updraft's own store, or what came of a download that ended early. */
export const languageModelRemove: Command = {
  id: 'updraft.languageModel.remove',
  async run(app, argument) {
    const { http } = await app.plane.client();
    const node = argument as Partial<DownloadNode> | undefined;
    if (node?.kind === 'download') {
      const { name, done } = node.download!;
      await confirm(`Remove what came of ${name}?`, 'Remove', `${formatBytes(done)} are here. The next try begins anew.`);
      await forgetDownload(http, name);
      return;
    }
    const { name, bytes, source } = await localModelArgument(app, argument, 'Remove a language model', ({ isOwn }) => isOwn);
    const again = source ? ' It can be got again.' : '';
    await confirm(`Remove ${name}?`, 'Remove', `It frees ${formatBytes(bytes)}, and is gone for all workspaces.${again}`);
    const freed = await removeModel(http, name);
    aside('message', window.showInformationMessage(`${name} was removed, which frees ${formatBytes(freed)}.`), app.log);
  },
};
