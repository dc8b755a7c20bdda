import { likelyCause } from '../failures/likelyCause.ts';
import type { JobError } from '../protocol/job.ts';
import { fromOutside, logLine } from './fromOutside.ts';
import { inLine } from './inLine.ts';

/** Why a job failed, for a model: the reason, the likely cause and what to do, and the last lines of its output. */
export function failureText(error: JobError): string {
  const cause = likelyCause(error);
  return [
    `reason: ${error.code}: ${inLine(error.message, 1000)}`,
    ...(error.step ? [`failed step: ${error.step} (get_job of that step tells more)`] : []),
    ...(error.exitCode === undefined ? [] : [`exit code: ${error.exitCode}`]),
    ...(error.frame ? [`at: ${inLine(error.frame.file)}, line ${error.frame.line}`] : []),
    ...(cause ? [`likely cause: ${inLine(cause.why, 500)}`, `what to do: ${inLine(cause.fix, 500)}`] : []),
    ...(error.hint ? [`hint: ${inLine(error.hint, 500)}`] : []),
    ...(error.stderrTail?.length
      ? [
          fromOutside(
            'last lines of the output',
            error.stderrTail.map((line) => logLine(line)),
          ),
        ]
      : []),
  ].join('\n');
}
