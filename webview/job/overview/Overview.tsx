import { lazy } from 'react';
import { isCommand, isPipeline, isSweep, isTerminal, type Job, jobProperty, titleOf } from '../../../src/protocol/job.ts';
import { isSystemMetric } from '../../../src/protocol/systemMetric.ts';
import { formatNumber } from '../../shared/chart/numbers.ts';
import { useHost } from '../../shared/host/host.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { Facts } from '../../shared/ui/Facts.tsx';
import { GoalLink } from '../../shared/ui/Goal.tsx';
import { Later } from '../../shared/ui/Later.tsx';
import { LiteralFacts } from '../../shared/ui/LiteralFacts.tsx';
import { PageLink } from '../../shared/ui/PageLink.tsx';
import { Section } from '../../shared/ui/Section.tsx';
import { Failure } from '../../shared/ui/states.tsx';
import { Tags } from '../../shared/ui/Tags.tsx';
import { useAction } from '../../shared/ui/useAction.ts';
import { When } from '../../shared/ui/When.tsx';
import { BestTrials } from '../trials/BestTrials.tsx';
import { ErrorBox } from './ErrorBox.tsx';
import { blamedStep, commitPage, computeOf, copiedFrom, environmentName, environmentPage, gitState, submittedFrom } from './facts.ts';
import { StepList } from './StepList.tsx';
import { Values } from './Values.tsx';

const Notes = lazy(async () => ({ default: (await import('./Notes.tsx')).Notes }));
const Packages = lazy(async () => ({ default: (await import('../environment/Packages.tsx')).Packages }));

/** A job at a glance. */
export function Overview({
  job,
  steps,
  parent,
  openTab,
}: {
  job: Job;
  steps: readonly Job[];
  parent: Job | undefined;
  openTab(tab: string): void;
}) {
  const { client } = useHost();
  const action = useAction();
  const { properties } = job;
  const facts = properties.properties ?? {};
  const { value: run } = useLive(
    `run ${job.name}`,
    async (plane) => (await plane.getRun(job.name)).run,
    (change) => change.id === job.name && (change.kind === 'metric' || change.kind === 'job'),
    500,
  );
  const metrics = (run?.data.metrics ?? []).filter(({ key }) => !isSystemMetric(key));
  const params = run?.data.params ?? [];
  const inputs = Object.keys(properties.inputs ?? {});
  const outputs = Object.keys(properties.outputs ?? {});
  const blamed = blamedStep(job, steps);
  const reusedFrom = facts[jobProperty.reusedFrom];
  return (
    <div className="overview">
      {properties.error && <ErrorBox job={job} error={properties.error} step={blamed} />}
      {reusedFrom && (
        <p className="notice">
          Nothing had to be run: this step has the same code, inputs and environment as{' '}
          <PageLink to={{ page: 'job', name: reusedFrom }}>{reusedFrom}</PageLink>, and its result was used.
        </p>
      )}
      {action.error && <Failure error={action.error} />}
      <div className="columns">
        <div className="column">
          <Later what="the note" instead={<p className="note-place" />}>
            <Notes text={properties.description ?? ''} onSave={(description) => client.patchJob(job.name, { description })} />
          </Later>
          {isSweep(job) && (
            <Section
              title="Trials"
              actions={
                <button type="button" className="link" onClick={() => openTab('trials')}>
                  All trials
                </button>
              }
            >
              <BestTrials sweep={job} steps={steps} />
            </Section>
          )}
          {isPipeline(job) && (
            <Section title="Steps">
              <StepList pipeline={job} steps={steps.filter((step) => step.properties.parentJobName === job.name)} />
            </Section>
          )}
          {metrics.length > 0 && (
            <Section
              title="Latest metrics"
              actions={
                <button type="button" className="link" onClick={() => openTab('metrics')}>
                  Charts
                </button>
              }
            >
              <Facts
                facts={metrics.map(
                  (metric) =>
                    [
                      metric.key,
                      <span key={metric.key} className="number">
                        {formatNumber(Number(metric.value))}
                      </span>,
                    ] as const,
                )}
              />
            </Section>
          )}
          {inputs.length > 0 && (
            <Section title="Inputs">
              <Values values={properties.inputs!} status={properties.status} />
            </Section>
          )}
          {params.length > 0 && (
            <Section title="Parameters">
              <LiteralFacts values={params.map(({ key, value }) => [key, value] as const)} />
            </Section>
          )}
          {outputs.length > 0 && (
            <Section title="Outputs">
              <Values values={properties.outputs!} status={properties.status} />
            </Section>
          )}
          {isCommand(job) && job.properties.command && (
            <Section title="Command">
              <pre className="code">{job.properties.command}</pre>
            </Section>
          )}
        </div>
        <div className="column side">
          <Section title="Details">
            <Facts
              facts={[
                [
                  'Experiment',
                  properties.experimentName && (
                    <PageLink key="experiment" to={{ page: 'runs', name: properties.experimentName }} title="The runs of this experiment">
                      {properties.experimentName}
                    </PageLink>
                  ),
                ],
                ['Compute', computeOf(job, steps)],
                [
                  'Environment',
                  isCommand(job) && job.properties.environmentId && (
                    <GoalLink key="environment" to={environmentPage(job.properties.environmentId)}>
                      {environmentName(job.properties.environmentId)}
                    </GoalLink>
                  ),
                ],
                ['Pipeline', parent && <PageLink to={{ page: 'job', name: parent.name }}>{titleOf(parent)}</PageLink>],
                ['Submitted', <When key="submitted" isExact at={job.systemData?.createdAt} />],
                ['By', job.systemData?.createdBy],
                [isTerminal(properties.status!) ? 'Ran in' : 'Runs in', copiedFrom(job)],
                ['Started', properties.startedAt && !isReused(job) ? <When key="started" isExact at={properties.startedAt} /> : undefined],
                [
                  'Ended',
                  isTerminal(properties.status!) && properties.endedAt ? <When key="ended" isExact at={properties.endedAt} /> : undefined,
                ],
                [
                  'From',
                  facts[jobProperty.submittedFile] && (
                    <GoalLink key="from" to={submittedFrom(job)} title={facts[jobProperty.submittedFile]}>
                      {facts[jobProperty.submittedFile]}
                    </GoalLink>
                  ),
                ],
              ]}
            />
          </Section>
          {facts[jobProperty.gitCommit] && (
            <Section title="Git">
              <Facts
                facts={[
                  [
                    'Commit',
                    <GoalLink key="commit" to={commitPage(facts)} title={facts[jobProperty.gitCommit]}>
                      <code>{facts[jobProperty.gitCommit]!.slice(0, 10)}</code>
                    </GoalLink>,
                  ],
                  ['Branch', facts[jobProperty.gitBranch]],
                  ['State', gitState(facts[jobProperty.gitDirty])],
                  ['Repository', facts[jobProperty.gitRepository]],
                ]}
              />
            </Section>
          )}
          {isCommand(job) && (
            <Later what="the packages" instead={null}>
              <Packages job={job} />
            </Later>
          )}
          <Section title="Tags">
            <Tags tags={properties.tags ?? {}} onChange={(tags) => action.run(() => client.patchJob(job.name, { tags }))} />
          </Section>
        </div>
      </div>
    </div>
  );
}

const isReused = (job: Job) => job.properties.properties?.[jobProperty.isReused] === 'true';
