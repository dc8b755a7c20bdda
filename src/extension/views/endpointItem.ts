import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { plural } from '../../base/text.ts';
import type { WorkspaceResource } from '../../client/planeClient.ts';
import type { Endpoint } from '../state/infrastructure.ts';

const stateOf = ({ properties }: WorkspaceResource): string => String(properties.provisioningState ?? 'Succeeded');

/** What a state is called in the view, and its icon. */
const states: Record<string, { text: string; icon: ThemeIcon }> = {
  Creating: { text: 'starting', icon: new ThemeIcon('loading~spin') },
  Updating: { text: 'updating', icon: new ThemeIcon('loading~spin') },
  Deleting: { text: 'deleting', icon: new ThemeIcon('loading~spin') },
  Failed: { text: 'failed', icon: new ThemeIcon('error', new ThemeColor('errorForeground')) },
  Succeeded: { text: 'serving', icon: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')) },
};
const shownState = (state: string) => states[state] ?? { text: state, icon: new ThemeIcon('question') };

export function endpointItem({ endpoint, deployments }: Endpoint): TreeItem {
  const item = new TreeItem(endpoint.name, deployments.length ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.None);
  item.id = endpoint.id;
  const failed = deployments.filter((each) => stateOf(each) === 'Failed').length;
  const state = stateOf(endpoint);
  item.iconPath = new ThemeIcon('globe');
  item.description = [
    ...(state === 'Deleting' ? ['deleting'] : []),
    deployments.length ? plural(deployments.length, 'deployment') : 'no deployments',
    ...(failed ? [`${failed} failed`] : []),
  ].join(', ');
  item.tooltip = String(endpoint.properties.scoringUri ?? '');
  item.contextValue = 'endpoint';
  return item;
}

export function deploymentItem({ endpoint }: Endpoint, deployment: WorkspaceResource): TreeItem {
  const item = new TreeItem(deployment.name, TreeItemCollapsibleState.None);
  item.id = deployment.id;
  const { text, icon } = shownState(stateOf(deployment));
  const share = (endpoint.properties.traffic as Record<string, number> | undefined)?.[deployment.name] ?? 0;
  const { message } = (deployment.properties.error ?? {}) as { message?: string };
  item.iconPath = icon;
  item.description = `${text}, ${share} % of the traffic`;
  item.tooltip = message ?? `${deployment.name} of ${endpoint.name}: ${text}`;
  item.accessibilityInformation = { label: `deployment ${deployment.name} of ${endpoint.name}, ${item.description}` };
  item.contextValue = 'deployment';
  return item;
}
