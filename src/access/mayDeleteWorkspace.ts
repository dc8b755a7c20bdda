import type { Permission } from '../protocol/permissions.ts';
import { permit } from './roles.ts';

/** Whether permissions in a workspace let somebody delete it. */
export const mayDeleteWorkspace = (permissions: readonly Permission[]): boolean =>
  permit(permissions, 'Microsoft.MachineLearningServices/workspaces/delete');
