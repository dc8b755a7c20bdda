import { likelyCause } from '../failures/likelyCause.ts';
import type { Job } from '../protocol/job.ts';

/** Why a job failed, for a terminal: step, reason, last lines of standard error, the likely cause, what to do. */
export function failureText(job: Job): string {
  const { error, status } = job.properties;
  if (!error) return `The job ${job.name} is ${status}.`;
  const cause = likelyCause(error);
  return [
    `${error.step ? `Step "${error.step}": ` : ''}${error.message}`,
    ...(error.frame ? [`at ${error.frame.file}, line ${error.frame.line}`] : []),
    ...(error.stderrTail?.length ? ['', ...error.stderrTail.map((line) => `  | ${line}`), ''] : []),
    ...(cause ? [`Likely cause: ${cause.why}`, cause.fix] : []),
    ...(error.hint ? [error.hint] : []),
  ].join('\n');
}
