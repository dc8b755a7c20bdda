import { downloadJob } from '../../download/downloadJob.ts';
import { isTerminal } from '../../protocol/job.ts';
import { jobArgument } from './arguments.ts';
import { saveInto } from './chooseFolder.ts';
import type { Command } from './command.ts';

export const jobDownload: Command = {
  id: 'updraft.job.download',
  async run(app, argument) {
    const job = await jobArgument(app, argument, 'Download outputs and artifacts of a job', (each) =>
      isTerminal(each.properties.status ?? 'Unknown'),
    );
    const client = await app.plane.client();
    await saveInto(app, job.name, (folder, signal) => downloadJob(client, job, folder, undefined, signal));
  },
};
