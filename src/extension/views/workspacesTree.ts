import { MarkdownString, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { formatBytes } from '../../base/text.ts';
import type { Datastore, Workspace } from '../../protocol/infrastructure.ts';
import type { InfrastructureState } from '../state/infrastructure.ts';
import { factItem, type Tree } from './tree.ts';

export type WorkspacesNode =
  | { kind: 'workspace'; workspace: Workspace }
  | { kind: 'datastore'; datastore: Datastore }
  | { kind: 'fact'; label: string; value: string; icon: string };

/** The plane's workspaces, each with its addresses and datastores. */
export const workspacesTree = (infrastructure: InfrastructureState): Tree<WorkspacesNode> => ({
  onDidChange: (listener) => infrastructure.onDidChange(() => listener(undefined)),
  async children(node) {
    if (!node) return (await infrastructure.workspaces()).map((workspace) => ({ kind: 'workspace', workspace }));
    if (node.kind !== 'workspace') return [];
    const [status, datastores] = await Promise.all([infrastructure.status(), infrastructure.datastores()]);
    return [
      {
        kind: 'fact',
        label: 'Tracking address',
        value: (node.workspace.properties.mlFlowTrackingUri ?? '').replace(/^azureml:/, 'http:').split('/mlflow/')[0]!,
        icon: 'link',
      },
      { kind: 'fact', label: 'Data folder', value: status.dataFolder, icon: 'folder' },
      {
        kind: 'fact',
        label: 'Control plane',
        value: `process ${status.pid}, ${formatBytes(status.residentBytes)}`,
        icon: 'server-process',
      },
      ...datastores.map((datastore) => ({ kind: 'datastore' as const, datastore })),
    ];
  },
  parent: () => undefined,
  item(node) {
    if (node.kind === 'fact') return factItem(node.label, node.value, node.icon);
    if (node.kind === 'datastore') {
      const item = new TreeItem(node.datastore.name, TreeItemCollapsibleState.None);
      item.description = node.datastore.properties.isDefault ? 'default datastore' : 'datastore';
      item.iconPath = new ThemeIcon('archive');
      item.contextValue = 'datastore';
      return item;
    }
    const item = new TreeItem(node.workspace.name, TreeItemCollapsibleState.Expanded);
    item.id = node.workspace.id;
    item.description = 'on this machine';
    item.iconPath = new ThemeIcon('organization');
    item.contextValue = 'workspace';
    item.tooltip = new MarkdownString().appendText(node.workspace.properties.description ?? node.workspace.name);
    return item;
  },
});
