import { useMemo } from 'react';
import { isCommand, type Job, leftEmpty } from '../../../src/protocol/job.ts';
import { Files } from '../../shared/files/Files.tsx';
import { jobFiles } from './jobFiles.ts';

/** What a job wrote, logged and ran. */
export function OutputsTab({ job, steps }: { job: Job; steps: readonly Job[] }) {
  // Only what names files: a step that makes progress does not list anything anew.
  const key = JSON.stringify(
    [job, ...steps].map((each) => [
      each.name,
      each.properties.outputs,
      Object.keys(each.properties.outputs ?? {}).map((name) => leftEmpty(each.properties, name)),
    ]),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that the files depend on
  const roots = useMemo(() => jobFiles(job, steps), [key]);
  const initial = useMemo(
    () =>
      (isCommand(job)
        ? roots.filter((node) => node.list && !node.id.startsWith('code:'))
        : roots.filter((node) => node.list && !node.id.startsWith('step:'))
      ).map((node) => node.id),
    [job, roots],
  );
  return <Files label="Outputs and artifacts" roots={roots} initial={initial} />;
}
