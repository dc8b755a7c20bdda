import { commands, ProgressLocation, window } from 'vscode';
import { formatBytes } from '../../base/text.ts';
import { cancelDownload } from '../../client/localModels.ts';
import type { ModelDownload } from '../../protocol/localModels.ts';
import type { App } from './command.ts';

/** Shows a download of a model in a notice that can cancel it, until it has ended; then says what came of it. */
export async function followDownload({ plane, machineModels, log }: App, name: string): Promise<void> {
  const followed = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Getting ${name}`, cancellable: true },
    (progress, token) => {
      let shown = 0;
      token.onCancellationRequested(() => {
        plane
          .client()
          .then((client) => cancelDownload(client.http, name))
          .then(undefined, (error) => log.error(`cancel of ${name}`, error));
      });
      return machineModels.follow(name, ({ done, total, isWaiting }) => {
        const share = total > 0 ? Math.floor((100 * done) / total) : 0;
        const message = isWaiting
          ? 'another process gets it already'
          : total > 0
            ? `${formatBytes(done)} of ${formatBytes(total)}`
            : formatBytes(done);
        progress.report({ message, increment: share - shown });
        shown = share;
      });
    },
  );
  if (followed) await tell(name, followed.ended);
}

async function tell(name: string, ended: ModelDownload | undefined): Promise<void> {
  if (!ended) {
    const open = 'Open in Playground';
    if ((await window.showInformationMessage(`${name} is on this machine.`, open)) === open)
      await commands.executeCommand('updraft.playground.open', name);
  } else if (ended.status !== 'Canceled') {
    const goOn = 'Go On';
    const why = ended.status === 'Failed' ? [ended.error, ended.hint].filter(Boolean).join(' ') : 'The control plane ended meanwhile.';
    if ((await window.showErrorMessage(`${name} was not got. ${why}`, goOn)) === goOn)
      await commands.executeCommand('updraft.languageModel.get', ended.asked);
  }
}
