import { displayNameOf, isPipeline, isSweep, isTerminal, type Job, literalInputs, titleOf } from '../../src/protocol/job.ts';
import { hasJob, NoJob } from '../job/NoJob.tsx';
import { ErrorBox } from '../job/overview/ErrorBox.tsx';
import { blamedStep } from '../job/overview/facts.ts';
import { StepList } from '../job/overview/StepList.tsx';
import { progressOf } from '../job/progressOf.ts';
import { BestTrials } from '../job/trials/BestTrials.tsx';
import { useJob } from '../job/useJob.ts';
import { useHost } from '../shared/host/host.ts';
import { Duration } from '../shared/ui/Duration.tsx';
import { LiteralFacts } from '../shared/ui/LiteralFacts.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Section } from '../shared/ui/Section.tsx';
import { Loading, ReadFailure } from '../shared/ui/states.tsx';
import { StatusText } from '../shared/ui/status.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { When } from '../shared/ui/When.tsx';
import { MetricList } from './MetricList.tsx';
import { useKeyMetrics } from './useKeyMetrics.ts';

/** A job at a glance, in a narrow column. */
export function SelectedJob({ name }: { name: string }) {
  const live = useJob(name);
  return hasJob(live) ? <Glance job={live.job} parent={live.parent} steps={live.steps} /> : <NoJob name={name} live={live} />;
}

function Glance({ job, parent, steps = [] }: { job: Job; parent: Job | undefined; steps: readonly Job[] | undefined }) {
  const { properties } = job;
  const primary = parent && isSweep(parent) ? parent.properties.objective.primaryMetric : undefined;
  const { value: run, error } = useKeyMetrics(job.name, primary);
  const progress = progressOf(job, steps);
  return (
    <main className="glance">
      <Head job={job} parent={parent} />
      {progress && (
        <p className="progress" role="status">
          {progress}
        </p>
      )}
      {properties.error && <ErrorBox job={job} error={properties.error} step={blamedStep(job, steps)} />}
      {isSweep(job) && (
        <Section title="Trials">
          <div className="glance-trials">
            <BestTrials sweep={job} steps={steps} />
          </div>
        </Section>
      )}
      {isPipeline(job) && (
        <Section title="Steps">
          <StepList pipeline={job} steps={steps.filter((step) => step.properties.parentJobName === job.name)} />
        </Section>
      )}
      {error && !run && <ReadFailure error={error} />}
      {!error && !run && <Loading what="metrics" />}
      {run && run.metrics.length > 0 && (
        <Section title="Metrics">
          <MetricList job={job.name} metrics={run.metrics} />
          {run.others > 0 && (
            <p>
              <PageLink to={{ page: 'job', name: job.name, tab: 'metrics' }}>
                {run.others} more {run.others === 1 ? 'metric' : 'metrics'}
              </PageLink>
            </p>
          )}
        </Section>
      )}
      {run && run.metrics.length === 0 && !isPipeline(job) && !isSweep(job) && (
        <p className="dim">{isTerminal(properties.status!) ? 'No metrics were logged.' : 'No metrics yet.'}</p>
      )}
      {run && <Parameters job={job} params={run.params} />}
    </main>
  );
}

function Head({ job, parent }: { job: Job; parent: Job | undefined }) {
  const { command, open } = useHost();
  const { properties } = job;
  return (
    <header className="glance-head">
      <div className="glance-title">
        <h1>
          <PageLink to={{ page: 'job', name: job.name }} title={`${displayNameOf(job)}\nOpen its page`}>
            <bdi>{displayNameOf(job)}</bdi>
          </PageLink>
        </h1>
        <div className="toolbar" role="toolbar" aria-label="Actions of the job">
          <ToolButton icon="graph" label="Open the page of the job" onClick={() => open({ page: 'job', name: job.name })} />
          <ToolButton icon="output" label="Open the log in an editor" onClick={() => command?.('job.openLog', { name: job.name })} />
        </div>
      </div>
      <div className="subtitle">
        <StatusText status={properties.status} />
        {properties.startedAt && <Duration from={properties.startedAt} to={properties.endedAt} />}
        {!properties.startedAt && isTerminal(properties.status!) && <span className="dim">not started</span>}
        <span className="dim">
          <When at={job.systemData?.createdAt} />
        </span>
        {parent && (
          <span className="dim">
            {isSweep(parent) ? 'trial' : 'step'} of{' '}
            <PageLink to={{ page: 'job', name: parent.name }} title={parent.name}>
              {titleOf(parent)}
            </PageLink>
          </span>
        )}
      </div>
    </header>
  );
}

/** What the job was given, and what its script says that it used. */
function Parameters({ job, params }: { job: Job; params: readonly { key: string; value: string }[] }) {
  const given = new Map(literalInputs(job));
  const logged = params
    .filter(({ key, value }) => given.get(key) !== value)
    .map(({ key, value }) => [given.has(key) ? `${key} (logged)` : key, value] as const);
  const all = [...given, ...logged];
  if (all.length === 0) return null;
  return (
    <Section title="Parameters">
      <LiteralFacts values={all} />
    </Section>
  );
}
