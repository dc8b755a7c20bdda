import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { type AssetKind, assetId, parseAssetId } from '../../protocol/arm.ts';
import { parseRegistryId } from '../../protocol/registry.ts';
import { type ComparedAsset, compareAsset, isAnotherThere } from '../../sync/assets/compareAsset.ts';
import { copyAssets } from '../../sync/assets/copyAssets.ts';
import { assetsIn } from '../../sync/assets/references.ts';
import type { Pair } from '../../sync/pair.ts';
import { resolveAsset } from '../assetReference.ts';

/**
 * Finds the assets that a file names where it is submitted to, and those that are missing there on the plane that it comes from. One that is on both planes must be
 * the same there. A label means the newest version there; only where there is none, the newest one here.
 */
export class Promotions {
  /** Versions that are missing there, each behind those that it names. */
  readonly wanted: ComparedAsset[] = [];
  /** One for each version that is another one there. */
  readonly conflicts: UserError[] = [];
  private readonly to: PlaneClient;
  private readonly origin: () => Promise<PlaneClient>;
  private readonly onWanted: (asset: ComparedAsset) => void;
  private readonly signal: AbortSignal | undefined;
  private readonly seen = new Set<string>();
  /** Those that were sent need not be looked at again. */
  private readonly sent = new Set<string>();

  /** `origin`: a client of where the file comes from, asked for when the first asset is looked for. `onWanted` hears of each version that is missing there. */
  constructor(
    to: PlaneClient,
    origin: () => Promise<PlaneClient>,
    { onWanted = () => {}, signal }: { onWanted?: (asset: ComparedAsset) => void; signal?: AbortSignal | undefined } = {},
  ) {
    this.to = to;
    this.origin = origin;
    this.onWanted = onWanted;
    this.signal = signal;
  }

  /** The id that a version has there, or will have. Sends nothing. Throws `AssetNotFound` where neither plane has it. */
  async look(kind: AssetKind, reference: string): Promise<string> {
    if (parseRegistryId(reference)) return resolveAsset(this.to, kind, reference);
    const { isExact, name } = partsOf(reference);
    if (!isExact) {
      const newest = name === undefined ? undefined : (await this.to.listVersions(kind, name)).value[0];
      if (newest) return newest.id;
    }
    const pair = await this.pair();
    const here = await resolveAsset(pair.from, kind, reference).catch((error: unknown) => {
      if (!(error instanceof UserError && (error.code === 'AssetNotFound' || error.code === 'NotFound'))) throw error;
      return undefined;
    });
    // What there is there is said by the plane itself.
    if (here === undefined) return resolveAsset(this.to, kind, reference);
    await this.compare(pair, here);
    const asset = parseAssetId(here)!;
    return assetId(this.to.workspace, asset.kind, asset.name, asset.version);
  }

  /** As `look`, and sends what is missing there. Throws `Conflict` for a version that is another one there. */
  async send(kind: AssetKind, reference: string): Promise<string> {
    const id = await this.look(kind, reference);
    const asset = parseAssetId(id);
    if (!asset || parseRegistryId(reference)) return id;
    const pair = await this.pair();
    const idHere = assetId(pair.from.workspace, asset.kind, asset.name, asset.version);
    if (this.seen.has(idHere)) await copyAssets(pair, idHere, this.sent);
    return id;
  }

  private async pair(): Promise<Pair> {
    return { from: await this.origin(), to: this.to, signal: this.signal };
  }

  private async compare(pair: Pair, value: unknown): Promise<void> {
    for (const asset of assetsIn(value, pair.from.workspace)) {
      const id = assetId(pair.from.workspace, asset.kind, asset.name, asset.version);
      if (this.seen.has(id)) continue;
      this.seen.add(id);
      const compared = await compareAsset(pair, asset);
      if (!compared) continue;
      if (compared.state === 'other') this.conflicts.push(isAnotherThere(asset, this.to));
      await this.compare(pair, compared.here);
      if (compared.state !== 'missing') continue;
      this.wanted.push(compared);
      this.onWanted(compared);
    }
  }
}

/** The name in a reference, and whether it names one version. */
function partsOf(reference: string): { name: string | undefined; isExact: boolean } {
  const text = reference.replace(/^azureml:/, '');
  if (parseAssetId(text)) return { name: undefined, isExact: true };
  const [, name, separator] = /^([^:@/]+)([:@])?/.exec(text) ?? [];
  return { name, isExact: separator === ':' };
}
