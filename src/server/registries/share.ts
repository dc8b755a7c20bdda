import { createHash, randomUUID } from 'node:crypto';
import { UserError } from '../../base/userError.ts';
import type { AssetKind } from '../../protocol/arm.ts';
import { blobContainer } from '../../protocol/asset.ts';
import { registryAssetId } from '../../protocol/registry.ts';
import type { Blobs } from '../../store/blobs.ts';
import type { StoreReader, WorkspaceStore } from '../../store/store.ts';
import { putVersion } from '../routes/arm/assets.ts';
import { copiedProperties } from './copyAsset.ts';
import { withWorkspaceIds } from './registryIds.ts';

export interface Asset {
  kind: AssetKind;
  name: string;
  version: string;
}

export interface Sharing {
  /** The workspace that has it. */
  from: StoreReader;
  registry: string;
  to: WorkspaceStore;
  blobs: Blobs;
  /** Throws where who shares may not read assets of this kind in the workspace. */
  mustRead: (kind: AssetKind) => void;
}

/** Where a shared version says what it is a copy of, so that it can be shared again after an answer was lost. */
const source = 'azureml.sharedFrom';
/** What is about runs and stages of the workspace alone. */
const ofWorkspace = ['jobName', 'mlflow', 'aliases', 'stage'];

/**
 * Copies a version from a workspace to a registry, by content: no byte is moved. A component brings its code, its environment and the components that it is made of, under their own names. Throws `AssetNotFound`, or `Conflict`
 * where the registry has another asset of that name and version.
 */
export async function share(sharing: Sharing, asset: Asset, target: Pick<Asset, 'name' | 'version'> = asset): Promise<void> {
  const { from, registry, to, blobs, mustRead } = sharing;
  const { kind } = asset;
  mustRead(kind);
  const found =
    asset.version === 'azureml_default' ? await from.latestVersion(kind, asset.name) : await from.resource(kind, asset.name, asset.version);
  if (!found)
    throw new UserError('AssetNotFound', `There is no ${kind} "${asset.name}:${asset.version}" in the workspace ${from.workspace}.`);
  const origin = createHash('sha256')
    .update(JSON.stringify([from.workspace, kind, found.name, found.version, found.createdAt]))
    .digest('hex');
  const present = await to.resource(kind, target.name, target.version);
  if ((present?.properties.properties as Record<string, unknown> | undefined)?.[source] === origin) return;
  if (present)
    throw new UserError(
      'Conflict',
      `The registry ${registry} has ${target.name}:${target.version} already, and it is another one.`,
      'Versions never change: share it under another version.',
    );
  const spec =
    found.properties.componentSpec === undefined
      ? undefined
      : await withWorkspaceIds(found.properties.componentSpec as Record<string, unknown>, async (part) => {
          await share(sharing, part);
          return `azureml:${registryAssetId(registry, part.kind, part.name, part.version)}`;
        });
  const folder = `shared/${randomUUID()}`;
  const copied = await copiedProperties({ from, to, blobs }, found.properties, folder, `${asset.name}:${asset.version}`);
  const kept = Object.fromEntries(Object.entries(copied).filter(([key]) => !ofWorkspace.includes(key)));
  const properties = {
    ...kept,
    ...(spec ? { componentSpec: { ...spec, name: target.name, version: target.version } } : {}),
    properties: { ...(kept.properties as object | undefined), [source]: origin },
  };
  try {
    await to.write((writer) => putVersion(writer, kind, target.name, target.version, properties));
  } catch (error) {
    // Somebody else was faster: what was copied for nothing goes.
    await to.write((writer) => writer.deleteBlobs(blobContainer, folder));
    throw error;
  }
}
