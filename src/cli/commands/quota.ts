import type { Command } from '../command.ts';
import { text, whole } from '../options.ts';

const work = () => import('../work/quotas.ts');

const whose = {
  name: text('Whose: a person by name, "default" for everybody without one of their own, "workspace" for all jobs together.', {
    short: 'n',
    value: 'NAME',
  }),
};

/** What jobs may use. */
export const quotaCommands: Command[] = [
  {
    names: ['quota list'],
    what: 'Lists the quotas of the workspace, and what is used of them.',
    inWorkspace: true,
    options: {},
    run: async (parsed) => (await work()).listQuotas(parsed),
  },
  {
    names: ['quota set'],
    what: 'Limits what the jobs of a person, of everybody or of the whole workspace may use. What is not said stays as it is.',
    words: 'NAME',
    inWorkspace: true,
    options: {
      ...whose,
      'jobs-at-once': text('Jobs that run at the same time; others wait. "none": no limit.', { value: 'N' }),
      'storage-gb': text('GB of storage; beyond that, jobs and uploads are refused. "none": no limit.', { value: 'GB' }),
      'running-hours': text('Hours that jobs may run; once they are used up, jobs are refused. "none": no limit.', { value: 'H' }),
      'window-days': whole('Days over which these hours are counted; 30 where nothing is said.', { value: 'DAYS' }),
    },
    run: async (parsed) => (await work()).setQuota(parsed),
  },
  {
    names: ['quota delete'],
    what: 'Takes a quota away. Without one of their own, people have the default.',
    words: 'NAME',
    inWorkspace: true,
    options: whose,
    run: async (parsed) => (await work()).deleteQuota(parsed),
  },
];
