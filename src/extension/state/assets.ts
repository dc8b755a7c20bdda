import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import type { ChangeFeed } from '../../client/feed/changeStream.ts';
import { isNotFound, LookUps } from '../../client/feed/lookUps.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import type { AssetKind } from '../../protocol/arm.ts';
import type { AssetContainer, AssetVersion } from '../../protocol/asset.ts';
import type { ChangeKind } from '../../protocol/change.ts';
import { PagedList } from './pagedList.ts';

/** Kinds of assets that people name; code snapshots belong to their jobs. */
export type NamedKind = Exclude<AssetKind, 'codes'>;

/** The four kinds, in the order in which people meet them. */
export const namedKinds = ['models', 'data', 'environments', 'components'] as const satisfies readonly NamedKind[];

/** Where assets are: the current workspace, or a registry of its plane. */
export interface AssetSource extends Pick<ChangeFeed, 'onDidChange' | 'onDidReset' | 'onDidChangeState'> {
  /** Absent: a workspace. */
  readonly registry?: string;
  client(): Promise<PlaneClient>;
  /** What the plane says. Throws where this window is about another workspace by then. */
  ask<T>(question: (client: PlaneClient) => Promise<T>): Promise<T>;
}

/** A named asset, of a registry where it has one. `container` is replaced by news. */
export interface AssetNode {
  readonly kind: 'asset';
  readonly of: NamedKind;
  readonly name: string;
  readonly registry?: string;
  container: AssetContainer;
}
export interface VersionNode {
  readonly kind: 'version';
  readonly of: NamedKind;
  readonly asset: AssetNode;
  readonly version: string;
  resource: AssetVersion;
}
export interface MoreAssetsNode {
  readonly kind: 'moreAssets';
  readonly of: NamedKind;
  readonly asset: AssetNode | undefined;
  readonly registry?: string;
}
export type AssetsNode = AssetNode | VersionNode | MoreAssetsNode;

export const changeKindOf: Record<NamedKind, ChangeKind> = {
  models: 'model',
  data: 'data',
  environments: 'environment',
  components: 'component',
};
const gatherMs = 40;

/** The assets of one kind with their versions, as far as they were asked for; kept up to date by the feed. */
export class AssetsState implements Disposable {
  readonly kind: NamedKind;
  private readonly changes = new Emitter<AssetsNode | undefined>();
  readonly onDidChange = this.changes.event;
  /** Part of a name, in any case; '' shows all. */
  search = '';

  private root: PagedList<AssetNode>;
  private readonly nodes = new Map<string, AssetNode>();
  private readonly versions = new Map<AssetNode, { list: PagedList<VersionNode>; nodes: Map<string, VersionNode> }>();
  private readonly subscriptions = new DisposableStore();
  private readonly lookUps: LookUps<string>;
  private readonly source: AssetSource;

  constructor(kind: NamedKind, source: AssetSource, onError: (error: unknown) => void = () => {}, timers?: Timers) {
    this.kind = kind;
    this.source = source;
    this.root = this.newRoot();
    this.lookUps = this.subscriptions.add(
      new LookUps({ gatherMs, onError, read: (name) => this.look(name), ...(timers ? { timers } : {}) }),
    );
    for (const each of [
      source.onDidChange((change) => {
        if (change.kind === changeKindOf[kind]) this.lookUps.ask(this.nameIn(change.id));
      }),
      source.onDidReset(() => this.reload()),
      source.onDidChangeState((state) => state === 'live' && this.lookUps.retryNow()),
    ])
      this.subscriptions.add(each);
  }

  setSearch(search: string): void {
    this.search = search;
    this.reload();
  }

  reload(): void {
    this.nodes.clear();
    this.versions.clear();
    this.root = this.newRoot();
    this.changes.fire(undefined);
  }

  async roots(): Promise<readonly AssetsNode[]> {
    const items = await this.root.load();
    return this.root.hasMore ? [...items, this.moreNode(undefined)] : items;
  }

  async versionsOf(asset: AssetNode): Promise<readonly AssetsNode[]> {
    const { list } = this.versionsList(asset);
    const items = await list.load();
    return list.hasMore ? [...items, this.moreNode(asset)] : items;
  }

  async loadMore({ asset }: MoreAssetsNode): Promise<void> {
    await (asset ? this.versionsList(asset).list : this.root).more();
    this.changes.fire(asset);
  }

  /** The node of a version, for a view to reveal. Throws `AssetNotFound`. */
  async find(name: string, version: string): Promise<VersionNode> {
    const client = await this.source.client();
    const node = this.assetNode(await client.getContainer(this.kind, name));
    await this.root.load();
    this.root.addFirst(node);
    await this.versionsList(node).list.load();
    const found = this.versionNode(node, await client.getAsset(this.kind, name, version));
    this.versionsList(node).list.addLast(found);
    return found;
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  /** The asset that a change is about, whose id may name a version as well. One that is not known stays as it is. */
  private nameIn(id: string): string {
    return this.nodes.has(id) ? id : ([...this.nodes.keys()].find((name) => id.startsWith(`${name}:`)) ?? id);
  }

  private async look(name: string): Promise<void> {
    // The list that is shown is asked for again as soon as it is needed: it has what is new.
    const node = this.nodes.get(name);
    if (!node) return this.reload();
    const client = await this.source.client();
    const container = await client.getContainer(this.kind, name).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (this.nodes.get(name) !== node) return;
    if (!container?.properties.latestVersion) return this.reload();
    node.container = container;
    this.versions.delete(node);
    this.changes.fire(node);
  }

  private get place(): { registry?: string } {
    const { registry } = this.source;
    return registry === undefined ? {} : { registry };
  }

  private newRoot(): PagedList<AssetNode> {
    return new PagedList(async (next) => {
      return this.lookUps.besideList(async () => {
        const page = await this.source.ask((client) => client.listContainers(this.kind, { search: this.search }, next));
        return { items: page.value.map((container) => this.assetNode(container)), next: page.nextLink };
      });
    });
  }

  private versionsList(asset: AssetNode): { list: PagedList<VersionNode>; nodes: Map<string, VersionNode> } {
    let entry = this.versions.get(asset);
    if (!entry) {
      const list = new PagedList<VersionNode>(async (next) => {
        const page = await this.source.ask((client) => client.listVersions(this.kind, asset.name, next));
        return { items: page.value.map((version) => this.versionNode(asset, version)), next: page.nextLink };
      });
      entry = { list, nodes: new Map() };
      this.versions.set(asset, entry);
    }
    return entry;
  }

  private moreNode = (asset: AssetNode | undefined): MoreAssetsNode => ({ kind: 'moreAssets', of: this.kind, asset, ...this.place });

  private assetNode(container: AssetContainer): AssetNode {
    const { name } = container;
    const node = this.nodes.get(name) ?? { kind: 'asset' as const, of: this.kind, name, container, ...this.place };
    node.container = container;
    this.nodes.set(container.name, node);
    return node;
  }

  private versionNode(asset: AssetNode, resource: AssetVersion): VersionNode {
    const { nodes } = this.versionsList(asset);
    const node = nodes.get(resource.name) ?? { kind: 'version' as const, of: this.kind, asset, version: resource.name, resource };
    node.resource = resource;
    nodes.set(resource.name, node);
    return node;
  }
}
