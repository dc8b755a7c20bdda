import { type Job, titleOf } from '../../../src/protocol/job.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { GoalLink } from '../../shared/ui/Goal.tsx';
import { Icon } from '../../shared/ui/Icon.tsx';
import { Section } from '../../shared/ui/Section.tsx';
import { Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { StatusIcon } from '../../shared/ui/status.tsx';
import { type Relation, readLineage } from './lineage.ts';

/** From where a job came, and to what it led. */
export function LineageTab({ job, parent, steps }: { job: Job; parent: Job | undefined; steps: readonly Job[] }) {
  const { value, error } = useLive(
    `lineage ${job.name} ${parent?.name ?? ''} ${job.properties.status} ${steps.map((step) => step.name).join(' ')}`,
    (client) => readLineage(client, job, parent, steps),
    (change) => change.kind === 'model' || change.kind === 'data' || (change.kind === 'job' && change.id === job.name),
    1000,
  );
  if (!value) return error ? <ReadFailure error={error} /> : <Loading what="the lineage" />;
  return (
    <div className="lineage">
      <Section title="Comes from">
        <Relations relations={value.from} none="Nothing is recorded about where this job comes from." />
      </Section>
      <div className="lineage-self">
        <Icon name="arrow-right" className="lineage-arrow" />
        <div className="card">
          <StatusIcon status={job.properties.status} />
          <strong>{titleOf(job)}</strong>
        </div>
        <Icon name="arrow-right" className="lineage-arrow" />
      </div>
      <Section title="Led to">
        <Relations relations={value.to} none="Nothing was made from this job yet." />
      </Section>
    </div>
  );
}

export function Relations({ relations, none }: { relations: readonly Relation[]; none: string }) {
  if (relations.length === 0) return <p className="dim">{none}</p>;
  return (
    <ul className="relations">
      {relations.map((relation) => (
        <li key={`${relation.role} ${relation.label} ${relation.detail ?? ''}`} className="card">
          <Icon name={relation.icon} />
          <div>
            <span className="dim relation-role">{relation.role}</span>
            <span className="relation-label">
              <GoalLink to={relation.to}>{relation.label}</GoalLink>
            </span>
            {relation.detail && (
              <span className="dim relation-detail" title={relation.detail}>
                {relation.detail}
              </span>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
