import path from 'node:path';
import { plural } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { allPages, type PlaneClient } from '../../client/planeClient.ts';
import { downloadJob } from '../../download/downloadJob.ts';
import { isTerminal, type Job, type JobPatch, jobProperty } from '../../protocol/job.ts';
import { targetName } from '../../submit/elsewhere/target.ts';
import { connect, type Reached } from '../connect.ts';
import { diagnosticText } from '../diagnosticText.ts';
import { failureText } from '../failure.ts';
import { followJob, metricsOf, terminal } from '../follow/followJob.ts';
import { elapsed, metricsText } from '../follow/render.ts';
import { openInBrowser } from '../openInBrowser.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, list, type Parsed, required, text, whole } from '../parsed.ts';
import { jobShape } from '../shapes/jobShape.ts';
import { factLines, tableOf, timeOf } from '../textParts.ts';
import { listView } from './listView.ts';

export async function createJob(parsed: Parsed): Promise<Outcome> {
  const file = required(parsed, 'file');
  const { jobTarget, planOutcome } = await import('./jobTarget.ts');
  const target = await jobTarget(parsed, file);
  const { client, lock } = target ?? (await connect(parsed));
  const overrides = list(parsed, 'set');
  if (flag(parsed, 'dry-run')) {
    if (target) {
      const { planSubmission } = await import('../../submit/elsewhere/planSubmission.ts');
      return planOutcome(target, await planSubmission(target, file, { overrides }));
    }
    const { previewJob } = await import('../../submit/preview/previewJob.ts');
    const { text: preview, steps } = await previewJob(client, file, { overrides });
    return { value: { steps: steps.map(({ path: step, outlook, why }) => ({ step, outlook, why })) }, text: () => preview.trimEnd() };
  }
  const [name, experiment, saveAs] = [text(parsed, 'name'), text(parsed, 'experiment-name'), text(parsed, 'save-as')];
  const asked = {
    file,
    overrides,
    ...(name ? { name } : {}),
    ...(experiment ? { experiment } : {}),
    onProgress: (line: string) => (process.stderr.isTTY || flag(parsed, 'verbose')) && process.stderr.write(`${line}\n`),
  };
  const { job, diagnostics } = target
    ? await (await import('../../submit/elsewhere/submitElsewhere.ts')).submitElsewhere(target, asked)
    : await (await import('../../submit/submitJob.ts')).submitJob({ client, ...asked });
  for (const each of diagnostics) if (!flag(parsed, 'only-show-errors')) process.stderr.write(`${diagnosticText(each)}\n`);
  if (saveAs) await (await import('./saveAs.ts')).saveAs(saveAs, jobShape(job));
  if (flag(parsed, 'web')) openInBrowser(studioPage(lock, job));
  if (flag(parsed, 'stream')) {
    if (!isData(parsed)) process.stdout.write(`${job.name}\n`);
    return follow(client, job, parsed);
  }
  return {
    value: jobShape(job),
    text: () =>
      target
        ? `Submitted ${job.name} to ${targetName(target)}. Follow it with "updraft job stream --name ${job.name} ${target.options}".`
        : `Submitted ${job.name}. Follow it with "updraft job stream --name ${job.name}".`,
  };
}

export async function streamJob(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const job = await client.getJob(required(parsed, 'name'));
  if (parsed.values.output !== undefined || parsed.values.query !== undefined) return follow(client, job, parsed);
  // `az ml job stream` answers with the log alone.
  const { exitCode } = await follow(client, job, { ...parsed, asAz: false });
  return { exitCode: exitCode! };
}

/** Whether the answer is data, beside which nothing may be written. */
const isData = ({ values, asAz }: Parsed): boolean => asAz || values.output !== undefined || values.query !== undefined;

/** Follows a job on the terminal, or where the answer is data on standard error, and tells how it ended. */
async function follow(client: PlaneClient, job: Job, parsed: Parsed): Promise<Outcome & { exitCode: number }> {
  const ended = await followJob(client, job, terminal(isData(parsed) ? process.stderr : process.stdout));
  const isGood = ended.properties.status === 'Completed';
  if (!isGood) process.stderr.write(`${failureText(ended)}\n`);
  return { value: jobShape(ended), text: () => '', exitCode: isGood ? 0 : 1 };
}

export async function listJobs(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const most = flag(parsed, 'all-results') ? Number.POSITIVE_INFINITY : (whole(parsed, 'max-results') ?? 50);
  const [parent, experiment, status, search] = ['parent-job-name', 'experiment-name', 'status', 'search'].map((each) => text(parsed, each));
  const jobs: Job[] = [];
  const query = {
    ...(parent ? { parent } : {}),
    ...(experiment ? { experiment } : {}),
    ...(status ? { status: status.split(',') } : {}),
    ...(search ? { search } : {}),
    listViewType: listView(parsed),
    top: Math.min(most, 1000),
  };
  for await (const job of allPages((next) => client.listJobs(query, next))) {
    if (jobs.length >= most) break;
    jobs.push(job);
  }
  const value = jobs.map((job) => jobShape(job));
  return {
    value,
    text: () =>
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
    table: () =>
      value.map((job) => ({
        name: job.name,
        status: job.status,
        experiment: job.experiment_name,
        'compute target': job.compute,
        'job type': job.type,
        'created on': job.creation_context?.created_at,
      })),
  };
}

export async function showJob(parsed: Parsed): Promise<Outcome> {
  const { client, lock } = await connect(parsed);
  const job = await client.getJob(required(parsed, 'name'));
  if (flag(parsed, 'web')) openInBrowser(studioPage(lock, job));
  const { properties } = job;
  const metrics = isData(parsed) ? {} : await metricsOf(client, job.name);
  const facts = properties.properties ?? {};
  return {
    value: jobShape(job),
    text: () =>
      factLines([
        ['name', job.name],
        ['display name', properties.displayName],
        ['experiment', properties.experimentName],
        ['status', properties.status],
        ['now', isTerminal(properties.status!) ? undefined : properties.progress],
        ['created', timeOf(job.systemData?.createdAt)],
        ['duration', elapsed(job, Date.now())],
        ['reused from', facts[jobProperty.reusedFrom]],
        [
          'commit',
          facts[jobProperty.gitCommit] &&
            `${facts[jobProperty.gitCommit]} (${facts[jobProperty.gitBranch]}${facts[jobProperty.gitDirty] === 'true' ? ', with changes' : ''})`,
        ],
        ['inputs', lines(properties.inputs ?? {}, (input) => input.value ?? input.uri)],
        ['outputs', lines(properties.outputs ?? {}, (output) => output.uri ?? '(not written)')],
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
  };
}

const lines = <T>(map: Record<string, T>, shown: (each: T) => string | undefined): string =>
  Object.entries(map)
    .map(([name, each]) => `${name} = ${shown(each)}`)
    .join('\n');

/** The job's page, with the token that opens it. */
/** Elsewhere people sign in, and no token is to stand in what a proxy writes down. */
const studioPage = ({ url, token, isElsewhere }: Reached, { name }: Job): string =>
  `${url}/studio/jobs/${name}${isElsewhere ? '' : `?token=${token}`}`;

export async function cancelJob(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const name = required(parsed, 'name');
  await client.cancelJob(name);
  const job = await client.getJob(name);
  return { ...(parsed.asAz ? {} : { value: jobShape(job) }), text: () => `${name} is ${job.properties.status}.` };
}

export async function deleteJob(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const name = required(parsed, 'name');
  await client.getJob(name);
  await client.deleteJob(name);
  return { value: { deleted: name }, text: () => `Deleted ${name}.` };
}

export async function archiveJob(parsed: Parsed, isArchived: boolean): Promise<Outcome> {
  const { client } = await connect(parsed);
  const name = required(parsed, 'name');
  await client.patchJob(name, { isArchived });
  return { text: () => `${isArchived ? 'Archived' : 'Restored'} ${name}.` };
}

/** What `--set` may change of a job that is there, as Azure has it. */
export async function updateJob(parsed: Parsed): Promise<Outcome> {
  const name = required(parsed, 'name');
  const patch: JobPatch & { tags: Record<string, string> } = { tags: {} };
  for (const assignment of list(parsed, 'set')) {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (key === 'display_name') patch.displayName = value;
    else if (key === 'description') patch.description = value;
    else if (key.startsWith('tags.')) patch.tags[key.slice('tags.'.length)] = value;
    else
      throw new UserError(
        'InvalidArgument',
        `--set ${assignment}: of a job that is there this can't be changed.`,
        'display_name, description and tags.NAME can.',
      );
  }
  const { client } = await connect(parsed);
  const job = await client.patchJob(name, patch);
  return { value: jobShape(job), text: () => `Changed ${name}.` };
}

export async function downloadJobFiles(parsed: Parsed): Promise<Outcome> {
  const { client } = await connect(parsed);
  const job = await client.getJob(required(parsed, 'name'));
  const folder = path.resolve(text(parsed, 'download-path') ?? (parsed.asAz ? '.' : job.name));
  const files = await downloadJob(client, job, folder, text(parsed, 'output-name'));
  return {
    ...(parsed.asAz ? {} : { value: { folder, files } }),
    text: () => (files ? `${plural(files, 'file')} in ${folder}` : `${job.name} has nothing to download.`),
  };
}

/** Checks a job's file as a submission would, and submits nothing. */
export async function validateJob(parsed: Parsed): Promise<Outcome> {
  const file = path.resolve(required(parsed, 'file'));
  const [{ validSpec }, { ValidationFailed }] = await Promise.all([
    import('../../submit/validSpec.ts'),
    import('../../submit/validationFailed.ts'),
  ]);
  try {
    const { diagnostics } = validSpec(file, { overrides: list(parsed, 'set') });
    return { value: { result: 'Succeeded' }, text: () => [...diagnostics.map(diagnosticText), 'The job is valid.'].join('\n') };
  } catch (error) {
    if (!(error instanceof ValidationFailed)) throw error;
    const errors = error.diagnostics.filter(({ severity }) => severity === 'error');
    return {
      value: {
        result: 'Failed',
        errors: errors.map((each) => ({ location: `${each.file}#line ${each.range.start.line}`, message: each.message })),
      },
      text: () => error.diagnostics.map(diagnosticText).join('\n'),
      // `az` says it in the answer alone.
      exitCode: parsed.asAz ? 0 : 1,
    };
  }
}
