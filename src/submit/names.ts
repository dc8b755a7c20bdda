import type { PlaneClient } from '../client/planeClient.ts';
import type { AssetKind } from '../protocol/arm.ts';
import { resolveAsset } from './assetReference.ts';

/** What things that a file names are called where it is submitted to. */
export interface Names {
  /** The ARM id of a version there. Throws `AssetNotFound` with what there is. */
  asset(kind: AssetKind, reference: string): Promise<string>;
  /** The name of a compute there, without `azureml:`. */
  compute(name: string): string;
}

/** Of the workspace itself: everything is called what it is called. */
export const namesOf = (client: PlaneClient): Names => ({
  asset: (kind, reference) => resolveAsset(client, kind, reference),
  compute: (name) => name,
});
