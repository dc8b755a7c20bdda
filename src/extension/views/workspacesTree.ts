import { MarkdownString, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { formatBytes } from '../../base/text.ts';
import { messageOf } from '../../base/userError.ts';
import { defaultWorkspace } from '../../protocol/arm.ts';
import type { Datastore } from '../../protocol/infrastructure.ts';
import { type AssetsNode, type NamedKind, namedKinds } from '../state/assets.ts';
import type { InfrastructureState } from '../state/infrastructure.ts';
import type { CurrentWorkspace } from '../state/planes/currentWorkspace.ts';
import type { KnownPlanes } from '../state/planes/knownPlanes.ts';
import { isSamePlace, type Place } from '../state/planes/place.ts';
import type { SharedPlane } from '../state/planes/sharedPlane.ts';
import type { SharedPlanes } from '../state/planes/sharedPlanes.ts';
import type { RegistriesState } from '../state/registries.ts';
import { assetItem, assetTitles, assetTooltip } from './assetItem.ts';
import { seenText } from './seenText.ts';
import { staleColor, staleUri } from './stale.ts';
import { factItem, type Tree } from './tree.ts';

export interface PlaneNode {
  readonly kind: 'plane';
  /** Undefined for this machine's. */
  readonly shared: SharedPlane | undefined;
}
export interface WorkspaceNode {
  readonly kind: 'workspace';
  readonly plane: PlaneNode;
  readonly place: Place;
}
export interface RegistryNode {
  readonly kind: 'registry';
  readonly plane: PlaneNode;
  readonly name: string;
}
/** What a registry has of one kind. */
export interface RegistryGroupNode {
  readonly kind: 'registryGroup';
  readonly registry: RegistryNode;
  readonly of: NamedKind;
}
export type WorkspacesNode =
  | PlaneNode
  | WorkspaceNode
  | RegistryNode
  | RegistryGroupNode
  | AssetsNode
  | { kind: 'datastore'; datastore: Datastore; of: WorkspaceNode }
  | { kind: 'fact'; label: string; value: string; icon: string; command?: string; of: PlaneNode | WorkspaceNode | RegistryNode };

/**
 * The plane of this machine and those that were added, each with its workspaces and its registries. The current workspace has its addresses and datastores, too, and the registries of its plane have what is
 * in them.
 */
export function workspacesTree(
  infrastructure: InfrastructureState,
  current: CurrentWorkspace,
  known: KnownPlanes,
  planes: SharedPlanes,
  registries: RegistriesState,
): Tree<WorkspacesNode> {
  const machine: PlaneNode = { kind: 'plane', shared: undefined };
  const shared = new Map<SharedPlane, PlaneNode>();
  const workspaces = new Map<string, WorkspaceNode>();
  const registryNodes = new Map<string, RegistryNode>();
  const groups = new Map<string, RegistryGroupNode>();
  const nodeOf = (plane: SharedPlane): PlaneNode => {
    const node = shared.get(plane) ?? { kind: 'plane', shared: plane };
    shared.set(plane, node);
    return node;
  };
  const workspaceOf = (plane: PlaneNode, workspace: string): WorkspaceNode => {
    const key = `${plane.shared?.url ?? ''} ${workspace}`;
    const node = workspaces.get(key) ?? { kind: 'workspace', plane, place: { plane: plane.shared?.url, workspace } };
    workspaces.set(key, node);
    return node;
  };

  const registryOf = (plane: PlaneNode, name: string): RegistryNode => {
    const key = `${plane.shared?.url ?? ''} ${name}`;
    const node = registryNodes.get(key) ?? { kind: 'registry', plane, name };
    registryNodes.set(key, node);
    return node;
  };
  const groupOf = (registry: RegistryNode, of: NamedKind): RegistryGroupNode => {
    const key = `${of} ${registry.plane.shared?.url ?? ''} ${registry.name}`;
    const node = groups.get(key) ?? { kind: 'registryGroup', registry, of };
    groups.set(key, node);
    return node;
  };
  const isOfCurrent = (plane: PlaneNode): boolean => plane.shared?.url === current.place.plane;
  /** A registry of the plane of the current workspace: no other has assets in this view. */
  const currentRegistry = (name: string): RegistryNode => {
    const { plane } = current.place;
    return registryOf(plane === undefined ? machine : nodeOf(planes.of(plane)), name);
  };

  async function childrenOfPlane(node: PlaneNode): Promise<WorkspacesNode[]> {
    const { shared: plane } = node;
    if (!plane) {
      // Another window's business, while this one is about a shared plane.
      if (!current.isHere) return [workspaceOf(node, defaultWorkspace.workspace)];
      const [found, shared] = await Promise.all([infrastructure.workspaces(), infrastructure.registries()]);
      return [...found.map(({ name }) => workspaceOf(node, name)), ...shared.map((name) => registryOf(node, name))];
    }
    plane.look();
    const seen: WorkspacesNode[] = (plane.seen?.workspaces ?? []).map(({ name }) => workspaceOf(node, name));
    const shared = (plane.seen?.registries ?? []).map((name) => registryOf(node, name));
    const fact = (label: string, value: string, icon: string, command?: string): WorkspacesNode => ({
      kind: 'fact',
      label,
      value,
      icon,
      of: node,
      ...(command ? { command } : {}),
    });
    if (plane.state === 'signedOut') return [fact('Sign In…', '', 'sign-in', 'updraft.plane.signIn')];
    if (plane.state === 'refused') return [fact('Try again', messageOf(plane.error).split('\n')[0]!, 'warning', 'updraft.plane.retry')];
    if (plane.state === 'live' && seen.length === 0)
      return [fact('No workspace', `${plane.session?.member.name ?? 'You'} has no role here yet: ask an Owner`, 'info'), ...shared];
    if (plane.state === 'away') return [...seen, ...shared, fact('Try again now', '', 'refresh', 'updraft.plane.retry')];
    return [...seen, ...shared];
  }

  async function childrenOfWorkspace(node: WorkspaceNode): Promise<WorkspacesNode[]> {
    if (!isSamePlace(node.place, current.place)) return [];
    const [status, datastores] = await Promise.all([infrastructure.status(), infrastructure.datastores()]);
    const fact = (label: string, value: string, icon: string): WorkspacesNode => ({ kind: 'fact', label, value, icon, of: node });
    return [
      fact('Tracking address', infrastructure.address ?? '', 'link'),
      ...(node.plane.shared
        ? [fact('Signed in as', node.plane.shared.session?.member.name ?? '', 'account')]
        : [
            fact('Data folder', status.dataFolder, 'folder'),
            fact('Control plane', `process ${status.pid}, ${formatBytes(status.residentBytes)}`, 'server-process'),
          ]),
      ...datastores.map((datastore) => ({ kind: 'datastore' as const, datastore, of: node })),
    ];
  }

  async function childrenOfRegistry(node: RegistryNode): Promise<WorkspacesNode[]> {
    if (!isOfCurrent(node.plane)) return [];
    const states = registries.in(node.name);
    const filled = await Promise.all(namedKinds.map(async (of) => (await states[of].roots()).length > 0));
    if (!filled.includes(true))
      return [
        {
          kind: 'fact',
          label: 'Nothing is shared here yet',
          value: '"Share to Registry…" is in the menu of a version',
          icon: 'info',
          of: node,
        },
      ];
    return namedKinds.filter((_of, at) => filled[at]).map((of) => groupOf(node, of));
  }

  function planeItem({ shared: plane }: PlaneNode): TreeItem {
    const item = new TreeItem(plane ? known.nameOf(plane.url) : 'This machine', TreeItemCollapsibleState.Expanded);
    item.id = plane?.url ?? 'this-machine';
    if (!plane) {
      item.iconPath = new ThemeIcon('device-desktop');
      item.contextValue = 'machine';
      item.tooltip = 'The control plane of this machine, which starts and ends by itself.';
      return item;
    }
    const isAway = plane.state === 'away';
    item.iconPath = new ThemeIcon(isAway ? 'debug-disconnect' : 'globe', isAway ? staleColor : undefined);
    item.contextValue = `plane;${plane.state}`;
    const who = plane.session?.member.name;
    item.description =
      plane.state === 'connecting'
        ? 'connecting…'
        : isAway
          ? seenText(plane.seen?.at)
          : plane.state === 'signedOut'
            ? 'not signed in'
            : plane.state === 'refused'
              ? 'does not let you in'
              : (who ?? '');
    if (isAway) item.resourceUri = staleUri(plane.url);
    const tooltip = new MarkdownString().appendText(`${known.nameOf(plane.url)}, ${plane.url}\n`);
    if (who) tooltip.appendText(`Signed in as ${who}.\n`);
    if (plane.error) tooltip.appendText(messageOf(plane.error));
    item.tooltip = tooltip;
    return item;
  }

  function workspaceItem(node: WorkspaceNode): TreeItem {
    const { place, plane } = node;
    const isCurrent = isSamePlace(place, current.place);
    const isAway = plane.shared?.state === 'away';
    const item = new TreeItem(place.workspace, isCurrent ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None);
    // Another id when it becomes current: the editor keeps whether a row was open by it.
    item.id = `${place.plane ?? 'this-machine'} ${place.workspace} ${isCurrent}`;
    item.iconPath = isCurrent ? new ThemeIcon('check', isAway ? staleColor : undefined) : new ThemeIcon('blank');
    item.description = isCurrent ? 'current' : '';
    item.contextValue = `workspace;${plane.shared ? 'shared' : 'machine'};${isCurrent ? 'current' : 'other'}`;
    if (isAway) item.resourceUri = staleUri(`${place.plane}/${place.workspace}`);
    item.tooltip = isCurrent
      ? `All views, commands and pages of this window are about the workspace ${place.workspace}.`
      : `A click makes ${place.workspace} the workspace that all views, commands and pages of this window are about.`;
    if (!isCurrent) item.command = { command: 'updraft.workspace.use', title: 'Use This Workspace', arguments: [node] };
    item.accessibilityInformation = {
      label: `Workspace ${place.workspace}${isCurrent ? ', current' : ''}${isAway ? ', not reachable' : ''}`,
    };
    return item;
  }

  function registryItem(node: RegistryNode): TreeItem {
    const { plane, name } = node;
    const isCurrent = isOfCurrent(plane);
    const isAway = plane.shared?.state === 'away';
    const item = new TreeItem(name, isCurrent ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None);
    item.id = `registry ${plane.shared?.url ?? 'this-machine'} ${name} ${isCurrent}`;
    item.iconPath = new ThemeIcon('library', isAway ? staleColor : undefined);
    item.description = 'registry';
    item.contextValue = `registry;${isCurrent ? 'current' : 'other'}`;
    if (isAway) item.resourceUri = staleUri(`${plane.shared!.url}/registries/${name}`);
    item.tooltip = isCurrent
      ? `The registry ${name}: models, data, environments and components that many workspaces use.`
      : `The registry ${name}. What is in it is shown when a workspace of its plane is the current one.`;
    item.accessibilityInformation = { label: `Registry ${name}${isAway ? ', not reachable' : ''}` };
    return item;
  }

  function groupItem({ registry, of }: RegistryGroupNode): TreeItem {
    const item = new TreeItem(assetTitles[of], TreeItemCollapsibleState.Collapsed);
    item.id = `registry ${registry.plane.shared?.url ?? 'this-machine'} ${registry.name} ${of}`;
    item.iconPath = new ThemeIcon('folder');
    item.contextValue = 'registryGroup';
    return item;
  }

  return {
    onDidChange(listener) {
      const subscriptions = [
        registries.onDidChange((news) => {
          // Which kinds are shown depends on what there is of them.
          listener(news && (news.node ?? currentRegistry(news.registry)));
        }),
        infrastructure.onDidChange(() => listener(undefined)),
        current.onDidChange(() => listener(undefined)),
        planes.onDidChange((plane) => listener(plane && nodeOf(plane))),
      ];
      return {
        dispose() {
          for (const each of subscriptions) each.dispose();
        },
      };
    },
    async children(node) {
      if (!node) return [machine, ...planes.all.map(nodeOf)];
      if (node.kind === 'plane') return childrenOfPlane(node);
      if (node.kind === 'registry') return childrenOfRegistry(node);
      if (node.kind === 'registryGroup') return registries.in(node.registry.name)[node.of].roots();
      if (node.kind === 'asset') return registries.in(node.registry!)[node.of].versionsOf(node);
      return node.kind === 'workspace' ? childrenOfWorkspace(node) : [];
    },
    parent(node) {
      if (node.kind === 'plane') return undefined;
      if (node.kind === 'workspace' || node.kind === 'registry') return node.plane;
      if (node.kind === 'registryGroup') return node.registry;
      if (node.kind === 'version') return node.asset;
      if (node.kind === 'asset' || node.kind === 'moreAssets')
        return (node.kind === 'moreAssets' && node.asset) || groupOf(currentRegistry(node.registry!), node.of);
      return node.of;
    },
    resolve(node, item) {
      const tooltip = node.kind === 'asset' || node.kind === 'version' || node.kind === 'moreAssets' ? assetTooltip(node) : undefined;
      if (tooltip) item.tooltip = tooltip;
    },
    item(node) {
      if (node.kind === 'plane') return planeItem(node);
      if (node.kind === 'workspace') return workspaceItem(node);
      if (node.kind === 'registry') return registryItem(node);
      if (node.kind === 'registryGroup') return groupItem(node);
      if (node.kind === 'asset' || node.kind === 'version' || node.kind === 'moreAssets') return assetItem(node);
      if (node.kind === 'fact') {
        const item = factItem(node.label, node.value, node.icon);
        if (node.command) item.command = { command: node.command, title: node.label, arguments: [node.of] };
        return item;
      }
      const item = new TreeItem(node.datastore.name, TreeItemCollapsibleState.None);
      item.description = node.datastore.properties.isDefault ? 'default datastore' : 'datastore';
      item.iconPath = new ThemeIcon('archive');
      item.contextValue = 'datastore';
      return item;
    },
  };
}
