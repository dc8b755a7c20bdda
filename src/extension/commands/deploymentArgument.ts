import { window } from 'vscode';
import { UserError } from '../../base/userError.ts';
import { allPages, type WorkspaceResource } from '../../client/planeClient.ts';
import type { ComputeNode } from '../views/computeTree.ts';
import { cancelled } from './arguments.ts';
import type { App } from './command.ts';

/** A deployment by the names that lead to it. */
export interface NamedDeployment {
  endpoint: string;
  deployment: string;
}

/** The deployment that a command was called for: a node of the view, else the user's choice. */
export async function deploymentArgument(app: App, argument: unknown, prompt: string): Promise<NamedDeployment> {
  const node = argument as ComputeNode | undefined;
  if (node?.kind === 'deployment') return { endpoint: node.endpoint.endpoint.name, deployment: node.deployment.name };
  const client = await app.plane.client();
  const list = (path: string[]): Promise<WorkspaceResource[]> => Array.fromAsync(allPages((next) => client.listResources(path, next)));
  const items = [];
  for (const { name: endpoint } of await list(['onlineEndpoints']))
    for (const { name: deployment, properties } of await list(['onlineEndpoints', endpoint, 'deployments']))
      items.push({ label: deployment, description: `${endpoint}, ${properties.provisioningState}`, endpoint, deployment });
  if (items.length === 0)
    throw new UserError('NotFound', 'There is no deployment yet.', 'Create one with "updraft online-deployment create --file FILE".');
  return (await window.showQuickPick(items, { title: prompt, placeHolder: 'Choose a deployment' })) ?? cancelled();
}
