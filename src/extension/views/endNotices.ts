import { commands, type Disposable, window } from 'vscode';
import { formatDuration, shortened } from '../../base/text.ts';
import { type Job, titleOf } from '../../protocol/job.ts';
import type { StartedJobs } from '../state/startedJobs.ts';
import { durationOf } from './jobItem.ts';

/** Says when a job ended that was started in this window, unless its dashboard is on screen, which says so itself. */
export function endNotices(started: StartedJobs, isShown: (job: string) => boolean, onError: (error: unknown) => void): Disposable {
  return started.onDidEnd((job) => {
    if (!isShown(job.name)) tellEnd(job).catch(onError);
  });
}

async function tellEnd(job: Job): Promise<void> {
  const duration = durationOf(job);
  const took = duration === undefined ? '' : ` after ${formatDuration(duration)}`;
  const { status, error } = job.properties;
  const name = shortened(titleOf(job), 80);
  if (status === 'Failed') {
    const chosen = await window.showErrorMessage(`${name} failed${took}: ${error?.message ?? 'see its log'}`, 'Show Reason', 'Open');
    if (chosen) await commands.executeCommand(chosen === 'Open' ? 'updraft.job.open' : 'updraft.job.revealError', job.name);
    return;
  }
  const what = status === 'Completed' ? `${name} completed${took}.` : `${name} was canceled${took}.`;
  if (await window.showInformationMessage(what, 'Open')) await commands.executeCommand('updraft.job.open', job.name);
}
