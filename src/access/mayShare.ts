import type { Permission } from '../protocol/permissions.ts';
import { permit } from './roles.ts';

/** What takes a copy into a registry. */
const writeAssets = 'Microsoft.MachineLearningServices/registries/assets/write';

/** Whether permissions at a registry let somebody share to it. */
export const mayShare = (permissions: readonly Permission[]): boolean => permit(permissions, writeAssets);

/** Whether permissions at a resource group let somebody make a registry there. */
export const mayMakeRegistry = (permissions: readonly Permission[]): boolean =>
  permit(permissions, 'Microsoft.MachineLearningServices/registries/write');
