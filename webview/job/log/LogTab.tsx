import { type ReactNode, useMemo } from 'react';
import { formatBytes, plural } from '../../../src/base/text.ts';
import { setupLines } from '../../../src/client/setupLines.ts';
import { isCommand, isTerminal, type Job, jobProperty } from '../../../src/protocol/job.ts';
import { useHost } from '../../shared/host/host.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { TextView } from '../../shared/log/TextView.tsx';
import { useLog } from '../../shared/log/useLog.ts';
import { Select } from '../../shared/ui/fields.tsx';
import { Icon } from '../../shared/ui/Icon.tsx';
import { Empty, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { useOpenSource } from '../useOpenSource.ts';

/** The log of a job, or of one of a pipeline's steps. */
export function LogTab({ job, steps, labelOf }: { job: Job; steps: readonly Job[]; labelOf(job: Job): string }) {
  const [chosen, choose] = usePageState('step', '');
  const withLog = isCommand(job) ? [job] : steps.filter(isCommand);
  // What failed is what one looks for, else what runs now.
  const shown =
    withLog.find((each) => each.name === chosen) ??
    withLog.find((each) => each.properties.status === 'Failed') ??
    withLog.find((each) => !isTerminal(each.properties.status!)) ??
    withLog[0];
  if (!shown) return <Empty title="No step has started yet.">The log of each step appears here as it runs.</Empty>;
  return (
    <div className="log-tab">
      <JobLog
        job={shown}
        label={withLog.length > 1 ? `Log of ${labelOf(shown)}` : 'Log'}
        chooser={
          withLog.length > 1 && (
            <Select
              label="Step"
              value={shown.name}
              options={withLog.map((each) => ({ value: each.name, label: labelOf(each) }))}
              onChange={choose}
            />
          )
        }
      />
    </div>
  );
}

const noLines: readonly string[] = [];

function JobLog({ job, label, chooser }: { job: Job; label: string; chooser: ReactNode }) {
  const { command } = useHost();
  const openSource = useOpenSource();
  const [isWhole, setWhole] = usePageState('whole', false);
  const { log, error } = useLog(job.name, isWhole);
  const isOver = isTerminal(job.properties.status!);
  const [isUnfolded, unfold] = usePageState('setup', false);
  // Of a log whose beginning is left out the lines can't be counted from there.
  const setup = log && log.skipped === 0 ? setupLines(job, log.lines.length) : 0;
  const folded = isUnfolded ? 0 : setup;
  const isReused = job.properties.properties?.[jobProperty.isReused] === 'true';
  const all = log?.lines ?? noLines;
  const shown = useMemo(() => (folded ? all.slice(folded) : all), [all, folded]);
  let instead: ReactNode;
  if (!log) instead = error ? <ReadFailure error={error} /> : <Loading what="the log" />;
  else if (log.lines.length === 0)
    instead = (
      <Empty title={isOver ? 'The job wrote nothing.' : 'Nothing was written yet.'}>
        {isReused && 'Its result was taken from an earlier run; the log is there.'}
      </Empty>
    );
  return (
    <>
      {log && error && <ReadFailure error={error} />}
      {log && log.skipped > 0 && (
        <p className="notice">
          The first {formatBytes(log.skipped)} of this log are not shown.{' '}
          <button type="button" className="link" onClick={() => setWhole(true)}>
            Show all of it
          </button>
        </p>
      )}
      {setup > 0 && (
        <p className="log-setup">
          <button type="button" className="link" aria-expanded={isUnfolded} onClick={() => unfold(!isUnfolded)}>
            <Icon name={isUnfolded ? 'chevron-down' : 'chevron-right'} />
            {isUnfolded ? 'Hide' : 'Show'} the set-up ({plural(setup, 'line')})
          </button>
        </p>
      )}
      <TextView
        label={label}
        lines={shown}
        firstLine={folded + 1}
        instead={instead}
        searchKey="logSearch"
        hasLevels
        before={chooser}
        follows
        onOpenSource={(path, line) => openSource(job.name, path, line)}
        actions={
          command && (
            <>
              <ToolButton icon="go-to-file" label="Open in an editor" onClick={() => command('job.openLog', { name: job.name })} />
              {job.properties.status === 'Failed' && (
                <ToolButton
                  icon="debug-line-by-line"
                  label="Jump to the reason"
                  onClick={() => command('job.revealError', { name: job.name })}
                />
              )}
            </>
          )
        }
      />
    </>
  );
}
