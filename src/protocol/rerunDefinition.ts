import { type Job, type JobProperties, jobProperty } from './job.ts';

/** What a run has learnt about itself, none of it part of what was asked for. */
const ofTheRun = ['status', 'startedAt', 'endedAt', 'progress', 'error', 'services', 'parentJobName', 'nodeName', 'isArchived'] as const;
const recorded: string[] = [
  jobProperty.isReused,
  jobProperty.reusedFrom,
  jobProperty.reuseKey,
  jobProperty.ranOn,
  jobProperty.setupLines,
  jobProperty.givesWayTo,
  jobProperty.gaveWay,
];

/** What runs a job again: the same code snapshot, environment and inputs. A pipeline's step becomes a job of its own. */
export function rerunDefinition(job: Job): JobProperties {
  const properties: JobProperties = structuredClone(job.properties);
  for (const key of ofTheRun) delete properties[key];
  for (const output of Object.values(properties.outputs ?? {})) {
    // The place where the first run put it; the new one gets its own.
    if (output.uri?.includes(`/${job.name}/`)) delete output.uri;
  }
  properties.properties = Object.fromEntries(Object.entries(properties.properties ?? {}).filter(([key]) => !recorded.includes(key)));
  return properties;
}
