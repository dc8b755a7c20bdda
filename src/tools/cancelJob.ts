import { inLine } from './inLine.ts';
import { fields, jobField } from './jobField.ts';
import { tool } from './tool.ts';

export const cancelJob = tool({
  name: 'cancel_job',
  title: 'Cancel a job',
  what: 'Cancels a job that has not ended, with its steps. What it has written so far is kept.',
  schema: fields({ job: jobField }),
  changes: {
    isDestructive: true,
    question: ({ job }) => ({ title: 'Cancel a job', message: `Cancel the job ${inLine(job)}? What it has written so far is kept.` }),
  },
  async run({ job }, { client }) {
    await client.cancelJob(job);
    return `${job} is ${(await client.getJob(job)).properties.status}.`;
  },
});
