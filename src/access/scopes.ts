import { defaultWorkspace, type WorkspaceRef, workspacePath } from '../protocol/arm.ts';
import { type RegistryRef, registryPath } from '../protocol/registry.ts';

/** A place that roles are assigned at, as a path in lower case without a final slash: the subscription, a resource group, a workspace or a registry. What is assigned at one holds for all below it. */
export type Scope = string;

/** A plane is one subscription. */
export const planeScope: Scope = `/subscriptions/${defaultWorkspace.subscription}`;

/** Every scope of the plane that there can be. */
const scopePattern = new RegExp(
  String.raw`^${planeScope}(?:/resourcegroups/[^/]+(?:/providers/microsoft\.machinelearningservices/(?:workspaces|registries)/[^/]+)?)?$`,
);

/** What a client writes as a scope; undefined where it is none of this plane. */
export function scopeOf(text: string): Scope | undefined {
  const scope = text.toLowerCase().replace(/\/+$/, '');
  return scopePattern.test(scope) ? scope : undefined;
}

export const groupScope = (resourceGroup: string): Scope => `${planeScope}/resourcegroups/${resourceGroup.toLowerCase()}`;

export const workspaceScope = ({ resourceGroup, workspace }: Pick<WorkspaceRef, 'resourceGroup' | 'workspace'>): Scope =>
  workspacePath({ ...defaultWorkspace, resourceGroup, workspace }).toLowerCase();

export const registryScope = ({ resourceGroup, registry }: Pick<RegistryRef, 'resourceGroup' | 'registry'>): Scope =>
  registryPath({ ...defaultWorkspace, resourceGroup, registry }).toLowerCase();

/** The name of the registry that a scope is, in lower case; undefined for any other. */
export const registryOfScope = (scope: Scope): string | undefined => /\/registries\/([^/]+)$/.exec(scope)?.[1];

/** The name of the workspace that a scope is, in lower case; undefined for any other. */
export const workspaceOfScope = (scope: Scope): string | undefined => /\/workspaces\/([^/]+)$/.exec(scope)?.[1];

/** Whether a scope is another one or lies below it. */
export const isWithin = (scope: Scope, other: Scope): boolean => scope === other || scope.startsWith(`${other}/`);

/** A scope as Azure writes it. */
export const shownScope = (scope: Scope): string =>
  scope
    .replace('/resourcegroups/', '/resourceGroups/')
    .replace('/microsoft.machinelearningservices/', '/Microsoft.MachineLearningServices/');
