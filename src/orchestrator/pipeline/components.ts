import type { PlaneClient } from '../../client/planeClient.ts';
import type { ComponentSpec } from './stepJob.ts';

/** Components that are remembered. */
const most = 10_000;
/** Ids in one request. */
const atOnce = 1000;

/** What the components of steps are, read many at a time and remembered: a version never changes, it can only be deleted. */
export class Components {
  private readonly client: PlaneClient;
  private readonly known = new Map<string, ComponentSpec>();

  constructor(client: PlaneClient) {
    this.client = client;
  }

  /** In the order of `ids`; throws `AssetNotFound` when one is not there. */
  async get(ids: string[]): Promise<ComponentSpec[]> {
    if (this.known.size > most) this.known.clear();
    const unknown = [...new Set(ids)].filter((id) => !this.known.has(id));
    for (let at = 0; at < unknown.length; at += atOnce) {
      const wanted = unknown.slice(at, at + atOnce);
      const found = await this.client.getComponents(wanted);
      for (const [index, id] of wanted.entries()) this.known.set(id, found[index]!.properties.componentSpec as ComponentSpec);
    }
    return ids.map((id) => this.known.get(id)!);
  }

  /** After one was deleted: there may be another under its name later. */
  forget(): void {
    this.known.clear();
  }
}
