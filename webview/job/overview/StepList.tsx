import { isTerminal, type Job, jobProperty, type PipelineJob } from '../../../src/protocol/job.ts';
import { Duration } from '../../shared/ui/Duration.tsx';
import { PageLink } from '../../shared/ui/PageLink.tsx';
import { StatusIcon } from '../../shared/ui/status.tsx';
import { lookOf } from '../../shared/ui/statusLook.ts';

/** The steps of a pipeline with their state, those whose turn has not come as well. */
export function StepList({ pipeline, steps }: { pipeline: PipelineJob; steps: readonly Job[] }) {
  const byName = new Map(steps.map((step) => [step.properties.nodeName, step]));
  const names = Object.keys(pipeline.properties.jobs);
  return (
    <ul className="steps">
      {names.map((name) => {
        const step = byName.get(name);
        // A step without a job waits for its turn, until it is known that this never comes.
        const status = step?.properties.status ?? (isTerminal(pipeline.properties.status!) ? 'NotStarted' : undefined);
        const isReused = step?.properties.properties?.[jobProperty.isReused] === 'true';
        return (
          <li key={name}>
            <span title={lookOf(status).label}>
              <StatusIcon status={status} />
            </span>
            <span className="step-name">
              {step ? <PageLink to={{ page: 'job', name: step.name }}>{name}</PageLink> : <span className="dim">{name}</span>}
            </span>
            <span className="step-progress dim">{step?.properties.progress}</span>
            {isReused ? (
              <span className="badge">reused</span>
            ) : (
              <span className="number dim">
                {step?.properties.startedAt ? (
                  <Duration from={step.properties.startedAt} to={step.properties.endedAt} />
                ) : (
                  lookOf(status).label
                )}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
