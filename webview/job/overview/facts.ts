import { parseAssetId } from '../../../src/protocol/arm.ts';

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
