import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { formatBytes, plural } from '../../base/text.ts';
import type { WorkspaceResource } from '../../client/planeClient.ts';
import type { Compute } from '../../protocol/infrastructure.ts';
import type { Endpoint, InfrastructureState } from '../state/infrastructure.ts';
import { deploymentItem, endpointItem } from './endpointItem.ts';
import { factItem, type Tree } from './tree.ts';

export type ComputeNode =
  | { kind: 'group'; label: string; icon: string }
  | { kind: 'compute'; compute: Compute }
  | { kind: 'endpoint'; endpoint: Endpoint }
  | { kind: 'deployment'; endpoint: Endpoint; deployment: WorkspaceResource }
  | { kind: 'fact'; label: string; value: string; icon: string };

const computeGroup: ComputeNode = { kind: 'group', label: 'Compute', icon: 'server-environment' };
const endpointGroup: ComputeNode = { kind: 'group', label: 'Endpoints', icon: 'broadcast' };

/** Where jobs can run, and the endpoints that serve models. */
export const computeTree = (infrastructure: InfrastructureState): Tree<ComputeNode> => ({
  onDidChange: (listener) => infrastructure.onDidChange(() => listener(undefined)),
  async children(node) {
    if (!node) {
      await infrastructure.computes();
      return [computeGroup, endpointGroup];
    }
    if (node === computeGroup) return (await infrastructure.computes()).map((compute) => ({ kind: 'compute', compute }));
    if (node === endpointGroup) {
      const endpoints = await infrastructure.endpoints();
      if (endpoints.length) return endpoints.map((endpoint) => ({ kind: 'endpoint', endpoint }));
      return [{ kind: 'fact', label: 'None', value: 'updraft online-endpoint create makes one', icon: 'info' }];
    }
    if (node.kind === 'endpoint')
      return node.endpoint.deployments.map((deployment) => ({ kind: 'deployment', endpoint: node.endpoint, deployment }));
    return node.kind === 'compute' ? factNodes(node.compute) : [];
  },
  parent: () => undefined,
  item(node) {
    if (node.kind === 'fact') return factItem(node.label, node.value, node.icon);
    if (node.kind === 'group') {
      const item = new TreeItem(node.label, TreeItemCollapsibleState.Expanded);
      item.id = node.label;
      item.iconPath = new ThemeIcon(node.icon);
      return item;
    }
    if (node.kind === 'endpoint') return endpointItem(node.endpoint);
    if (node.kind === 'deployment') return deploymentItem(node.endpoint, node.deployment);
    const item = new TreeItem(node.compute.name, TreeItemCollapsibleState.Collapsed);
    item.id = node.compute.id;
    item.description = factNodes(node.compute)
      .map((fact) => fact.value)
      .join(', ');
    item.iconPath = new ThemeIcon('vm');
    item.tooltip = 'Every compute that a YAML file names and that is not known here runs on this machine.';
    item.contextValue = 'compute';
    return item;
  },
});

function factNodes({ properties }: Compute): Extract<ComputeNode, { kind: 'fact' }>[] {
  const { cores, memoryBytes, platform, gpus } = (properties.properties ?? {}) as {
    cores?: number;
    memoryBytes?: number;
    platform?: string;
    gpus?: { name: string; memoryBytes?: number }[];
  };
  const fact = (label: string, value: string, icon: string) => ({ kind: 'fact' as const, label, value, icon });
  return [
    ...(cores ? [fact('Processor', plural(cores, 'core'), 'chip')] : []),
    ...(memoryBytes ? [fact('Memory', formatBytes(memoryBytes), 'server')] : []),
    fact(
      'GPU',
      gpus?.length ? gpus.map((gpu) => `${gpu.name}${gpu.memoryBytes ? ` (${formatBytes(gpu.memoryBytes)})` : ''}`).join(', ') : 'no GPU',
      'circuit-board',
    ),
    ...(platform ? [fact('System', platform, 'terminal')] : []),
  ];
}
