import type { PlaneClient } from '../../client/planeClient.ts';
import { parseAssetId } from '../../protocol/arm.ts';
import { isOfAzuresRegistry } from '../../protocol/registry.ts';

/** What environments are made of, for the reuse key: read once, until one of them changes. */
export class EnvironmentContents {
  private readonly client: PlaneClient;
  private readonly known = new Map<string, Promise<string>>();

  constructor(client: PlaneClient) {
    this.client = client;
  }

  get(id: string): Promise<string> {
    let content = this.known.get(id);
    if (!content) {
      content = this.read(id);
      this.known.set(id, content);
      content.catch(() => this.known.delete(id));
    }
    return content;
  }

  forget(): void {
    this.known.clear();
  }

  /** A curated environment is its name. */
  private async read(id: string): Promise<string> {
    const asset = parseAssetId(id);
    if (asset?.kind !== 'environments' || isOfAzuresRegistry(id)) return id;
    const { properties } = await this.client.getAsset('environments', asset.name, asset.version);
    return JSON.stringify([properties.image ?? null, properties.condaFile ?? null, properties.build ?? null]);
  }
}
