import { nearest } from '../base/nearest.ts';
import { UserError } from '../base/userError.ts';
import { allPages, type PlaneClient } from '../client/planeClient.ts';
import { type AssetKind, parseAssetId } from '../protocol/arm.ts';

/** Turns `azureml:name:version`, `azureml:name@latest`, `azureml:name` or an ARM id into the ARM id of a version. Throws `AssetNotFound` with what there is. */
export async function resolveAsset(client: PlaneClient, kind: AssetKind, reference: string): Promise<string> {
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
