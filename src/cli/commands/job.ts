import type { Command } from '../command.ts';
import { archived, definition, flag, limited, named, pairs, path, text, web } from '../options.ts';

const work = () => import('../work/jobs.ts');

/** `job …` */
export const jobCommands: Command[] = [
  {
    names: ['job create', 'job submit'],
    what: 'Submits a job from its YAML file.',
    inWorkspace: true,
    options: {
      file: definition.file,
      set: definition.set,
      ...named,
      to: text(
        'Submits it to this control plane, with the assets that it names and that are missing there: name (updraft remote), address, or "local".',
        {
          value: 'NAME|URL',
        },
      ),
      'to-workspace': text('The workspace there; the only one that you see when absent.', { value: 'NAME' }),
      'map-compute': pairs('What computes of the file are called there; kept in .updraft/config.yml: --map-compute cpu-cluster=gpu-box.', {
        value: 'HERE=THERE',
      }),
      'dry-run': flag('Says what would run and what would be sent, and sends nothing.'),
      'experiment-name': text('Experiment, over the one of the file.', { value: 'NAME' }),
      stream: flag('Follows the job to its end.', { short: 's' }),
      ...web,
      'save-as': path('Writes the job as YAML to this file.', { short: 'a', value: 'FILE' }),
      'skip-validation': flag('The file is checked all the same.'),
    },
    run: async (parsed) => (await work()).createJob(parsed),
  },
  {
    names: ['job stream'],
    what: 'Follows a job to its end. Exits with 1 when it did not complete.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).streamJob(parsed),
  },
  {
    names: ['job list'],
    what: 'Lists jobs, newest first.',
    inWorkspace: true,
    options: {
      ...limited,
      'all-results': flag('Lists all.'),
      'parent-job-name': text('Lists the steps or trials of this job.', { short: 'p', value: 'NAME' }),
      'experiment-name': text('Lists those of this experiment.', { value: 'NAME' }),
      status: text('Lists those with one of these, with commas between: Failed,Canceled.', { value: 'STATUS' }),
      search: text('Lists those with this text in their names.'),
      ...archived,
    },
    run: async (parsed) => (await work()).listJobs(parsed),
  },
  {
    names: ['job show'],
    what: 'Shows one job.',
    inWorkspace: true,
    options: { ...named, ...web },
    run: async (parsed) => (await work()).showJob(parsed),
  },
  {
    names: ['job cancel'],
    what: 'Asks a job, with all its steps, to end.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).cancelJob(parsed),
  },
  {
    names: ['job download'],
    what: "Brings a job's outputs and artifacts to this machine.",
    inWorkspace: true,
    options: {
      ...named,
      'output-name': text('Brings this output alone.', { value: 'NAME' }),
      'download-path': path('Folder that they come to.', { short: 'p', value: 'DIR' }),
      all: flag('Brings all outputs; they come anyway.'),
    },
    run: async (parsed) => (await work()).downloadJobFiles(parsed),
  },
  {
    names: ['job debug'],
    what: "Runs a failed job's command again on this machine, under Python's debugger.",
    inWorkspace: true,
    options: { ...named, print: flag('Prints how a debugger starts it, as JSON, and starts nothing.') },
    run: async (parsed) => (await import('../work/debugJob.ts')).debugJob(parsed),
  },
  {
    names: ['job update'],
    what: 'Changes the display name, description or tags of a job.',
    inWorkspace: true,
    options: { ...named, set: definition.set, ...web },
    run: async (parsed) => (await work()).updateJob(parsed),
  },
  {
    names: ['job validate'],
    what: 'Checks the YAML file of a job and submits nothing.',
    inWorkspace: true,
    options: { file: definition.file, set: definition.set, ...named },
    run: async (parsed) => (await work()).validateJob(parsed),
  },
  {
    names: ['job pipeline'],
    what: 'Writes the pipeline that a fine-tuning job becomes to a folder, with its components and code, to be changed or run elsewhere.',
    options: { file: definition.file, set: definition.set, out: path('Folder that it comes to: a new or an empty one.', { value: 'DIR' }) },
    run: async (parsed) => (await import('../work/jobPipeline.ts')).writeJobPipeline(parsed),
  },
  {
    names: ['job archive'],
    what: 'Takes a job out of lists.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).archiveJob(parsed, true),
  },
  {
    names: ['job restore'],
    what: 'Puts an archived job into lists again.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).archiveJob(parsed, false),
  },
  {
    names: ['job delete'],
    what: 'Removes an ended job with its steps, logs and metrics.',
    inWorkspace: true,
    options: named,
    run: async (parsed) => (await work()).deleteJob(parsed),
  },
];
