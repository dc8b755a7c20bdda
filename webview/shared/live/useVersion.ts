import type { VersionOf } from '../../../src/client/planeClient.ts';
import type { AssetKind } from '../../../src/protocol/arm.ts';
import { useLive } from './useLive.ts';

/** The version of that name among those of a list that is read page by page, or else by itself; the first where none is asked for or it is not there. */
export function useVersion<K extends AssetKind>(
  kind: K,
  asset: string,
  versions: readonly VersionOf[K][] | undefined,
  wanted: string,
): VersionOf[K] | undefined {
  const listed = versions?.find((each) => each.name === wanted);
  const isFar = versions !== undefined && wanted !== '' && !listed;
  const { value } = useLive(
    `version ${kind} ${asset} ${isFar ? wanted : ''}`,
    async (client) => (isFar ? client.getAsset(kind, asset, wanted).catch(() => undefined) : undefined),
    () => false,
  );
  return listed ?? value ?? versions?.[0];
}
