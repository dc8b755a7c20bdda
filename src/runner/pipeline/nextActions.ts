import { isTerminal, type JobError, type PipelineJob, type PipelineNode } from '../../protocol/job.ts';
import { expressionsIn } from '../../spec/expression.ts';
import type { StepJob } from './stepJob.ts';

/** What a pipeline does next: create the jobs of these steps, and end when `finish` says how. */
export interface NextActions {
  create: string[];
  finish?: { status: 'Completed' | 'Failed' | 'Canceled'; error?: JobError };
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
 */
export function nextActions(pipeline: PipelineJob, children: ReadonlyMap<string, StepJob>): NextActions {
  const { jobs, settings } = pipeline.properties;
  const statusOf = (name: string) => children.get(name)?.properties.status;
  const running = [...children.values()].some((child) => !isTerminal(child.properties.status!));
  if (pipeline.properties.status === 'CancelRequested') return running ? { create: [] } : { create: [], finish: { status: 'Canceled' } };

  const failed = Object.keys(jobs).filter((name) => statusOf(name) === 'Failed');
  const canceled = Object.keys(jobs).filter((name) => statusOf(name) === 'Canceled');
  const goesOn = (failed.length === 0 && canceled.length === 0) || settings?.continue_on_step_failure === true;
  const create = goesOn
    ? Object.entries(jobs)
        .filter(([name, node]) => !children.has(name) && [...dependenciesOf(node)].every((each) => statusOf(each) === 'Completed'))
        .map(([name]) => name)
    : [];
  if (create.length || running) return { create };
  if (failed.length === 0 && canceled.length === 0) return { create: [], finish: { status: 'Completed' } };
  const [step] = [...failed, ...canceled];
  const cause = children.get(step!)?.properties.error;
  const skipped = Object.keys(jobs).filter((name) => !children.has(name));
  return {
    create: [],
    finish: {
      status: 'Failed',
      error: {
        code: 'StepFailed',
        message: `The step "${step}" ${failed.length ? 'failed' : 'was canceled'}${cause ? `: ${cause.message}` : '.'}${skipped.length ? ` Not started: ${skipped.join(', ')}.` : ''}`,
        ...(cause?.hint ? { hint: cause.hint } : {}),
        step: step!,
      },
    },
  };
}
