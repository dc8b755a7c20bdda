import type { Job } from '../../protocol/job.ts';
import type { Diagnostic } from '../../spec/diagnostic.ts';
import { resolveAsset } from '../assetReference.ts';
import { type SubmitOptions, submitJob } from '../submitJob.ts';
import { Computes } from './computes.ts';
import { mustBePossible, planSubmission } from './planSubmission.ts';
import { Promotions } from './promotions.ts';
import type { Target } from './target.ts';

/**
 * Submits a file to another plane, after the assets that it names and that are missing there were sent. Nothing is sent where the plan says that it can't be
 * submitted. Who was cut off submits again: what is there already does not travel twice. Throws as `submitJob` does, and `Conflict`, `NoCompute` and
 * `AuthorizationFailed` by the plan.
 */
export async function submitElsewhere(
  target: Target,
  { file, signal, onProgress = () => {}, ...changes }: Omit<SubmitOptions, 'client' | 'names'>,
): Promise<{ job: Job; diagnostics: Diagnostic[] }> {
  const { client, origin } = target;
  onProgress('Working out what will run there');
  const plan = await planSubmission(target, file, {
    ...(changes.overrides ? { overrides: changes.overrides } : {}),
    ...(signal ? { signal } : {}),
  });
  mustBePossible(plan);
  const computes = await Computes.of(target, file);
  const promotions =
    origin &&
    new Promotions(client, origin, {
      signal,
      onWanted: ({ kind, name, version }) => onProgress(kind === 'codes' ? 'Promoting code' : `Promoting ${name}:${version}`),
    });
  return submitJob({
    client,
    file,
    onProgress,
    ...changes,
    ...(signal ? { signal } : {}),
    names: {
      asset: (kind, reference) => (promotions ? promotions.send(kind, reference) : resolveAsset(client, kind, reference)),
      compute: (name) => computes.nameThere(name),
    },
  });
}
