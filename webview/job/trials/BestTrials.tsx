import { useMemo } from 'react';
import type { Job, SweepJob } from '../../../src/protocol/job.ts';
import { useNow } from '../../shared/ui/Duration.tsx';
import { TrialTable } from './TrialTable.tsx';
import { bestFirst, goalOf, hyperparametersOf, sortedTrials, tally, trialRows } from './trialRows.ts';
import { useObjectives } from './useObjectives.ts';

/** Trials that a glance has room for. */
const few = 8;

/** The best trials of a sweep, and how it stands. */
export function BestTrials({ sweep, steps }: { sweep: SweepJob; steps: readonly Job[] }) {
  const { value: objectives } = useObjectives(sweep, steps);
  const now = useNow(steps.some(({ properties }) => properties.startedAt && !properties.endedAt));
  const names = hyperparametersOf(sweep);
  const order = bestFirst(goalOf(sweep));
  const rows = useMemo(() => trialRows(sweep, steps, objectives ?? new Map(), now), [sweep, steps, objectives, now]);
  if (rows.length === 0) return <p className="dim">No trial has been made yet.</p>;
  return (
    <>
      <TrialTable
        rows={sortedTrials(rows, names, order).slice(0, few)}
        names={names}
        metric={sweep.properties.objective.primaryMetric}
        order={order}
      />
      <p className="dim">
        {rows.length > few ? `The best ${few} of ${rows.length}: ` : ''}
        {tally(rows)}
      </p>
    </>
  );
}
