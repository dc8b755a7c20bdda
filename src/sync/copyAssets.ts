import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { AssetKind } from '../protocol/arm.ts';
import { blobAddress, blobUri } from '../protocol/asset.ts';
import { withRetries } from '../transfer/withRetries.ts';
import { copyFiles } from './copyFiles.ts';
import type { Pair } from './pair.ts';
import { assetsIn, inWorkspace } from './references.ts';

interface Asset {
  kind: AssetKind;
  name: string;
  version: string;
}

/**
 * Sends the versions of assets that a value names by their ids, with their files, and those that they name themselves. A version that is there already with the
 * same content is the same one. `done` has those that need not be looked at any more. Throws `Conflict` for one that is there with another content: a version never changes.
 */
export async function copyAssets(pair: Pair, value: unknown, done: Set<string> = new Set()): Promise<void> {
  for (const asset of assetsIn(value, pair.from.workspace)) {
    const key = `${asset.kind}/${asset.name}/${asset.version}`;
    if (done.has(key)) continue;
    done.add(key);
    await copyAsset(pair, asset, done);
  }
}

async function copyAsset(pair: Pair, { kind, name, version }: Asset, done: Set<string>): Promise<void> {
  const { from, to, signal } = pair;
  const [found, there] = await Promise.all([from, to].map((client) => versionOf(client, { kind, name, version }, signal)));
  // It was deleted after the job had used it: the job names it all the same, as it does here.
  if (!found) return;
  await copyAssets(pair, found, done);
  const properties = inWorkspace(await withFiles(pair, found), from.workspace, to.workspace);
  if (there && isDeepStrictEqual(bare(there), bare(properties))) return;
  try {
    await withRetries(() => to.putAsset(kind, name, version, properties as never), { signal });
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'Conflict')) throw error;
    throw new UserError(
      'Conflict',
      `${name}:${version} of ${kind} is another one in ${to.http.url}.`,
      'Nothing was changed there. Make a new version here and use that one, or delete the one there.',
    );
  }
}

async function versionOf(
  client: PlaneClient,
  { kind, name, version }: Asset,
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

/** What of an asset never changes, with addresses that name no plane. */
function bare(properties: Record<string, unknown>): Record<string, unknown> {
  const { description: _text, tags: _tags, isArchived: _archived, properties: _facts, ...rest } = properties;
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => {
      const address = typeof value === 'string' ? blobAddress(value) : undefined;
      return [key, address ? blobUri(address.container, address.path) : value];
    }),
  );
}

/** The properties of an asset whose files are sent, with addresses that name no plane. */
async function withFiles(pair: Pair, properties: Record<string, unknown>): Promise<Record<string, unknown>> {
  const sent = { ...properties };
  for (const key of ['codeUri', 'dataUri', 'modelUri']) if (typeof sent[key] === 'string') sent[key] = await withFilesOf(pair, sent[key]);
  const build = sent.build as { contextUri?: string } | undefined;
  if (build?.contextUri) sent.build = { ...build, contextUri: await withFilesOf(pair, build.contextUri) };
  return sent;
}

/** An address that is no plane's own stays as it is: it is the same from anywhere. */
async function withFilesOf(pair: Pair, uri: string): Promise<string> {
  const address = blobAddress(uri);
  if (!address) return uri;
  await copyFiles(pair, address.container, address.path);
  return blobUri(address.container, address.path) + (uri.endsWith('/') ? '/' : '');
}
