import { ProgressLocation, type Uri, window } from 'vscode';
import { titleOf } from '../../protocol/job.ts';
import type { SubmitOptions } from '../../submit/submitJob.ts';
import { saveFilesOfJobs } from '../editor/saveFilesOfJobs.ts';
import { requireFile, requireTrust } from './arguments.ts';
import type { App } from './command.ts';
import { revealStartedJob } from './revealStartedJob.ts';
import { achieved } from './walkthrough.ts';

/** Saves, checks and submits a file, then shows the job. */
export async function submitFile(
  app: App,
  uri: Uri,
  changes: Pick<SubmitOptions, 'overrides' | 'name' | 'experiment' | 'displayName'> = {},
): Promise<void> {
  requireTrust('Submitting');
  const file = requireFile(uri);
  await saveFilesOfJobs();
  const { job } = await window.withProgress(
    { location: ProgressLocation.Notification, title: 'Updraft', cancellable: true },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      progress.report({ message: 'Checking…' });
      const { submitJob } = await import('../../submit/submitJob.ts');
      const client = await app.plane.client();
      return submitJob({
        client,
        file,
        ...changes,
        onProgress: (message) => progress.report({ message }),
        signal: abort.signal,
      });
    },
  );
  app.log.info(`Submitted ${titleOf(job)} as ${job.name}`);
  await revealStartedJob(app, job);
  await achieved('hasSubmitted');
}
