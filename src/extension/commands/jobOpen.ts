import { titleOf } from '../../protocol/job.ts';
import { jobArgument } from './arguments.ts';
import type { Command } from './command.ts';
import { achieved } from './walkthrough.ts';

export const jobOpen: Command = {
  id: 'updraft.job.open',
  async run(app, argument, tab, toTheSide) {
    const job = await jobArgument(app, argument, 'Open the dashboard of a job', ({ name }) => name !== app.panels.activeJob);
    app.panels.open({ page: 'job', name: job.name, ...(typeof tab === 'string' ? { tab } : {}) }, titleOf(job), {
      toTheSide: toTheSide === true,
    });
    await achieved('hasOpenedDashboard');
  },
};
