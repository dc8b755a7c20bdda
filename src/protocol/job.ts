import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Resource, StringMap } from './arm.ts';
import { sweepFields } from './sweep.ts';

/** ARM's JobStatus (2025-12-01). */
export const jobStatuses = [
  'NotStarted',
  'Starting',
  'Provisioning',
  'Preparing',
  'Queued',
  'Running',
  'Finalizing',
  'CancelRequested',
  'Completed',
  'Failed',
  'Canceled',
  'NotResponding',
  'Paused',
  'Unknown',
] as const;
export const JobStatus = Type.Enum([...jobStatuses]);
export type JobStatus = (typeof jobStatuses)[number];

/** Nobody works on it yet. */
export const waitingStatuses: readonly JobStatus[] = ['NotStarted', 'Queued'];
/** Somebody works on it. */
export const runningStatuses: readonly JobStatus[] = ['Starting', 'Provisioning', 'Preparing', 'Running', 'Finalizing', 'CancelRequested'];
/** Those of jobs that a plane still has to care for. */
export const activeStatuses: readonly JobStatus[] = [...waitingStatuses, ...runningStatuses];

/** A job in one of these never changes its status again. */
export const terminalStatuses: readonly JobStatus[] = ['Completed', 'Failed', 'Canceled'];
export const isTerminal = (status: JobStatus): boolean => terminalStatuses.includes(status);

/** Asset-typed inputs and outputs; literals are the types `integer|number|string|boolean` of the YAML. */
export const assetTypes = ['uri_file', 'uri_folder', 'mltable', 'custom_model', 'mlflow_model', 'triton_model'] as const;

/** Input of a job. `literal` carries its value as text on the wire (ARM's rule); the others a `uri` or an asset's ARM id. */
export const JobInput = Type.Object({
  jobInputType: Type.Enum(['literal', ...assetTypes]),
  value: Type.Optional(Type.String()),
  uri: Type.Optional(Type.String()),
  mode: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
});
export type JobInput = Static<typeof JobInput>;

/** Output of a job. `assetName`/`assetVersion` ask for registration under that name when the job completes. */
export const JobOutput = Type.Object({
  jobOutputType: Type.Enum([...assetTypes]),
  uri: Type.Optional(Type.String()),
  mode: Type.Optional(Type.String()),
  assetName: Type.Optional(Type.String()),
  assetVersion: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
});
export type JobOutput = Static<typeof JobOutput>;

/** Why a job ended in `Failed`. `code` is a `UserError` code; `frame` the last frame of a Python traceback in the snapshot. */
export const JobError = Type.Object({
  code: Type.String(),
  message: Type.String(),
  hint: Type.Optional(Type.String()),
  exitCode: Type.Optional(Type.Integer()),
  stderrTail: Type.Optional(Type.Array(Type.String())),
  frame: Type.Optional(Type.Object({ file: Type.String(), line: Type.Integer() })),
  /** The child job that is to blame, for a pipeline. */
  step: Type.Optional(Type.String()),
});
export type JobError = Static<typeof JobError>;

/** Who gets mail when a job ends, by Azure's own words. Azure's `webhooks` are not known here. */
export const NotificationSetting = Type.Object({
  emailOn: Type.Optional(Type.Array(Type.Enum(['JobCompleted', 'JobFailed', 'JobCancelled']), { maxItems: 3 })),
  emails: Type.Optional(Type.Array(Type.String({ pattern: '^[^\\s@<>,;:"]+@[^\\s@<>,;:"]+$', maxLength: 254 }), { maxItems: 20 })),
});

const JobBase = {
  displayName: Type.Optional(Type.String()),
  experimentName: Type.Optional(Type.String()),
  description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  /** Editable by people. MLflow's own `mlflow.*` tags are not among them. */
  tags: Type.Optional(StringMap),
  /** Facts recorded once, keys as Azure names them: `azureml.git.commit`, `azureml.isreused`, … */
  properties: Type.Optional(StringMap),
  computeId: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  componentId: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  isArchived: Type.Optional(Type.Boolean()),
  notificationSetting: Type.Optional(NotificationSetting),
  inputs: Type.Optional(Type.Record(Type.String(), JobInput)),
  outputs: Type.Optional(Type.Record(Type.String(), JobOutput)),
  services: Type.Optional(
    Type.Record(Type.String(), Type.Object({ jobServiceType: Type.String(), endpoint: Type.Optional(Type.String()) })),
  ),
  /** Read-only from here on: kept by the plane. */
  status: Type.Optional(JobStatus),
  /** The pipeline this job is a step of, and the step's key in its `jobs`. */
  parentJobName: Type.Optional(Type.String()),
  nodeName: Type.Optional(Type.String()),
  /** ISO-8601 times of the first `Preparing`/`Running` and of the end. */
  startedAt: Type.Optional(Type.String()),
  endedAt: Type.Optional(Type.String()),
  /** One line about what is being done now, such as `Installing 12 packages`. */
  progress: Type.Optional(Type.String()),
  error: Type.Optional(JobError),
};

/** ISO-8601 duration in `timeout`, for example `PT5M`. */
export const CommandJobLimits = Type.Object({ jobLimitsType: Type.Optional(Type.String()), timeout: Type.Optional(Type.String()) });

export const CommandJobProperties = Type.Object({
  ...JobBase,
  jobType: Type.Literal('Command'),
  command: Type.String(),
  codeId: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  environmentId: Type.String(),
  environmentVariables: Type.Optional(StringMap),
  limits: Type.Optional(Type.Union([CommandJobLimits, Type.Null()])),
  resources: Type.Optional(Type.Unknown()),
  distribution: Type.Optional(Type.Unknown()),
  identity: Type.Optional(Type.Unknown()),
  queueSettings: Type.Optional(Type.Unknown()),
});
export type CommandJobProperties = Static<typeof CommandJobProperties>;

/**
 * A step inside `PipelineJobProperties.jobs`, snake_case as Azure's wire has it. `inputs` values are
 * `{job_input_type: 'literal', value: '${{parent.jobs.x.outputs.y}}'}` or plain literals and uris.
 */
export const PipelineNode = Type.Object({
  name: Type.Optional(Type.String()),
  type: Type.String(),
  componentId: Type.Optional(Type.String()),
  inputs: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Object({
        job_input_type: Type.String(),
        value: Type.Optional(Type.String()),
        uri: Type.Optional(Type.String()),
        mode: Type.Optional(Type.String()),
      }),
    ),
  ),
  outputs: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Object({
        type: Type.Optional(Type.String()),
        job_output_type: Type.Optional(Type.String()),
        value: Type.Optional(Type.String()),
        uri: Type.Optional(Type.String()),
        mode: Type.Optional(Type.String()),
        name: Type.Optional(Type.String()),
        version: Type.Optional(Type.String()),
      }),
    ),
  ),
  computeId: Type.Optional(Type.String()),
  display_name: Type.Optional(Type.String()),
  environment_variables: Type.Optional(StringMap),
  limits: Type.Optional(Type.Object({ timeout: Type.Optional(Type.Union([Type.Integer(), Type.String()])) })),
  resources: Type.Optional(Type.Unknown()),
  distribution: Type.Optional(Type.Unknown()),
  /** Of a sweep step: the component that each trial runs, and the rest in the words of the YAML. */
  trial: Type.Optional(Type.Object({ componentId: Type.String() })),
  identity: Type.Optional(Type.Unknown()),
  queue_settings: Type.Optional(Type.Unknown()),
  services: Type.Optional(Type.Unknown()),
  search_space: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  sampling_algorithm: Type.Optional(Type.Unknown()),
  objective: Type.Optional(Type.Unknown()),
  early_termination: Type.Optional(Type.Unknown()),
});
export type PipelineNode = Static<typeof PipelineNode>;

export const PipelineSettings = Type.Object({
  default_compute: Type.Optional(Type.String()),
  default_datastore: Type.Optional(Type.String()),
  continue_on_step_failure: Type.Optional(Type.Boolean()),
  force_rerun: Type.Optional(Type.Boolean()),
  /** Name of the step that runs before all others. */
  on_init: Type.Optional(Type.String()),
  /** Name of the step that runs after all others, whatever became of them. */
  on_finalize: Type.Optional(Type.String()),
});
export type PipelineSettings = Static<typeof PipelineSettings>;

export const PipelineJobProperties = Type.Object({
  ...JobBase,
  jobType: Type.Literal('Pipeline'),
  jobs: Type.Record(Type.String(), PipelineNode),
  settings: Type.Optional(PipelineSettings),
});
export type PipelineJobProperties = Static<typeof PipelineJobProperties>;

/** A sweep: a search for the best hyperparameters. Each trial is a command job whose parent is the sweep. */
export const SweepJobProperties = Type.Object({ ...JobBase, jobType: Type.Literal('Sweep'), ...sweepFields });
export type SweepJobProperties = Static<typeof SweepJobProperties>;

export const JobProperties = Type.Union([CommandJobProperties, PipelineJobProperties, SweepJobProperties]);
export type JobProperties = Static<typeof JobProperties>;

export const Job = Resource(JobProperties);
export type Job = Static<typeof Job>;
export type CommandJob = Job & { properties: CommandJobProperties };
export type PipelineJob = Job & { properties: PipelineJobProperties };
export type SweepJob = Job & { properties: SweepJobProperties };

/** How a job is called on a page of its own. */
export const displayNameOf = ({ name, properties }: Pick<Job, 'name' | 'properties'>): string => properties.displayName || name;
/** How a job is called among others: a step by its name in the pipeline. */
export const titleOf = (job: Pick<Job, 'name' | 'properties'>): string => job.properties.nodeName ?? displayNameOf(job);

/** The inputs of a job that are values of their own, such as numbers and words, not data. */
export const literalInputs = ({ properties }: Pick<Job, 'properties'>): [name: string, value: string][] =>
  Object.entries(properties.inputs ?? {}).flatMap(([name, input]): [string, string][] =>
    input.jobInputType === 'literal' ? [[name, input.value ?? '']] : [],
  );

export const isCommand = (job: Pick<Job, 'properties'>): job is CommandJob => job.properties.jobType === 'Command';
/** Whether there is something to run. A run that a script has made is a job as well, but only the script's own process does its work. */
export const hasWork = (job: Pick<Job, 'properties'>): boolean => !isCommand(job) || job.properties.command.trim() !== '';
export const isPipeline = (job: Pick<Job, 'properties'>): job is PipelineJob => job.properties.jobType === 'Pipeline';
export const isSweep = (job: Pick<Job, 'properties'>): job is SweepJob => job.properties.jobType === 'Sweep';

/**
 * Body of `POST …/jobs/{name}/report`: the runner that holds the claim moves the job on. Absent fields stay as they are.
 * `progress: null` and `error: null` clear.
 */
export const JobReport = Type.Object({
  runnerId: Type.String(),
  status: Type.Optional(JobStatus),
  progress: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  error: Type.Optional(JobError),
  outputs: Type.Optional(Type.Record(Type.String(), JobOutput)),
  inputs: Type.Optional(Type.Record(Type.String(), JobInput)),
  properties: Type.Optional(StringMap),
  /** Where it runs. */
  computeId: Type.Optional(Type.String()),
  /** When it started, ms since 1970, where that was before the first report of it. */
  startedAt: Type.Optional(Type.Integer()),
});
export type JobReport = Static<typeof JobReport>;

/** Most steps of one `NewSteps`. */
export const mostNewSteps = 1000;

/**
 * Body of `POST …/jobs/{name}/steps`: the runner that holds a pipeline creates jobs of its steps, all of them or none; those that are there already stay as they are.
 * With `reuse`, a step whose reuse key is that of a completed job with all its outputs is created `Completed`, with those outputs. Answered with a
 * `NewStep` for each, in the same order.
 */
export const NewSteps = Type.Object({
  runnerId: Type.String(),
  reuse: Type.Boolean(),
  /** `properties` are a job's, each checked by its own kind. */
  steps: Type.Array(Type.Object({ name: Type.String(), properties: Type.Unknown() }), { maxItems: mostNewSteps }),
});
export interface NewSteps {
  runnerId: string;
  reuse: boolean;
  steps: { name: string; properties: JobProperties }[];
}

/** What a step's job is like now; `outputs` and `properties` where they are not those that were sent. */
export const NewStep = Type.Object({
  status: JobStatus,
  outputs: Type.Optional(Type.Record(Type.String(), JobOutput)),
  properties: Type.Optional(StringMap),
});
export type NewStep = Static<typeof NewStep>;
/** What a person may change on a job of theirs: body of `PATCH …/jobs/{name}`. A tag of `null` is removed. */
export const JobPatch = Type.Object({
  displayName: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  isArchived: Type.Optional(Type.Boolean()),
  tags: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]))),
});
export type JobPatch = Static<typeof JobPatch>;

/** Keys of `job.properties.properties` that we read back. Azure's own names where Azure has one. */
/** Content hash of a folder without files: SHA-256 of nothing. */
const hashOfNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Whether a job has ended well with an output that is an empty folder. */
export const leftEmpty = ({ properties }: Pick<JobProperties, 'properties'>, output: string): boolean =>
  properties?.[`${jobProperty.contentHash}${output}`] === hashOfNothing;

/** Names of a job's inputs that a step before left empty. */
export const emptyInputsOf = ({ properties }: Pick<JobProperties, 'properties'>): string[] =>
  (properties?.[jobProperty.emptyInputs] ?? '').split(',');

export const jobProperty = {
  gitCommit: 'mlflow.source.git.commit',
  gitBranch: 'mlflow.source.git.branch',
  gitRepository: 'mlflow.source.git.repoURL',
  gitDirty: 'azureml.git.dirty',
  isReused: 'azureml.isreused',
  reusedFrom: 'azureml.reusedrunid',
  reuseKey: 'updraft.reusekey',
  /** Of a job that ran on another control plane: which one, and the workspace there, with a slash between them. */
  origin: 'updraft.origin',
  /** Of such a job: the place in that plane's change log as of which it was told last, as epoch and number with a space between them. */
  originAsOf: 'updraft.origin.asof',
  /** Of such a job that had not ended: when it was told last, ISO-8601. */
  originHeardAt: 'updraft.origin.heardat',
  /** Of a job that was sent to another control plane: `true`. From then on it is noted when its tags and the like are written. */
  isShared: 'updraft.shared',
  /** Followed by an output's name: SHA-256 of what the job wrote there. */
  contentHash: 'updraft.contenthash.',
  /** Names of the inputs that a step before left empty, with commas between them: nothing is at their addresses, and that is right. */
  emptyInputs: 'updraft.emptyinputs',
  /** The YAML text that was submitted, as a blob: `azureml://datastores/workspaceblobstore/paths/…`. */
  submittedYaml: 'updraft.yaml',
  submittedFile: 'updraft.file',
  snapshot: 'ContentSnapshotId',
  /** How many lines at the start of the log tell how the environment was made: the command's own come after them. */
  setupLines: 'updraft.setuplines',
  /** Name of the compute where a job ran that was asked for another one. */
  ranOn: 'updraft.compute',
  /** The schedule that started it. */
  schedule: 'updraft.schedule',
  /** Of a spot job that a runner has: the job for which it is to be stopped and handed back. */
  givesWayTo: 'updraft.giveswayto',
  /** How often it was stopped for another job, and queued again. It has a log already, whatever its status. */
  gaveWay: 'updraft.gaveway',
  /** How its compute names the command that runs, as JSON, for a runner that takes it over. */
  handle: 'updraft.handle',
  /** Of a sweep: the trial with the best primary metric so far, and that metric. */
  bestTrial: 'best_child_run_id',
  bestScore: 'score',
} as const;
