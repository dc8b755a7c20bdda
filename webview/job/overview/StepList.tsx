import { isPipeline, isTerminal, type Job, jobProperty } from '../../../src/protocol/job.ts';
import { Duration } from '../../shared/ui/Duration.tsx';
import { PageLink } from '../../shared/ui/PageLink.tsx';
import { StatusIcon } from '../../shared/ui/status.tsx';
import { lookOf } from '../../shared/ui/statusLook.ts';

const inNumbers = (a: string, b: string): number => a.localeCompare(b, undefined, { numeric: true });

/** The steps of a pipeline with their state, those whose turn has not come as well; or the trials of a sweep, the best one marked. */
export function StepList({ job, steps }: { job: Job; steps: readonly Job[] }) {
  const byName = new Map(steps.map((step) => [step.properties.nodeName, step]));
  const names = isPipeline(job)
    ? Object.keys(job.properties.jobs)
    : [...byName.keys()].filter((name) => name !== undefined).sort(inNumbers);
  const best = job.properties.properties?.[jobProperty.bestTrial];
  return (
    <ul className="steps">
      {names.map((name) => {
        const step = byName.get(name);
        // A step without a job waits for its turn, until it is known that this never comes.
        const status = step?.properties.status ?? (isTerminal(job.properties.status!) ? 'NotStarted' : undefined);
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
            {step && step.name === best && <span className="badge">best</span>}
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
