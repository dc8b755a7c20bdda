import type { PlaneClient } from '../client/planeClient.ts';
import { allPages } from '../client/planeClient.ts';
import type { NamedKind, PlaneName, PlaneNames } from './workspace.ts';

/** Milliseconds for which an answer is good, and after which one waits no longer for it. */
const freshMs = 15_000;
const waitMs = 300;
/** Most names of a kind that are kept. */
const nameLimit = 2000;

interface Kept {
  at: number;
  value: unknown;
}

/** Names from a plane through its client. What takes longer than 300 ms is there for the next question. */
export class ClientNames implements PlaneNames {
  private readonly client: () => PlaneClient | undefined;
  private readonly kept = new Map<string, Kept>();
  private readonly asked = new Map<string, Promise<unknown>>();

  /** `client` answers none while no plane is connected. */
  constructor(client: () => PlaneClient | undefined) {
    this.client = client;
  }

  list = (kind: NamedKind): Promise<PlaneName[] | undefined> => this.ask(kind, (client) => listOf(client, kind));

  versions = (kind: NamedKind, name: string): Promise<{ version: string; description?: string }[] | undefined> =>
    this.ask(`${kind}/${name}`, async (client) => {
      if (kind !== 'environments' && kind !== 'data' && kind !== 'models' && kind !== 'components') return [];
      const { value } = await client.listVersions(kind, name);
      return value.map(({ name: version, properties }) => ({ version, ...describe(properties) }));
    });

  private async ask<T>(key: string, question: (client: PlaneClient) => Promise<T>): Promise<T | undefined> {
    const kept = this.kept.get(key);
    if (kept && Date.now() - kept.at < freshMs) return kept.value as T;
    const client = this.client();
    if (!client) return undefined;
    let asked = this.asked.get(key) as Promise<T | undefined> | undefined;
    if (!asked) {
      asked = question(client)
        .then((value) => {
          this.kept.set(key, { at: Date.now(), value });
          return value;
        })
        // A plane that does not answer says nothing about what exists.
        .catch(() => undefined)
        .finally(() => this.asked.delete(key));
      this.asked.set(key, asked);
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), waitMs);
    });
    const answer = await Promise.race([asked, late]);
    clearTimeout(timer);
    return answer ?? (kept?.value as T | undefined);
  }
}

async function listOf(client: PlaneClient, kind: NamedKind): Promise<PlaneName[]> {
  switch (kind) {
    case 'environments':
    case 'data':
    case 'models':
    case 'components': {
      const names: PlaneName[] = [];
      for await (const { name, properties } of allPages((next) => client.listContainers(kind, next))) {
        names.push({ name, ...(properties.latestVersion ? { latestVersion: properties.latestVersion } : {}), ...describe(properties) });
        if (names.length >= nameLimit) break;
      }
      return names;
    }
    case 'computes':
      return (await client.listComputes()).value.map(({ name }) => ({ name }));
    case 'datastores':
      return (await client.listDatastores()).value.map(({ name }) => ({ name }));
    case 'experiments':
      return ((await client.searchExperiments()).experiments ?? []).map(({ name }) => ({ name }));
    case 'jobs':
      return (await client.listJobs({ top: 100 })).value.map(({ name, properties }) => ({
        name,
        ...(properties.displayName ? { description: properties.displayName } : {}),
      }));
    default:
      return [];
  }
}

const describe = (properties: {
  description?: string | null | undefined;
  tags?: Record<string, string> | undefined;
}): Omit<PlaneName, 'name'> => ({
  ...(properties.description ? { description: properties.description } : {}),
  ...(properties.tags && Object.keys(properties.tags).length ? { tags: properties.tags } : {}),
});
