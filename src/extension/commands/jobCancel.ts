import { window } from 'vscode';
import { plural } from '../../base/text.ts';
import { originOf } from '../../protocol/copiedJob.ts';
import { isTerminal, type Job, titleOf } from '../../protocol/job.ts';
import { cancelled, jobArguments } from './arguments.ts';
import type { Command } from './command.ts';

/** Whether a job runs, and runs here: what becomes of a copy is decided elsewhere. */
const isCanceledHere = ({ properties }: Job): boolean => !isTerminal(properties.status ?? 'Unknown') && originOf(properties) === undefined;

/** Cancels jobs after a question: what a job has computed so far is lost by a slip of the mouse. */
export const jobCancel: Command = {
  id: 'updraft.job.cancel',
  async run(app, argument, selection) {
    const active = await jobArguments(app, argument, selection, 'Cancel a job', isCanceledHere);
    if (active.length === 0) return;
    const one = active.length === 1;
    const what = one ? `"${titleOf(active[0]!)}"` : plural(active.length, 'job');
    const yes = { title: one ? 'Cancel the Job' : 'Cancel the Jobs' };
    // The editor's own way out of a question is called "Cancel", which is just what is asked about.
    const no = { title: 'Keep Running', isCloseAffordance: true };
    const detail = `What ${one ? 'it has' : 'they have'} written so far is kept.`;
    if ((await window.showWarningMessage(`Cancel ${what}?`, { modal: true, detail }, yes, no)) !== yes) cancelled();
    const client = await app.plane.client();
    await Promise.all(
      active.map(async (job) => {
        // Whoever cancels a job knows how it ends.
        app.started.forget(job.name);
        await client.cancelJob(job.name);
      }),
    );
  },
};
