import type { TSchema } from 'typebox';
import { CommandJobProperties, type Job, PipelineJobProperties, SweepJobProperties } from './job.ts';

/** What makes the jobs of a job that is made of jobs. */
export type OrchestratorName = 'pipeline' | 'sweep';

/** A type of job, or of a step that is no job of its own. */
export interface JobType {
  /** How a sentence calls one, before `job`, `component` or `step`. */
  called: string;
  /** Azure's `jobType`; absent where it is never a job of its own. */
  jobType?: string;
  /** Whether a step of a pipeline can have this type. */
  isStep: boolean;
  /** Of the properties of a job that runs here. */
  schema?: TSchema;
  /** Whether a plane of ours runs it; if not, why, as a sentence for the person who wrote it. */
  runsHere: true | string;
  /** What our clients make of its YAML before they send it. A plane takes no job of such a type itself. */
  sentAs?: 'pipeline';
  /** Absent where a runner runs it as a command. */
  orchestratedBy?: OrchestratorName;
  /** What Azure's run history calls its runs. */
  runType?: string;
}

/** Why most kinds of YAML can be written here and do not run. */
export const worksInAzure = 'It can be written and checked here, and works in Azure.';

/** Every type of job by the `type` of its YAML. What else is known of a type is read from here: a new type is a new row. */
export const jobTypes: Record<string, JobType> = {
  command: {
    called: 'a command',
    jobType: 'Command',
    isStep: true,
    schema: CommandJobProperties,
    runsHere: true,
    runType: 'azureml.scriptrun',
  },
  pipeline: {
    called: 'a pipeline',
    jobType: 'Pipeline',
    isStep: true,
    schema: PipelineJobProperties,
    runsHere: true,
    orchestratedBy: 'pipeline',
    runType: 'azureml.PipelineRun',
  },
  sweep: {
    called: 'a sweep',
    jobType: 'Sweep',
    isStep: true,
    schema: SweepJobProperties,
    runsHere: true,
    orchestratedBy: 'sweep',
    runType: 'hyperdrive',
  },
  parallel: { called: 'a parallel', isStep: true, runsHere: worksInAzure },
  spark: { called: 'a Spark', jobType: 'Spark', isStep: true, runsHere: worksInAzure },
  automl: { called: 'an AutoML', jobType: 'AutoML', isStep: true, runsHere: worksInAzure },
  finetuning: { called: 'a fine-tuning', jobType: 'FineTuning', isStep: false, runsHere: true, sentAs: 'pipeline' },
  distillation: { called: 'a distillation', jobType: 'Distillation', isStep: false, runsHere: worksInAzure },
  labeling: { called: 'a labeling', jobType: 'Labeling', isStep: false, runsHere: 'Its labels are made by people, in Azure.' },
  import: { called: 'an import', isStep: true, runsHere: worksInAzure },
  data_transfer: { called: 'a data transfer', isStep: true, runsHere: worksInAzure },
  do_while: { called: 'a loop', isStep: true, runsHere: worksInAzure },
  if_else: { called: 'a condition', isStep: true, runsHere: worksInAzure },
  parallel_for: { called: 'a loop', isStep: true, runsHere: worksInAzure },
};

const typeNames = Object.keys(jobTypes);
const byJobType = new Map(Object.values(jobTypes).flatMap((row) => (row.jobType ? [[row.jobType, row] as const] : [])));

/** The row of Azure's `jobType`; undefined for a word that is none. */
export const jobTypeOf = (jobType: unknown): JobType | undefined => byJobType.get(String(jobType));

/** What makes the jobs of this job; undefined for one that a runner runs as a command. */
export const orchestratorOf = ({ properties }: Pick<Job, 'properties'>): OrchestratorName | undefined =>
  jobTypeOf(properties.jobType)?.orchestratedBy;

/** Whether a job is made of jobs: the steps of a pipeline, the trials of a sweep. */
export const hasChildren = (job: Pick<Job, 'properties'>): boolean => orchestratorOf(job) !== undefined;

/** The types that run here, as a sentence lists them: `command, pipeline and sweep`. */
export function typesThatRun(conjunction: 'and' | 'or'): string {
  const names = typeNames.filter((name) => jobTypes[name]!.runsHere === true);
  return `${names.slice(0, -1).join(', ')} ${conjunction} ${names.at(-1)}`;
}

/** What is wrong and what to do, for whoever wrote something that does not run here. */
export interface Refusal {
  message: string;
  hint: string;
}

/** Says of anything that it does not run here: of `a Spark job`, `a workspace`. The editor and the plane use the same words. */
export const doesNotRun = (what: string): string => `${what[0]!.toUpperCase()}${what.slice(1)} does not run on this machine yet.`;

const hintOf = (reason: string, what: string) => {
  const running = typesThatRun('and');
  return `${reason} ${running[0]!.toUpperCase()}${running.slice(1)} ${what} run here.`;
};

/** Why a job or a component of the type does not run here; undefined where it does. */
export function refusalOf({ called, runsHere }: JobType, what: 'job' | 'component' = 'job'): Refusal | undefined {
  return runsHere === true ? undefined : { message: doesNotRun(`${called} ${what}`), hint: hintOf(runsHere, 'jobs') };
}

/** Why a plane of ours does not take a job of the type from a client; undefined where it does. */
export function planeRefusalOf(row: JobType): Refusal | undefined {
  if (!row.sentAs) return refusalOf(row);
  return {
    message: `${row.called[0]!.toUpperCase()}${row.called.slice(1)} job runs here as the ${row.sentAs} that its YAML becomes.`,
    hint: 'Submit its YAML in VS Code or with `updraft job create`, which make that of it.',
  };
}

/** Why a step with this `type` does not run here; undefined where it does. */
export function stepRefusalOf(step: string, type: string): Refusal | undefined {
  const row = Object.hasOwn(jobTypes, type) ? jobTypes[type]! : undefined;
  if (!row?.isStep)
    return {
      message: `The step "${step}" has the type "${type.slice(0, 50)}", which is no type of a step.`,
      hint: hintOf('', 'steps').trim(),
    };
  if (row.runsHere === true) return undefined;
  return { message: doesNotRun(`the step "${step}" of the type "${type}"`), hint: hintOf(row.runsHere, 'steps') };
}
