import { likelyCause } from '../../../src/failures/likelyCause.ts';
import { isCommand, type Job, type JobError } from '../../../src/protocol/job.ts';
import { useHost } from '../../shared/host/host.ts';
import { Line, type Mark } from '../../shared/log/Line.tsx';
import { Button } from '../../shared/ui/fields.tsx';
import { Icon } from '../../shared/ui/Icon.tsx';
import { useOpenSource } from '../useOpenSource.ts';

const none: readonly Mark[] = [];

/** The reason is what was said last. */
const scrollToEnd = (element: HTMLElement | null) => element?.scrollTo(0, element.scrollHeight);

/** Why a job failed, what to do, and the way to the place to blame. `step` is the job of the step that is to blame, for a pipeline. */
export function ErrorBox({ job, error, isShort = false, step }: { job: Job; error: JobError; isShort?: boolean; step?: Job | undefined }) {
  const { command, open } = useHost();
  const openSource = useOpenSource();
  const blamed = step ?? job;
  const { frame, stderrTail } = step?.properties.error ?? error;
  const cause = isShort ? undefined : likelyCause(step?.properties.error ?? error);
  const exitCode = step?.properties.error?.exitCode ?? error.exitCode;
  // What ended before its command did has nothing to debug, and neither has a command without Python.
  const canDebug = exitCode !== undefined && (!isCommand(blamed) || /\bpython/.test(blamed.properties.command));
  return (
    <div className="notice notice-error" role="alert">
      <Icon name="error" />
      <div>
        <p className="error-message">{error.message}</p>
        {cause && (
          <p className="likely-cause">
            <strong>Likely cause:</strong> {cause.why} {cause.fix}
          </p>
        )}
        {error.hint && <p className="dim">{error.hint}</p>}
        {!isShort && stderrTail && stderrTail.length > 0 && (
          <details className="stderr" open>
            <summary>Last lines of the log{exitCode === undefined ? '' : ` (exit code ${exitCode})`}</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by the keyboard */}
            <pre tabIndex={0} ref={scrollToEnd}>
              {stderrTail.map((text, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines are told apart by their place alone
                <div key={index}>
                  <Line text={text} marks={none} onOpen={(path, line) => openSource(blamed.name, path, line)} />
                </div>
              ))}
            </pre>
          </details>
        )}
        <p className="links">
          {frame && (
            <button type="button" className="link" onClick={() => openSource(blamed.name, frame.file, frame.line)}>
              {frame.file}, line {frame.line}
            </button>
          )}
          {command && !isShort && (
            <Button secondary onClick={() => command('job.revealError', { name: job.name })}>
              Show reason
            </Button>
          )}
          {command && !isShort && canDebug && (
            <Button secondary onClick={() => command('job.debug', { name: blamed.name })}>
              Run again under the debugger
            </Button>
          )}
          {step && (
            <button type="button" className="link" onClick={() => open({ page: 'job', name: step.name })}>
              Open the step
            </button>
          )}
        </p>
      </div>
    </div>
  );
}
