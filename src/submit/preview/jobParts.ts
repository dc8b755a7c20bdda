import type { PlaneClient } from '../../client/planeClient.ts';
import { parseAssetId } from '../../protocol/arm.ts';
import { blobContainer, type EnvironmentVersion, parseDatastoreUri } from '../../protocol/asset.ts';
import type { JobParts, JobView } from '../../spec/jobText.ts';
import type { PlannedDestination } from '../destination.ts';

/** What is behind the ids of a job and its steps: from the plane, or from what would be sent first. */
export async function jobParts(client: PlaneClient, job: JobView, planned?: PlannedDestination): Promise<JobParts> {
  const ids = idsIn(job);
  const codes = ids.codes.map(async (id) => [id, await codeOf(client, id, planned)] as const);
  const environments = ids.environments.map(async (id) => [id, await environmentOf(client, id, planned)] as const);
  const known = <T>(found: (readonly [string, T | undefined])[]) =>
    new Map(found.filter((each): each is [string, T] => each[1] !== undefined));
  return { codes: known(await Promise.all(codes)), environments: known(await Promise.all(environments)) };
}

function idsIn(job: JobView): { codes: string[]; environments: string[] } {
  const codes = new Set<string>();
  const environments = new Set<string>();
  const visit = ({ properties, steps }: JobView) => {
    const work = properties.jobType === 'Command' ? properties : properties.jobType === 'Sweep' ? properties.trial : undefined;
    if (work?.codeId) codes.add(work.codeId);
    if (work) environments.add(work.environmentId);
    for (const step of steps.values()) visit(step);
  };
  visit(job);
  return { codes: [...codes], environments: [...environments] };
}

type Environment = JobParts['environments'] extends ReadonlyMap<string, infer T> ? T : never;
type Code = JobParts['codes'] extends ReadonlyMap<string, infer T> ? T : never;

async function codeOf(client: PlaneClient, id: string, planned: PlannedDestination | undefined): Promise<Code | undefined> {
  const asset = parseAssetId(id);
  if (!asset) return undefined;
  const upload = planned?.uploads.get(id);
  if (upload) return { hash: asset.name, files: upload.files };
  const promoted = planned?.promotedCode.get(id);
  if (promoted) return { hash: asset.name, files: promoted };
  // Code that is gone is named by its id.
  const code = await client.getAsset('codes', asset.name, asset.version).catch(() => undefined);
  const place = code && parseDatastoreUri(code.properties.codeUri);
  if (!code || !place) return undefined;
  const { entries } = await client.listBlobs(blobContainer, place.path.replace(/\/+$/, ''), { recursive: true });
  const files = entries
    .map(({ path, size = 0 }) => ({ path, size }))
    .sort((a, b) => (a.path.toLowerCase() < b.path.toLowerCase() ? -1 : 1));
  return { hash: code.properties.properties?.hash_sha256 ?? asset.name, files };
}

async function environmentOf(client: PlaneClient, id: string, planned: PlannedDestination | undefined): Promise<Environment | undefined> {
  const asset = parseAssetId(id);
  // A curated name stands for itself.
  if (!asset) return undefined;
  const properties =
    planned?.assets[id] ?? (await client.getAsset('environments', asset.name, asset.version).catch(() => undefined))?.properties;
  const { image, condaFile, build } = (properties ?? {}) as EnvironmentVersion['properties'];
  return { ...(image ? { image } : {}), ...(condaFile ? { condaFile } : {}), ...(build ? { build } : {}) };
}
