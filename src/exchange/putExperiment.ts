import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { Experiment } from '../protocol/mlflow.ts';
import { withRetries } from '../transfer/withRetries.ts';
import { mapOf } from './mapOf.ts';

/** Experiments are the same by their name. Says whether it was made here. */
export async function putExperiment(
  to: PlaneClient,
  { name, tags = [] }: Pick<Experiment, 'name' | 'tags'>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const call = <T>(method: string, path: string, body?: unknown) =>
    withRetries(() => to.http.json<T>(method, `/api/2.0/mlflow/experiments/${path}`, body, signal), { signal });
  const here = await call<{ experiment: Experiment }>('GET', `get-by-name?${new URLSearchParams({ experiment_name: name })}`).catch(
    (error) => {
      if (error instanceof UserError && error.code === 'NotFound') return undefined;
      throw error;
    },
  );
  if (!here) {
    await call('POST', 'create', { name, tags });
    return true;
  }
  if (here.experiment.lifecycle_stage === 'deleted')
    throw new UserError('Conflict', 'The experiment of this name is deleted here.', 'Restore it, or rename the one there.');
  const known = mapOf(here.experiment.tags);
  for (const { key, value } of tags)
    if (known[key] !== value) await call('POST', 'set-experiment-tag', { experiment_id: here.experiment.experiment_id, key, value });
  return false;
}
