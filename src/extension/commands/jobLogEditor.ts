import { languages, type TextEditor, window, workspace } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { allPages } from '../../client/planeClient.ts';
import { isPipeline, isTerminal, type Job, jobProperty, titleOf } from '../../protocol/job.ts';
import { jobUri } from '../documents/jobUri.ts';
import { logLanguage } from '../editor/followLog.ts';
import { foldSetup } from '../editor/setupFold.ts';
import { clockTime } from '../views/jobItem.ts';
import { cancelled } from './arguments.ts';
import type { App } from './command.ts';

/** The job whose log answers for `job`: of a pipeline a step (the one to blame, or the user's choice), of a reused step the run that did the work. */
export async function jobWithLog(app: App, job: Job, { toBlame = false } = {}): Promise<Job> {
  const client = await app.plane.client();
  const original = job.properties.properties?.[jobProperty.reusedFrom];
  if (original) return jobWithLog(app, await client.getJob(original), { toBlame });
  if (!isPipeline(job)) return job;
  const steps: Job[] = [];
  for await (const step of allPages((next) => client.listJobs({ parent: job.name, top: 1000 }, next))) steps.unshift(step);
  if (steps.length === 0)
    throw new UserError('NotFound', `${titleOf(job)} has not started a step yet.`, 'Its log is there as soon as one runs.');
  const failed = steps.find((step) => step.properties.status === 'Failed');
  if (toBlame && failed) return jobWithLog(app, failed, { toBlame });
  const running = steps.filter((step) => !isTerminal(step.properties.status ?? 'Unknown'));
  if (steps.length === 1 || running.length === 1) return jobWithLog(app, running[0] ?? steps[0]!, { toBlame });
  const chosen = await window.showQuickPick(
    steps.map((step) => ({
      label: titleOf(step),
      description: `${step.properties.status ?? ''}${step.properties.startedAt ? ` · ${clockTime(step.properties.startedAt)}` : ''}`,
      step,
    })),
    { title: `Log of ${titleOf(job)}`, placeHolder: 'Choose a step' },
  );
  return chosen ? jobWithLog(app, chosen.step, { toBlame }) : cancelled();
}

/** Opens a command job's log in an editor tab. */
export async function showLog(job: Job): Promise<TextEditor> {
  const file = `${titleOf(job).replace(/[\\/:*?"<>|#]+/g, '_')}.log`;
  const document = await workspace.openTextDocument(jobUri(job.name, 'log', file));
  const editor = await window.showTextDocument(await languages.setTextDocumentLanguage(document, logLanguage), { preview: false });
  await foldSetup(editor);
  return editor;
}
