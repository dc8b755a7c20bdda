import { commands, type Disposable, window } from 'vscode';
import { formatDuration } from '../../base/text.ts';
import type { StartedJobs } from '../state/startedJobs.ts';
import { durationOf, titleOf } from './jobItem.ts';

/** Says when a job ended that was started in this window. */
export function endNotices(started: StartedJobs): Disposable {
  return started.onDidEnd(async (job) => {
    const duration = durationOf(job);
    const took = duration === undefined ? '' : ` after ${formatDuration(duration)}`;
    const { status, error } = job.properties;
    if (status === 'Failed') {
      const chosen = await window.showErrorMessage(
        `${titleOf(job)} failed${took}: ${error?.message ?? 'see its log'}`,
        'Show Reason',
        'Open',
      );
      if (chosen) void commands.executeCommand(chosen === 'Open' ? 'updraft.job.open' : 'updraft.job.revealError', job.name);
      return;
    }
    const what = status === 'Completed' ? `${titleOf(job)} completed${took}.` : `${titleOf(job)} was canceled${took}.`;
    if (await window.showInformationMessage(what, 'Open')) void commands.executeCommand('updraft.job.open', job.name);
  });
}
