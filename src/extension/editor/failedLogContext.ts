import { commands, Disposable, window } from 'vscode';
import { aside } from '../../base/aside.ts';
import type { Logger } from '../../base/logger.ts';
import { parseJobUri } from '../documents/jobUri.ts';
import type { ShownJob } from '../state/shownJob.ts';

/** Keeps the context key `updraft.isFailedLog`: the active editor has the log of a job that failed, so that there is a reason to jump to. */
export function failedLogContext(shown: ShownJob, log: Logger): Disposable {
  const look = () => {
    const file = window.activeTextEditor && parseJobUri(window.activeTextEditor.document.uri);
    shown.show(file?.area === 'log' ? file.job : undefined);
  };
  const subscriptions = Disposable.from(
    shown.onDidChange((job) =>
      aside('context', commands.executeCommand('setContext', 'updraft.isFailedLog', job?.properties.status === 'Failed'), log),
    ),
    window.onDidChangeActiveTextEditor(look),
  );
  look();
  return subscriptions;
}
