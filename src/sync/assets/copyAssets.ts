import { UserError } from '../../base/userError.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import { copyFiles } from '../files/copyFiles.ts';
import type { Pair } from '../pair.ts';
import { type ComparedAsset, compareAsset, isAnotherThere } from './compareAsset.ts';
import { assetsIn } from './references.ts';

/**
 * Sends the versions of assets that a value names by their ids, with their files, and those that they name themselves. A version that is there already with the
 * same content is the same one. `done` has those that need not be looked at any more. Throws `Conflict` for one that is there with another content: a version never changes.
 */
export async function copyAssets(pair: Pair, value: unknown, done: Set<string> = new Set()): Promise<void> {
  for (const asset of assetsIn(value, pair.from.workspace)) {
    const key = `${asset.kind}/${asset.name}/${asset.version}`;
    if (done.has(key)) continue;
    done.add(key);
    const compared = await compareAsset(pair, asset);
    // It was deleted after the job had used it: the job names it all the same, as it does here.
    if (compared) await copyAsset(pair, compared, done);
  }
}

/** A version is there when all that it names and all of its files are: nobody meets half of one. */
async function copyAsset(pair: Pair, asset: ComparedAsset, done: Set<string>): Promise<void> {
  const { kind, name, version, state, here, properties, places } = asset;
  const { to, signal } = pair;
  if (state === 'other') throw isAnotherThere(asset, to);
  await copyAssets(pair, here, done);
  for (const { container, path, missing } of places) if (missing.length > 0) await copyFiles(pair, container, path);
  if (state === 'same') return;
  try {
    await withRetries(() => to.putAsset(kind, name, version, properties as never), { signal });
  } catch (error) {
    throw error instanceof UserError && error.code === 'Conflict' ? isAnotherThere(asset, to) : error;
  }
}
