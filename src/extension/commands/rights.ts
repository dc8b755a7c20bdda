import type { Right } from '../state/rights.ts';
import type { App } from './command.ts';
import { RemediedError, remedies } from './remedy.ts';

/** What commands need that change something. Menus leave out what the person may not; who calls it by a key or the palette is told why. */
const needs: Readonly<Record<string, Right>> = {
  'updraft.workspace.delete': 'deleteWorkspace',
  'updraft.job.submit': 'submitJobs',
  'updraft.job.submitWithChanges': 'submitJobs',
  'updraft.job.rerun': 'submitJobs',
  'updraft.job.cancel': 'cancelJobs',
  'updraft.job.archive': 'changeJobs',
  'updraft.job.restore': 'changeJobs',
  'updraft.job.rename': 'changeJobs',
  'updraft.job.tag': 'changeJobs',
  'updraft.job.delete': 'deleteJobs',
  'updraft.model.register': 'registerModels',
  'updraft.model.addAlias': 'changeModels',
  'updraft.model.removeAlias': 'changeModels',
  'updraft.asset.create': 'createAssets',
  'updraft.asset.delete': 'deleteAssets',
  'updraft.schedule.create': 'changeSchedules',
  'updraft.schedule.enable': 'changeSchedules',
  'updraft.schedule.disable': 'changeSchedules',
  'updraft.schedule.trigger': 'triggerSchedules',
  'updraft.schedule.delete': 'deleteSchedules',
  'updraft.deployment.invoke': 'callDeployments',
};

const words: Record<Right, string> = {
  deleteWorkspace: 'delete workspaces',
  submitJobs: 'submit jobs',
  cancelJobs: 'cancel jobs',
  changeJobs: 'change jobs',
  deleteJobs: 'delete jobs',
  registerModels: 'register models',
  changeModels: 'change models',
  createAssets: 'create data, environments or components',
  deleteAssets: 'delete versions of assets',
  changeSchedules: 'change schedules',
  triggerSchedules: 'start schedules',
  deleteSchedules: 'delete schedules',
  callDeployments: 'call deployments',
};

/** Throws `AuthorizationFailed` where the person may not do what a command does. */
export function requireRight({ permissions, current, known }: App, command: string): void {
  const right = needs[command];
  if (!right || permissions.may(right)) return;
  const { plane, workspace } = current.place;
  throw new RemediedError(
    'AuthorizationFailed',
    `Your roles do not let you ${words[right]} in the workspace "${workspace}"${plane === undefined ? '' : ` of ${known.nameOf(plane)}`}.`,
    'Ask an Owner of it for a role that does, such as "AzureML Data Scientist", or choose another workspace.',
    remedies.chooseWorkspace,
  );
}
