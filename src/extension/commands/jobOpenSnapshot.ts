import { Range, window, workspace } from 'vscode';
import { formatBytes } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { allPages } from '../../client/planeClient.ts';
import { isPipeline, type Job, titleOf } from '../../protocol/job.ts';
import { jobUri } from '../documents/jobUri.ts';
import { cancelled, jobArgument } from './arguments.ts';
import type { App, Command } from './command.ts';

/** Opens a file of the code that ran. From a page it is told which, and at which line. */
export const jobOpenSnapshot: Command = {
  id: 'updraft.job.openSnapshot',
  async run(app, argument, file, line) {
    const job = await jobArgument(app, argument, 'Open the code that ran');
    const at = typeof line === 'number' && line > 0 ? { selection: new Range(line - 1, 0, line - 1, 0) } : {};
    if (typeof file === 'string' && file) {
      await window.showTextDocument(await workspace.openTextDocument(await app.sources.find(job.name, file)), at);
      return;
    }
    const jobs = isPipeline(job) ? await stepsOf(app, job) : [job];
    const files = (
      await Promise.all(
        jobs.map(async (each) => (await app.files.files(each.name, 'code').catch(() => [])).map((entry) => ({ ...entry, job: each }))),
      )
    ).flat();
    if (files.length === 0)
      throw new UserError('NotFound', `${titleOf(job)} ran without a code folder.`, 'Its command is in the YAML that was submitted.');
    const chosen =
      files.length === 1
        ? files[0]
        : (
            await window.showQuickPick(
              files.map((entry) => ({
                label: entry.path,
                description: [jobs.length > 1 ? titleOf(entry.job) : '', formatBytes(entry.size)].filter(Boolean).join(' · '),
                entry,
              })),
              { title: `Code of ${titleOf(job)}`, placeHolder: 'Choose a file', matchOnDescription: true },
            )
          )?.entry;
    if (!chosen) cancelled();
    await window.showTextDocument(await workspace.openTextDocument(jobUri(chosen.job.name, 'code', chosen.path)));
  },
};

async function stepsOf(app: App, job: Job): Promise<Job[]> {
  const client = await app.plane.client();
  const steps: Job[] = [];
  for await (const step of allPages((next) => client.listJobs({ parent: job.name, top: 1000 }, next))) steps.unshift(step);
  return steps;
}
