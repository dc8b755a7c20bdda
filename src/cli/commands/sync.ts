import type { Command, Options } from '../command.ts';
import { flag, text } from '../options.ts';

const sync = () => import('../work/sync.ts');
const control = () => import('../work/syncControl.ts');

const data = { data: text('The data folder of this machine.', { value: 'FOLDER' }) };
const way: Options = {
  to: text(
    'Name (updraft remote) or address of the other control plane, which you have signed in to, or "local" for the one of this machine.',
    { value: 'NAME|URL' },
  ),
  'to-workspace': text('The workspace there; the only one that you see when absent.', { value: 'NAME' }),
};

const selection: Options = {
  experiment: text('All jobs of this experiment.', { value: 'NAME' }),
  tag: text('All jobs with this tag.', { value: 'KEY=VALUE' }),
  keep: flag('Goes on with it: each new job of the experiment, or with the tag, is sent, too.'),
  'no-wait': flag('Does not wait until they are sent: a process in the background sends them.'),
};

/** Jobs that ran on one control plane and are to be on another one, too. */
export const syncCommands: Command[] = [
  {
    names: ['sync push'],
    what: 'Sends jobs to another control plane, with their steps, code, data, files, log and metrics; a job that runs is sent as it goes on, until it has ended. Without names those that still wait.',
    words: 'NAME…',
    inWorkspace: true,
    options: {
      ...way,
      ...selection,
    },
    run: async (parsed) => (await sync()).pushThem(parsed),
  },
  {
    names: ['sync pull'],
    what: 'Brings jobs of another control plane to this machine, as "sync push" sends them. A step that failed there can be debugged here then.',
    words: 'NAME…',
    inWorkspace: true,
    options: {
      from: text('Name (updraft remote) or address of the other control plane; the one that you signed in to when absent.', {
        value: 'NAME|URL',
      }),
      'from-workspace': text('The workspace there; the only one that you see when absent.', { value: 'NAME' }),
      ...selection,
    },
    run: async (parsed) => (await sync()).pullThem(parsed),
  },
  {
    names: ['sync forget'],
    what: 'Ends what "sync push --keep" began. What was sent stays.',
    inWorkspace: true,
    options: {
      ...way,
      experiment: text('The experiment.', { value: 'NAME' }),
      tag: text('The tag.', { value: 'KEY=VALUE' }),
    },
    run: async (parsed) => (await import('../work/keepInStep.ts')).forget(parsed),
  },
  {
    names: ['sync status'],
    what: 'Says how far sending is: in step, how many are left, what is on its way, which control plane is away.',
    options: data,
    run: async (parsed) => (await control()).statusOfIt(parsed),
  },
  {
    names: ['sync conflicts'],
    what: 'Lists what two control planes have written of the same job, neither knowing of the other: both values, by whom and when, and which counts.',
    words: 'NAME…',
    inWorkspace: true,
    options: {
      'take-other': text('Makes the other value of this field count: displayName, description, isArchived or tags/KEY.', {
        value: 'FIELD',
      }),
    },
    run: async (parsed) => (await import('../work/syncConflicts.ts')).showConflicts(parsed),
  },
  {
    names: ['sync list'],
    what: 'Lists the jobs that wait to be sent, are followed until they have ended, were sent, or were refused.',
    options: data,
    run: async (parsed) => (await sync()).listThem(parsed),
  },
  {
    names: ['sync pause'],
    what: 'Sends nothing, until "sync resume".',
    options: data,
    run: async (parsed) => (await control()).pause(parsed),
  },
  {
    names: ['sync resume'],
    what: 'Goes on after a pause, and tries what waits at once, whatever the hour.',
    options: data,
    run: async (parsed) => (await control()).resume(parsed),
  },
  {
    names: ['sync limit'],
    what: 'Limits sending to so many bytes a second, or to some hours of the day.',
    options: {
      ...data,
      limit: text('Bytes a second, of all jobs together: 2MB/s, 500kB/s; "none" for as fast as it goes.', { value: 'RATE' }),
      hours: text('Full hours of the day: 20-6 is the evening and the night; "none" for the whole day.', { value: 'FROM-TO' }),
    },
    run: async (parsed) => (await control()).limit(parsed),
  },
  {
    names: ['sync run'],
    what: 'Sends what waits and what is kept in sync, until it is ended. One process a data folder; "sync push" starts one when it is needed.',
    options: {
      ...data,
      'on-demand': flag('Started by a program: gets tokens through standard input, and ends when there is nothing to do.'),
    },
    run: async (parsed) => (await import('../work/syncProcess.ts')).runProcess(parsed),
  },
  {
    names: ['sync stop'],
    what: 'Ends the process that sends. What waits stays, and is sent by the next one.',
    options: data,
    run: async (parsed) => (await control()).stop(parsed),
  },
];
