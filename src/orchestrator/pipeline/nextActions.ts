import { isTerminal, type JobError, type PipelineJob, type PipelineNode } from '../../protocol/job.ts';
import { expressionsIn } from '../../spec/expression.ts';
import type { StepJob } from './stepJob.ts';

/** What a pipeline does next: create the jobs of these steps, and end when `finish` says how. */
export interface NextActions {
  create: string[];
  finish?: { status: 'Completed' | 'Failed' | 'Canceled'; error?: JobError };
}

/** The steps of `on_init` and `on_finalize`, where there are such. */
function endsOf({ properties: { jobs, settings } }: PipelineJob): { first: string | undefined; last: string | undefined } {
  const named = (name: string | undefined) => (name !== undefined && Object.hasOwn(jobs, name) ? name : undefined);
  return { first: named(settings?.on_init), last: named(settings?.on_finalize) };
}

const dependencies = new WeakMap<PipelineNode, Set<string>>();

/** The steps that a step reads from, or waits for. Worked out once for each node: every step that ends asks for those of all others. */
export function dependenciesOf(node: PipelineNode): Set<string> {
  const known = dependencies.get(node);
  if (known) return known;
  const found = new Set<string>();
  dependencies.set(node, found);
  for (const input of Object.values(node.inputs ?? {})) {
    for (const { path } of expressionsIn(input.value ?? input.uri ?? '')) {
      if (path[0] === 'parent' && path[1] === 'jobs' && path[2]) found.add(path[2]);
    }
  }
  return found;
}

/**
 * Decides from the pipeline and the jobs of its steps alone (`children` by step name), so that it gives the same answer after any restart.
 * A step starts when all it reads from is `Completed`. After a failure nothing new starts, unless `continue_on_step_failure`: then what does not depend on it does.
 * The step of `on_init` comes before all others; that of `on_finalize` when nothing else runs or will run, also after a failure, but not after a cancel.
 */
export function nextActions(pipeline: PipelineJob, children: ReadonlyMap<string, StepJob>): NextActions {
  const { jobs, settings } = pipeline.properties;
  const statusOf = (name: string) => children.get(name)?.properties.status;
  const missing: string[] = [];
  const ended: Record<'Failed' | 'Canceled', string[]> = { Failed: [], Canceled: [] };
  let running = false;
  for (const name of Object.keys(jobs)) {
    const status = statusOf(name);
    if (status === undefined) missing.push(name);
    else if (status === 'Failed' || status === 'Canceled') ended[status].push(name);
    else running ||= !isTerminal(status);
  }
  if (pipeline.properties.status === 'CancelRequested') return running ? { create: [] } : { create: [], finish: { status: 'Canceled' } };

  const [step] = [...ended.Failed, ...ended.Canceled];
  const { first, last } = endsOf(pipeline);
  const isDone = (name: string) => statusOf(name) === 'Completed';
  const isReady = (name: string) =>
    name !== last && (first === undefined || name === first || isDone(first)) && [...dependenciesOf(jobs[name]!)].every(isDone);
  const create = step === undefined || settings?.continue_on_step_failure ? missing.filter(isReady) : [];
  if (create.length || running) return { create };
  if (last !== undefined && statusOf(last) === undefined) return { create: [last] };
  if (step === undefined) return { create: [], finish: { status: 'Completed' } };
  const cause = children.get(step)?.properties.error;
  return {
    create: [],
    finish: {
      status: 'Failed',
      error: {
        code: 'StepFailed',
        message: `The step "${step}" ${ended.Failed.length ? 'failed' : 'was canceled'}${cause ? `: ${cause.message}` : '.'}${missing.length ? ` Not started: ${missing.join(', ')}.` : ''}`,
        ...(cause?.hint ? { hint: cause.hint } : {}),
        step,
      },
    },
  };
}
