import path from 'node:path';
import { formatBytes, plural } from '../../base/text.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { JobProperties } from '../../protocol/job.ts';
import type { StepPreview } from '../../protocol/preview.ts';
import type { FileSource } from '../../spec/diagnostic.ts';
import { type JobParts, type JobView, jobText } from '../../spec/jobText.ts';
import { PlannedDestination, type PlannedUpload } from '../destination.ts';
import type { Names } from '../names.ts';
import { resolveJob } from '../resolveJob.ts';
import { jobParts } from './jobParts.ts';
import { lastRunOf } from './lastRun.ts';

/** What a submission of a file would run. */
export interface JobPreview {
  /** As YAML, with what will become of each step. */
  text: string;
  /** The same without anything that is only a remark, to be compared with a run. */
  facts: string;
  /** Of a pipeline: every step, nested ones too. */
  steps: StepPreview[];
  uploads: PlannedUpload[];
  environments: JobParts['environments'];
}

export interface PreviewOptions {
  /** Where files are read: as they are on disk, when absent. */
  files?: FileSource | undefined;
  /** `a.b=value`, as `--set`. */
  overrides?: string[];
  names?: Names;
  /** Keeps what would be sent. */
  destination?: PlannedDestination;
  /** Where it would run, as the text says it. */
  where?: string;
  /** Further sentences above the text, asked for when all else is known. */
  remarks?: (environments: JobParts['environments']) => string[];
}

/** Works out what would run if a file were submitted now, by the same code that submits and that runs it. Sends nothing. Throws `ValidationFailed` as a submission does. */
export async function previewJob(
  client: PlaneClient,
  file: string,
  {
    files,
    overrides = [],
    names,
    destination = new PlannedDestination(client),
    where = 'on this machine',
    remarks = () => [],
  }: PreviewOptions = {},
): Promise<JobPreview> {
  const { properties } = await resolveJob({ client, file, destination, overrides, names, ...(files ? { files } : {}) });
  const steps = properties.jobType === 'Pipeline' ? await stepsOf(client, file, properties, destination) : [];
  const view = viewOfPlan(properties, steps, '');
  const parts = await jobParts(client, view, destination);
  const uploads = [...destination.uploads.values()];
  return {
    text: jobText(view, parts, [headerOf(file, where, steps, uploads), ...remarks(parts.environments)].join('\n')),
    facts: jobText(view, parts),
    steps,
    uploads,
    environments: parts.environments,
  };
}

async function stepsOf(
  client: PlaneClient,
  file: string,
  properties: Extract<JobProperties, { jobType: 'Pipeline' }>,
  { assets, files }: PlannedDestination,
): Promise<StepPreview[]> {
  const previous = await lastRunOf(client, file);
  return (await client.preview({ properties, assets, files, ...(previous ? { previous: previous.name } : {}) })).steps;
}

function viewOfPlan(properties: JobProperties, all: readonly StepPreview[], path: string): JobView {
  const prefix = path === '' ? '' : `${path}/`;
  const own = all.filter((each) => each.path.startsWith(prefix) && !each.path.slice(prefix.length).includes('/'));
  const steps = own.map((each): [string, JobView] => [
    each.path.slice(prefix.length),
    { ...viewOfPlan(each.properties, all, each.path), note: noteOf(each) },
  ]);
  return { properties, steps: new Map(steps) };
}

function noteOf({ outlook, why, from }: StepPreview): string {
  if (outlook === 'reused') return from ? `Reused from ${from}: ${why}.` : `Reused: ${why}.`;
  return outlook === 'runs' ? `Runs: ${why}.` : `Runs or is reused: ${why}.`;
}

function headerOf(file: string, where: string, steps: readonly StepPreview[], uploads: readonly PlannedUpload[]): string {
  const lines = [`What will run ${where} when ${path.basename(file)} is submitted now. Nothing has been sent.`];
  const work = steps.filter(({ properties }) => properties.jobType !== 'Pipeline');
  const count = (outlook: StepPreview['outlook']) => work.filter((each) => each.outlook === outlook).length;
  if (work.length > 0) {
    const parts = [
      counted(count('reused'), 'is reused', 'are reused'),
      counted(count('runs'), 'runs', 'run'),
      counted(count('open'), 'depends on what runs before', 'depend on what runs before'),
    ].filter((each) => each !== undefined);
    lines.push(`${plural(work.length, 'step')}: ${parts.join(', ')}.`);
  }
  const files = uploads.flatMap((each) => each.files);
  const size = files.reduce((sum, each) => sum + each.size, 0);
  lines.push(
    uploads.length > 0
      ? `To be uploaded: ${plural(files.length, 'file')}, ${formatBytes(size)} (${uploads.map(({ local }) => path.basename(local)).join(', ')}).`
      : 'Nothing has to be uploaded.',
  );
  return lines.join('\n');
}

const counted = (count: number, one: string, many: string): string | undefined =>
  count === 0 ? undefined : `${count} ${count === 1 ? one : many}`;
