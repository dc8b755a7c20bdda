import { plural } from '../../base/text.ts';
import { isTerminal, titleOf } from '../../protocol/job.ts';
import { confirm, jobArguments } from './arguments.ts';
import type { Command } from './command.ts';

export const jobDelete: Command = {
  id: 'updraft.job.delete',
  async run(app, argument, selection) {
    const jobs = await jobArguments(app, argument, selection, 'Delete a job', (job) => isTerminal(job.properties.status ?? 'Unknown'));
    if (jobs.length === 0) return;
    const what = jobs.length === 1 ? `"${titleOf(jobs[0]!)}"` : plural(jobs.length, 'job');
    const whose = jobs.length === 1 ? 'Its' : 'Their';
    const detail = `${whose} logs, metrics, artifacts and steps are deleted too, and this can't be undone. Registered models and data stay.`;
    await confirm(`Delete ${what}?`, 'Delete', detail);
    const client = await app.plane.client();
    for (const job of jobs) await client.deleteJob(job.name);
  },
};
