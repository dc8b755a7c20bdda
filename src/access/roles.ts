import type { Permission } from '../protocol/permissions.ts';
import { matchesAction } from './matchesAction.ts';

export interface Role {
  /** A GUID. */
  id: string;
  name: string;
  description: string;
  isBuiltIn: boolean;
  permissions: Permission[];
  /** Where it may be assigned, and below. */
  assignableScopes: string[];
}

const provider = 'Microsoft.MachineLearningServices';
const w = `${provider}/workspaces`;

const builtIn = (id: string, name: string, description: string, actions: string[], notActions: string[] = []): Role => ({
  id,
  name,
  description,
  isBuiltIn: true,
  permissions: [{ actions, notActions, dataActions: [], notDataActions: [] }],
  assignableScopes: ['/'],
});

export const ownerRole = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';

/** Azure's own roles for machine learning, and the three for everything, with Azure's ids: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const builtInRoles: readonly Role[] = [
  builtIn(ownerRole, 'Owner', 'Grants full access to manage all resources, including the ability to assign roles.', ['*']),
  builtIn(
    'b24988ac-6180-42a0-ab88-20f7382dd24c',
    'Contributor',
    'Grants full access to manage all resources, but does not allow you to assign roles.',
    ['*'],
    [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
      'Microsoft.Blueprint/blueprintAssignments/write',
      'Microsoft.Blueprint/blueprintAssignments/delete',
      'Microsoft.Compute/galleries/share/action',
      'Microsoft.Purview/consents/write',
      'Microsoft.Purview/consents/delete',
    ],
  ),
  builtIn('acdd72a7-3385-48ef-bd42-f606fba81ae7', 'Reader', 'View all resources, but does not allow you to make any changes.', ['*/read']),
  builtIn(
    'f6c7c914-8db3-469d-8ca1-694a8f32e121',
    'AzureML Data Scientist',
    'Can perform all actions within an Azure Machine Learning workspace, except for creating or deleting compute resources and modifying the workspace itself.',
    [`${w}/*/read`, `${w}/*/action`, `${w}/*/delete`, `${w}/*/write`],
    [
      `${w}/delete`,
      `${w}/write`,
      `${w}/computes/*/write`,
      `${w}/computes/*/delete`,
      `${w}/computes/listKeys/action`,
      `${w}/listKeys/action`,
      `${w}/hubs/write`,
      `${w}/hubs/delete`,
      `${w}/featurestores/write`,
      `${w}/featurestores/delete`,
    ],
  ),
  builtIn(
    'e503ece1-11d0-4e8e-8e2c-7a6c3bf38815',
    'AzureML Compute Operator',
    'Can access and perform CRUD operations on Machine Learning Services managed compute resources (including Notebook VMs).',
    [`${w}/computes/*`, `${w}/notebooks/vm/*`],
  ),
  builtIn(
    '1823dd4f-9b8c-4ab6-ab4e-7397a3684615',
    'AzureML Registry User',
    'Can perform all actions on Machine Learning Services Registry assets as well as get Registry resources.',
    [`${provider}/registries/read`, `${provider}/registries/assets/*`],
  ),
  builtIn('635dd51f-9968-44d3-b7fb-6d9a6bd613ae', 'AzureML Metrics Writer (preview)', 'Lets you write metrics to AzureML workspace', [
    `${w}/metrics/*/write`,
  ]),
];

/** Whether a role allows an action. What one role leaves out another may allow. */
export const allows = ({ permissions }: Pick<Role, 'permissions'>, action: string): boolean => permit(permissions, action);

/** Whether permissions, of one role or of several, allow an action. */
export const permit = (permissions: readonly Permission[], action: string): boolean =>
  permissions.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => matchesAction(pattern, action)) && !notActions.some((pattern) => matchesAction(pattern, action)),
  );

/** Whether this is a role's name, in lower case. A role in preview says so behind its name, which people leave out. */
export const isCalled = ({ name }: Pick<Role, 'name'>, wanted: string): boolean =>
  [name.toLowerCase(), name.toLowerCase().replace(/ \(preview\)$/, '')].includes(wanted);
