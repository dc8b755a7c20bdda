import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { AssetKind } from '../../protocol/arm.ts';
import { type BlobEntry, blobAddress, blobUri } from '../../protocol/asset.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import { filesAt } from '../files/filesAt.ts';
import type { Pair } from '../pair.ts';
import { inWorkspace } from './references.ts';

/** Which version of which asset of a workspace. */
export interface AssetName {
  kind: AssetKind;
  name: string;
  version: string;
}

/** Files of a version that lie on its plane: a folder, or one file, whose path is then ''. */
export interface AssetFiles {
  container: string;
  path: string;
  files: BlobEntry[];
  /** Those of them that the other plane does not have in this place. */
  missing: BlobEntry[];
}

/** A version of an asset beside the one of the same name on the other plane. */
export interface ComparedAsset extends AssetName {
  /** `missing`: it is not there. `other`: it is there with another content, or other files lie in its place. */
  state: 'same' | 'missing' | 'other';
  /** Its properties here. */
  here: Record<string, unknown>;
  /** Its properties as they are there, or would be: ids name what is there, and addresses name no plane. */
  properties: Record<string, unknown>;
  places: AssetFiles[];
}

/** What may change of a version, or tells where it came from: it says nothing about its content. */
const besides = ['description', 'tags', 'isArchived', 'isAnonymous', 'properties', 'stage', 'jobName', 'provisioningState'];

/** Compares a version with the one there. Sends nothing. Undefined: there is none here. */
export async function compareAsset({ from, to, signal }: Pair, asset: AssetName): Promise<ComparedAsset | undefined> {
  const [here, there] = await Promise.all([from, to].map((client) => versionOf(client, asset, signal)));
  if (!here) return undefined;
  const properties = inWorkspace(withoutPlane(here), from.workspace, to.workspace);
  const other = there && withoutPlane(there);
  const places: AssetFiles[] = [];
  let isOther = other !== undefined && !isDeepStrictEqual(facts(properties), facts(other));
  for (const [key, uri] of Object.entries(urisIn(properties))) {
    const address = blobAddress(uri);
    const uriThere = other ? urisIn(other)[key] : uri;
    // What lies on no plane is the same from anywhere, under the same address.
    if (!address) {
      isOther ||= uriThere !== uri;
      continue;
    }
    const addressThere = uriThere === undefined ? undefined : blobAddress(uriThere);
    const [files, present] = await Promise.all([
      filesAt(from, address.container, address.path, signal),
      addressThere ? filesAt(to, addressThere.container, addressThere.path, signal) : new Map<string, BlobEntry>(),
    ]);
    const isSamePlace = isDeepStrictEqual(address, addressThere);
    const missing = [...files.values()].filter((file) => !present.has(file.path));
    isOther ||=
      [...files.values()].some((file) => present.has(file.path) && !isSameFile(file, present.get(file.path)!)) ||
      (other !== undefined && [...present.keys()].some((path) => !files.has(path))) ||
      (missing.length > 0 && !isSamePlace);
    places.push({ ...address, files: [...files.values()], missing: isSamePlace ? missing : [] });
  }
  return { ...asset, state: isOther ? 'other' : there ? 'same' : 'missing', here, properties, places };
}

/** Why a version that is another one there is not replaced. */
export const isAnotherThere = ({ kind, name, version }: AssetName, to: PlaneClient): UserError =>
  new UserError(
    'Conflict',
    `${name}:${version} of ${kind} is another one in ${to.http.url}.`,
    'Nothing was changed there. Make a new version here and use that one, or delete the one there.',
  );

async function versionOf(
  client: PlaneClient,
  { kind, name, version }: AssetName,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown> | undefined> {
  try {
    const { properties } = await withRetries(() => client.getAsset(kind, name, version, signal), { signal });
    return properties as Record<string, unknown>;
  } catch (error) {
    if (error instanceof UserError && (error.code === 'NotFound' || error.code === 'AssetNotFound')) return undefined;
    throw error;
  }
}

/** Where a plane does not tell hashes, sizes have to do. */
const isSameFile = (a: BlobEntry, b: BlobEntry): boolean =>
  a.sha256 !== undefined && b.sha256 !== undefined ? a.sha256 === b.sha256 : a.size === b.size;

const uriKeys = ['codeUri', 'dataUri', 'modelUri'] as const;

/** The addresses of the files of a version, by what they are for. */
function urisIn(properties: Record<string, unknown>): Record<string, string> {
  const context = (properties.build as { contextUri?: string } | undefined)?.contextUri;
  return {
    ...Object.fromEntries(uriKeys.flatMap((key) => (typeof properties[key] === 'string' ? [[key, properties[key]]] : []))),
    ...(context ? { build: context } : {}),
  };
}

/** The same properties with addresses that name no plane. */
function withoutPlane(properties: Record<string, unknown>): Record<string, unknown> {
  const named = (uri: string): string => {
    const address = blobAddress(uri);
    return address ? blobUri(address.container, address.path) + (uri.endsWith('/') ? '/' : '') : uri;
  };
  const { build: context, ...uris } = urisIn(properties);
  return {
    ...properties,
    ...Object.fromEntries(Object.entries(uris).map(([key, uri]) => [key, named(uri)])),
    ...(context ? { build: { ...(properties.build as object), contextUri: named(context) } } : {}),
  };
}

/** What of a version never changes, but its files. */
function facts(properties: Record<string, unknown>): Record<string, unknown> {
  const { build, ...rest } = properties;
  const { contextUri: _context, ...buildRest } = (build ?? {}) as Record<string, unknown>;
  const own = Object.entries(rest).filter(
    ([key, value]) => ![...besides, ...uriKeys].includes(key) && value !== undefined && value !== null,
  );
  return { ...Object.fromEntries(own), ...(build ? { build: buildRest } : {}) };
}
