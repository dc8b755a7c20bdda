import path from 'node:path';
import { plural } from '../../base/text.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { downloadJob } from '../../download/downloadJob.ts';
import type { Job } from '../../protocol/job.ts';
import { jobProperty } from '../../protocol/job.ts';
import type { Command } from '../command.ts';
import { connect } from '../connect.ts';
import { diagnosticText } from '../diagnosticText.ts';
import { failureText } from '../failure.ts';
import { followJob, metricsOf, terminal } from '../follow/followJob.ts';
import { elapsed, metricsText } from '../follow/render.ts';
import { required, text, whole } from '../options.ts';
import { factLines, print, tableOf, timeOf } from '../print.ts';

const nameOption = { name: { type: 'string', short: 'n' } } as const;

export const jobSubmit: Command = {
  name: 'job submit',
  summary: 'Submits a job from its YAML file.',
  usage: '--file FILE [--set A.B=C]… [--name N] [--experiment-name E] [--stream]',
  options: {
    file: { type: 'string', short: 'f' },
    set: { type: 'string', multiple: true },
    ...nameOption,
    'experiment-name': { type: 'string' },
    stream: { type: 'boolean', short: 's' },
  },
  async run(parsed) {
    const file = required(parsed, 'file');
    const { client } = await connect(parsed);
    const quiet = parsed.values.output === 'json';
    const [name, experiment] = [text(parsed, 'name'), text(parsed, 'experiment-name')];
    const { submitJob } = await import('../../submit/submitJob.ts');
    const { job, diagnostics } = await submitJob({
      client,
      file,
      overrides: (parsed.values.set as string[] | undefined) ?? [],
      ...(name ? { name } : {}),
      ...(experiment ? { experiment } : {}),
      onProgress: (line) => process.stderr.isTTY && process.stderr.write(`${line}\n`),
    });
    for (const each of diagnostics) process.stderr.write(`${diagnosticText(each)}\n`);
    if (!parsed.values.stream) {
      print(parsed, job, () => `Submitted ${job.name}. Follow it with "updraft job stream --name ${job.name}".`);
      return 0;
    }
    if (!quiet) process.stdout.write(`${job.name}\n`);
    return stream(client, job, quiet);
  },
};

export const jobStream: Command = {
  name: 'job stream',
  summary: 'Follows a job to its end. Exits with 1 when it did not complete.',
  usage: '--name N',
  options: nameOption,
  async run(parsed) {
    const { client } = await connect(parsed);
    return stream(client, await client.getJob(required(parsed, 'name')), parsed.values.output === 'json');
  },
};

/** Follows a job on the terminal, or with JSON on standard error, and tells how it ended. */
async function stream(client: PlaneClient, job: Job, json: boolean): Promise<number> {
  const ended = await followJob(client, job, terminal(json ? process.stderr : process.stdout));
  if (json) process.stdout.write(`${JSON.stringify(ended, null, 2)}\n`);
  if (ended.properties.status === 'Completed') return 0;
  process.stderr.write(`${failureText(ended)}\n`);
  return 1;
}

export const jobList: Command = {
  name: 'job list',
  summary: 'Lists jobs, newest first.',
  usage:
    '[--max-results N] [--parent-job-name N] [--experiment-name E] [--status S,…] [--search TEXT] [--archived-only | --include-archived]',
  options: {
    'max-results': { type: 'string', short: 'r' },
    'parent-job-name': { type: 'string', short: 'p' },
    'experiment-name': { type: 'string' },
    status: { type: 'string' },
    search: { type: 'string' },
    'archived-only': { type: 'boolean' },
    'include-archived': { type: 'boolean' },
  },
  async run(parsed) {
    const { client } = await connect(parsed);
    const most = whole(parsed, 'max-results') ?? 50;
    const [parent, experiment, status, search] = [
      text(parsed, 'parent-job-name'),
      text(parsed, 'experiment-name'),
      text(parsed, 'status'),
      text(parsed, 'search'),
    ];
    const jobs: Job[] = [];
    const query = {
      ...(parent ? { parent } : {}),
      ...(experiment ? { experiment } : {}),
      ...(status ? { status: status.split(',') } : {}),
      ...(search ? { search } : {}),
      listViewType: parsed.values['archived-only']
        ? ('ArchivedOnly' as const)
        : parsed.values['include-archived']
          ? ('All' as const)
          : ('ActiveOnly' as const),
      top: Math.min(most, 1000),
    };
    for await (const job of allPages((next) => client.listJobs(query, next))) {
      if (jobs.length >= most) break;
      jobs.push(job);
    }
    print(parsed, jobs, () =>
      tableOf(
        ['NAME', 'STATUS', 'EXPERIMENT', 'CREATED', 'DURATION', 'DISPLAY NAME'],
        jobs.map((job) => [
          job.name,
          job.properties.status,
          job.properties.experimentName,
          timeOf(job.systemData?.createdAt),
          elapsed(job, Date.now()),
          job.properties.displayName,
        ]),
        'No jobs. Submit one with "updraft job submit --file FILE".',
      ),
    );
  },
};

export const jobShow: Command = {
  name: 'job show',
  summary: 'Shows one job.',
  usage: '--name N',
  options: nameOption,
  async run(parsed) {
    const { client } = await connect(parsed);
    const job = await client.getJob(required(parsed, 'name'));
    const { properties } = job;
    const metrics = await metricsOf(client, job.name);
    const facts = properties.properties ?? {};
    print(parsed, job, () =>
      factLines([
        ['name', job.name],
        ['display name', properties.displayName],
        ['experiment', properties.experimentName],
        ['status', properties.status],
        ['created', timeOf(job.systemData?.createdAt)],
        ['duration', elapsed(job, Date.now())],
        ['reused from', facts[jobProperty.reusedFrom]],
        [
          'commit',
          facts[jobProperty.gitCommit] &&
            `${facts[jobProperty.gitCommit]} (${facts[jobProperty.gitBranch]}${facts[jobProperty.gitDirty] === 'true' ? ', with changes' : ''})`,
        ],
        [
          'inputs',
          Object.entries(properties.inputs ?? {})
            .map(([name, input]) => `${name} = ${input.value ?? input.uri}`)
            .join('\n'),
        ],
        [
          'outputs',
          Object.entries(properties.outputs ?? {})
            .map(([name, output]) => `${name} = ${output.uri ?? '(not written)'}`)
            .join('\n'),
        ],
        ['metrics', metricsText(metrics)],
        [
          'tags',
          Object.entries(properties.tags ?? {})
            .map(([key, value]) => `${key}=${value}`)
            .join(', '),
        ],
        ['reason', properties.error && failureText(job)],
        ['studio', properties.services?.Studio?.endpoint],
      ]),
    );
  },
};

export const jobCancel: Command = {
  name: 'job cancel',
  summary: 'Asks a job, with all its steps, to end.',
  usage: '--name N',
  options: nameOption,
  async run(parsed) {
    const { client } = await connect(parsed);
    const name = required(parsed, 'name');
    await client.cancelJob(name);
    const job = await client.getJob(name);
    print(parsed, job, () => `${name} is ${job.properties.status}.`);
  },
};

export const jobDelete: Command = {
  name: 'job delete',
  summary: 'Removes an ended job with its steps, logs and metrics.',
  usage: '--name N',
  options: nameOption,
  async run(parsed) {
    const { client } = await connect(parsed);
    const name = required(parsed, 'name');
    await client.getJob(name);
    await client.deleteJob(name);
    print(parsed, { deleted: name }, () => `Deleted ${name}.`);
  },
};

export const jobDownload: Command = {
  name: 'job download',
  summary: "Brings a job's outputs and artifacts to this folder.",
  usage: '--name N [--output-name O] [--download-path DIR]',
  options: { ...nameOption, 'output-name': { type: 'string' }, 'download-path': { type: 'string', short: 'p' } },
  async run(parsed) {
    const { client } = await connect(parsed);
    const job = await client.getJob(required(parsed, 'name'));
    const only = text(parsed, 'output-name');
    const root = path.resolve(text(parsed, 'download-path') ?? job.name);
    const count = await downloadJob(client, job, root, only);
    print(parsed, { folder: root, files: count }, () =>
      count ? `${plural(count, 'file')} in ${root}` : `${job.name} has nothing to download.`,
    );
  },
};
