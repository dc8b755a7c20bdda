import { useState } from 'react';
import { resubmit } from '../../src/client/resubmit.ts';
import { originOf } from '../../src/protocol/copiedJob.ts';
import { displayNameOf, hasWork, isTerminal, type Job, jobProperty, titleOf } from '../../src/protocol/job.ts';
import { zip } from '../shared/files/zip.ts';
import { useHost } from '../shared/host/host.ts';
import { saveInBrowser } from '../shared/host/saveInBrowser.ts';
import { useWhyNot } from '../shared/host/withheld.ts';
import { Confirm } from '../shared/ui/Confirm.tsx';
import { CopyButton } from '../shared/ui/CopyButton.tsx';
import { Duration } from '../shared/ui/Duration.tsx';
import { EditableText } from '../shared/ui/EditableText.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Failure } from '../shared/ui/states.tsx';
import { StatusText } from '../shared/ui/status.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';
import { When } from '../shared/ui/When.tsx';
import { jobFiles } from './outputs/jobFiles.ts';
import { progressOf } from './progressOf.ts';

interface JobHeaderProps {
  job: Job;
  parent: Job | undefined;
  /** Undefined until they are read. */
  steps: readonly Job[] | undefined;
}

/** Name, status and time of a job, and what can be done with it. */
export function JobHeader({ job, parent, steps }: JobHeaderProps) {
  const { client, command, open } = useHost();
  const action = useAction();
  const [isAsking, setAsking] = useState(false);
  const download = useAction();
  const { properties } = job;
  const isOver = isTerminal(properties.status!);
  const progress = progressOf(job, steps);
  const ask = command && ((name: Parameters<typeof command>[0]) => () => command(name, { name: job.name }));
  const whyNoCancel = useWhyNot('cancelJobs', 'cancel jobs');
  const whyNoRerun = useWhyNot('submitJobs', 'submit jobs');
  // What runs on another control plane is canceled there.
  const canCancel = !isOver && properties.status !== 'CancelRequested' && originOf(properties) === undefined;
  return (
    <header className="page-header">
      <div className="title-row">
        <h1>
          <EditableText
            value={displayNameOf(job)}
            label="Display name"
            onSave={(displayName) => action.run(() => client.patchJob(job.name, { displayName }))}
          />
        </h1>
        <div className="toolbar" role="toolbar" aria-label="Actions of the job">
          {canCancel && (
            <ToolButton
              icon="debug-stop"
              label={whyNoCancel ?? 'Cancel the job'}
              disabled={whyNoCancel !== undefined}
              text="Cancel"
              // The editor asks by itself.
              onClick={ask?.('job.cancel') ?? (() => setAsking(true))}
            />
          )}
          {hasWork(job) && (
            <ToolButton
              icon="debug-restart"
              label={whyNoRerun ?? (isOver ? 'Run it again' : 'It can be run again when it has ended')}
              text="Rerun"
              disabled={!isOver || action.isRunning || whyNoRerun !== undefined}
              onClick={
                ask?.('job.rerun') ?? (() => action.run(async () => open({ page: 'job', name: (await resubmit(client, job)).name })))
              }
            />
          )}
          {ask && <ToolButton icon="output" label="Open the log in an editor" onClick={ask('job.openLog')} />}
          {ask && properties.properties?.[jobProperty.submittedYaml] && (
            <ToolButton icon="go-to-file" label="Open the YAML that was submitted" onClick={ask('job.openYaml')} />
          )}
          {ask && <ToolButton icon="file-code" label="Open the code that ran" onClick={ask('job.openSnapshot')} />}
          {ask && <ToolButton icon="cloud-download" label="Download outputs" onClick={ask('job.download')} />}
          {!ask && (
            <ToolButton
              icon={download.isRunning ? 'loading codicon-modifier-spin' : 'cloud-download'}
              label={download.isRunning ? 'Everything is put into one file…' : 'Download everything as a zip file'}
              disabled={download.isRunning || !steps}
              onClick={() => download.run(async () => saveInBrowser(await zip(client, jobFiles(job, steps!)), `${job.name}.zip`))}
            />
          )}
        </div>
      </div>
      {isAsking && canCancel && (
        <Confirm
          question={`Cancel ${titleOf(job)}?`}
          detail="What it has written so far is kept."
          action="Cancel the job"
          otherwise="Keep it running"
          onAnswer={(isSure) => {
            setAsking(false);
            if (isSure) action.run(() => client.cancelJob(job.name));
          }}
        />
      )}
      <div className="subtitle">
        <StatusText status={properties.status} />
        {properties.startedAt && <Duration from={properties.startedAt} to={properties.endedAt} />}
        {!properties.startedAt && isOver && <span className="dim">not started</span>}
        <span className="dim">
          <When at={job.systemData?.createdAt} />
        </span>
        {parent && (
          <span className="dim">
            step of{' '}
            <PageLink to={{ page: 'job', name: parent.name }} title={parent.name}>
              {titleOf(parent)}
            </PageLink>
          </span>
        )}
        <span className="job-id">
          <code>{job.name}</code>
          <CopyButton text={job.name} label="Copy the id" />
        </span>
      </div>
      {progress && (
        <p className="progress" role="status">
          {progress}
        </p>
      )}
      {action.error && <Failure error={action.error} />}
      {download.error && <Failure error={download.error} />}
    </header>
  );
}
