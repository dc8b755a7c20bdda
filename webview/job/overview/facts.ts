import { parseAssetId } from '../../../src/protocol/arm.ts';
import type { Job } from '../../../src/protocol/job.ts';

/** The step to blame for a pipeline's failure; where that is a pipeline itself, the step to blame in it. */
export function blamedStep(job: Job, steps: readonly Job[]): Job | undefined {
  const name = job.properties.error?.step;
  const step = name && steps.find((each) => each.properties.parentJobName === job.name && each.properties.nodeName === name);
  return step ? (blamedStep(step, steps) ?? step) : undefined;
}

/** The name of a compute from its ARM id, or from `azureml:NAME`. */
export const computeName = (id: string | null | undefined): string | undefined =>
  id ? id.slice(id.lastIndexOf('/') + 1).replace(/^azureml:/, '') : undefined;

/** `name:version` of an environment; of a registry's, its name and label. */
export function environmentName(id: string): string {
  const asset = parseAssetId(id);
  // What a job's YAML defines itself has no name of its own in Azure either.
  if (asset?.name.startsWith('CliV2AnonymousEnvironment')) return 'defined in the YAML';
  if (asset) return `${asset.name}:${asset.version}`;
  const registry = /\/environments\/([^/]+)\/(?:versions|labels)\/([^/]+)$/.exec(id);
  return registry ? `${registry[1]}@${registry[2]}` : id.replace(/^azureml:/, '');
}

export const gitState = (dirty: string | undefined): string | undefined =>
  dirty === undefined ? undefined : /^true$/i.test(dirty) ? 'with changes that were not committed' : 'clean';
