import * as Type from 'typebox';
import { formatDuration } from '../base/text.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { isCommand, isTerminal, type Job, jobProperty } from '../protocol/job.ts';
import { failureText } from './failureText.ts';
import { inLine } from './inLine.ts';
import { fields, jobField } from './jobField.ts';
import { tableText } from './tableText.ts';
import { tool } from './tool.ts';
import { untilEnd } from './untilEnd.ts';

const mostSteps = 100;
const mostEntries = 100;

export const getJob = tool({
  name: 'get_job',
  title: 'Get a job',
  what:
    'Tells all about one job: status, times, inputs, outputs, parameters, tags, commit, and the steps of a pipeline or trials of a sweep. Of a failed job: the reason, the likely cause, what to do, ' +
    'and the last lines of its output. With wait_seconds it waits for the end of the job first.',
  schema: fields({
    job: jobField,
    wait_seconds: Type.Optional(
      Type.Integer({
        description: 'Seconds to wait for the end of the job. A job that has not ended by then is answered as it is: ask again.',
        minimum: 0,
        maximum: 50,
      }),
    ),
  }),
  async run({ job: name, wait_seconds: seconds = 0 }, { client, signal }) {
    const job = await untilEnd(client, name, seconds, signal);
    const { properties } = job;
    const facts = properties.properties ?? {};
    const [{ run }, steps] = await Promise.all([client.getRun(name), isCommand(job) ? undefined : stepsOf(client, job)]);
    const lines: [string, string | undefined][] = [
      ['job', job.name],
      ['display name', properties.displayName],
      ['status', properties.status],
      ['progress', isTerminal(properties.status!) ? undefined : properties.progress],
      ['type', properties.jobType],
      ['experiment', properties.experimentName],
      ['part of', properties.parentJobName],
      ['created', job.systemData?.createdAt],
      ['started', properties.startedAt],
      ['ended', properties.endedAt],
      ['duration', durationOf(job)],
      ['command', isCommand(job) ? inLine(properties.jobType === 'Command' ? properties.command : '', 1000) : undefined],
      ['file', facts[jobProperty.submittedFile]],
      [
        'commit',
        facts[jobProperty.gitCommit] && `${facts[jobProperty.gitCommit]}${facts[jobProperty.gitDirty] === 'true' ? ' with changes' : ''}`,
      ],
      ['reused from', facts[jobProperty.reusedFrom]],
      ['best trial', facts[jobProperty.bestTrial]],
    ];
    return [
      ...lines.flatMap(([key, value]) => (value ? [`${key}: ${inLine(value, 1000)}`] : [])),
      ...entries('inputs', Object.entries(properties.inputs ?? {}), ({ value, uri }) => value ?? uri),
      ...entries('outputs', Object.entries(properties.outputs ?? {}), ({ uri }) => uri ?? '(not written yet)'),
      ...entries(
        'parameters',
        (run.data.params ?? []).map(({ key, value }) => [key, value] as const),
        (value) => value,
      ),
      ...entries('tags', Object.entries(properties.tags ?? {}), (value) => value),
      ...(properties.error ? [failureText(properties.error)] : []),
      ...(steps ? [steps] : []),
    ].join('\n');
  },
});

function entries<T>(title: string, all: readonly (readonly [string, T])[], shown: (value: T) => string | undefined): string[] {
  if (all.length === 0) return [];
  const more = all.length - mostEntries;
  return [
    `${title}:`,
    ...all.slice(0, mostEntries).map(([key, value]) => `  ${inLine(key)} = ${inLine(shown(value) ?? '')}`),
    ...(more > 0 ? [`  (and ${more} more)`] : []),
  ];
}

async function stepsOf(client: PlaneClient, { name }: Job): Promise<string> {
  const { value, nextLink } = await client.listJobs({ parent: name, listViewType: 'All', top: mostSteps });
  if (value.length === 0) return 'It has no steps yet.';
  const rows = value.map((step) => [
    step.properties.nodeName ?? step.properties.displayName,
    step.name,
    step.properties.status,
    durationOf(step),
  ]);
  return [
    'steps, or trials:',
    tableText(['step', 'job', 'status', 'duration'], rows),
    ...(nextLink ? [`(There are more than ${mostSteps}: list_jobs with parent "${name}" has them all.)`] : []),
  ].join('\n');
}

export function durationOf({ properties: { startedAt, endedAt } }: Job): string | undefined {
  return startedAt ? formatDuration((endedAt ? Date.parse(endedAt) : Date.now()) - Date.parse(startedAt)) : undefined;
}
