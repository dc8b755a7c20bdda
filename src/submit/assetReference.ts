import { nearest } from '../base/nearest.ts';
import { UserError } from '../base/userError.ts';
import { allPages, type PlaneClient } from '../client/planeClient.ts';
import { type AssetKind, parseAssetId } from '../protocol/arm.ts';
import { isAzuresRegistry, parseRegistryId, type RegistryAsset } from '../protocol/registry.ts';

/** Turns `azureml:name:version`, `azureml:name@latest`, `azureml:name` or an ARM id into the ARM id of a version. Throws `AssetNotFound` with what there is. */
export async function resolveAsset(client: PlaneClient, kind: AssetKind, reference: string): Promise<string> {
  const shared = parseRegistryId(reference);
  if (shared) return resolveInRegistry(client, shared);
  const text = reference.replace(/^azureml:/, '');
  const byId = parseAssetId(text);
  if (byId) return (await client.getAsset(kind, byId.name, byId.version)).id;
  const match = /^([^:@/]+)(?:[:@]([^:@]+))?$/.exec(text);
  if (!match)
    throw new UserError(
      'InvalidReference',
      `"${reference}" is no reference to an asset.`,
      'Write azureml:NAME:VERSION or azureml:NAME@latest.',
    );
  const [, name, label] = match as unknown as [string, string, string | undefined];
  const byLabel = label === undefined || reference.includes('@');
  if (byLabel && label !== undefined && label !== 'latest')
    throw new UserError('InvalidReference', `"${reference}": the only label is "latest".`);
  const latest = byLabel ? (await client.listVersions(kind, name)).value[0] : undefined;
  if (latest) return latest.id;
  try {
    if (!byLabel) return (await client.getAsset(kind, name, label!)).id;
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'AssetNotFound')) throw error;
    if (error.hint) throw error;
  }
  const names: string[] = [];
  for await (const container of allPages((next) => client.listContainers(kind, {}, next))) names.push(container.name);
  const close = nearest(name, names);
  throw new UserError(
    'AssetNotFound',
    `There is no ${kind.replace(/s$/, '')} "${text}" in the workspace.`,
    close
      ? `Did you mean "azureml:${close}"?`
      : names.length
        ? `There are ${names.slice(0, 8).join(', ')}.`
        : `Create it with "updraft ${kind.replace(/s$/, '')} create --file …".`,
  );
}

/** The id of a version in a registry, by number or as the latest. Throws `AssetNotFound`, with what there is, or `NotFound` for a registry that is not there. */
async function resolveInRegistry(client: PlaneClient, { registry, kind, name, version, label }: RegistryAsset): Promise<string> {
  const noun = kind.replace(/s$/, '');
  if (isAzuresRegistry(registry))
    throw new UserError(
      'AssetNotFound',
      `The control plane does not have Azure's public registry "${registry}", so there is no ${noun} "${name}".`,
      'Create it in the workspace, or in a registry of the control plane.',
    );
  const there = client.inRegistry(registry);
  if (version !== undefined) return (await there.getAsset(kind, name, version)).id;
  if (label !== 'latest')
    throw new UserError('InvalidReference', `The label "${label}" is not known.`, 'The only label is "latest"; or name a version.');
  const latest = (await there.listVersions(kind, name)).value[0];
  if (latest) return latest.id;
  const names = (await there.listContainers(kind)).value.map((each) => each.name);
  throw new UserError(
    'AssetNotFound',
    `There is no ${noun} "${name}" in the registry ${registry}.`,
    names.length ? `It has ${names.slice(0, 8).join(', ')}.` : `It has no ${noun}.`,
  );
}
