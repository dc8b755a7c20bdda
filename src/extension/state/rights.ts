import { needOf } from '../../access/actions.ts';
import { permit } from '../../access/roles.ts';
import { defaultWorkspace, workspacePath } from '../../protocol/arm.ts';
import type { Permission } from '../../protocol/permissions.ts';

const workspace = workspacePath(defaultWorkspace);

/** What commands do, each by the request that it makes: the table of routes says what that needs. */
export const requests = {
  deleteWorkspace: ['DELETE', workspace],
  submitJobs: ['PUT', `${workspace}/jobs/x`],
  cancelJobs: ['POST', `${workspace}/jobs/x/cancel`],
  changeJobs: ['PATCH', `${workspace}/jobs/x`],
  deleteJobs: ['DELETE', `${workspace}/jobs/x`],
  registerModels: ['PUT', `${workspace}/models/x/versions/1`],
  changeModels: ['POST', '/api/2.0/mlflow/registered-models/alias'],
  createAssets: ['PUT', `${workspace}/data/x/versions/1`],
  deleteAssets: ['DELETE', `${workspace}/data/x/versions/1`],
  changeSchedules: ['PUT', `${workspace}/schedules/x`],
  triggerSchedules: ['POST', `${workspace}/schedules/x/trigger`],
  deleteSchedules: ['DELETE', `${workspace}/schedules/x`],
  callDeployments: ['POST', '/updraft/endpoints/x/requests'],
} as const satisfies Record<string, readonly [method: string, path: string]>;

export type Right = keyof typeof requests;

/** What permissions do not let do. */
export function withheld(permissions: readonly Permission[]): ReadonlySet<Right> {
  const mayNot = (right: Right): boolean => {
    const [method, path] = requests[right];
    const need = needOf(method, path)?.team;
    return typeof need === 'object' ? !need.some((action) => permit(permissions, action)) : need !== 'member';
  };
  return new Set((Object.keys(requests) as Right[]).filter(mayNot));
}
