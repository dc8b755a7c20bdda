import { needOf } from '../../access/actions.ts';
import { permit } from '../../access/roles.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Timers } from '../../base/timers.ts';
import { LookUps } from '../../client/feed/lookUps.ts';
import { defaultWorkspace, workspacePath } from '../../protocol/arm.ts';
import type { Permission } from '../../protocol/permissions.ts';
import type { PlaneConnection } from './planeConnection.ts';

const workspace = workspacePath(defaultWorkspace);

/** What commands do, each by the request that it makes: the table of routes says what that needs. */
export const requests = {
  submitJobs: ['PUT', `${workspace}/jobs/x`],
  cancelJobs: ['POST', `${workspace}/jobs/x/cancel`],
  changeJobs: ['PATCH', `${workspace}/jobs/x`],
  deleteJobs: ['DELETE', `${workspace}/jobs/x`],
  registerModels: ['PUT', `${workspace}/models/x/versions/1`],
  changeModels: ['POST', '/api/2.0/mlflow/registered-models/alias'],
  deleteModels: ['DELETE', `${workspace}/models/x/versions/1`],
  createAssets: ['PUT', `${workspace}/data/x/versions/1`],
  deleteAssets: ['DELETE', `${workspace}/data/x/versions/1`],
  changeSchedules: ['PUT', `${workspace}/schedules/x`],
  triggerSchedules: ['POST', `${workspace}/schedules/x/trigger`],
  deleteSchedules: ['DELETE', `${workspace}/schedules/x`],
  callDeployments: ['POST', '/updraft/endpoints/x/requests'],
} as const satisfies Record<string, readonly [method: string, path: string]>;

export type Right = keyof typeof requests;
export const allRights = Object.keys(requests) as Right[];

/** What the person may do in the workspace, as the plane says. On a plane of one's own, and before a shared one has said something, nothing is ruled out: the plane decides. */
export class WorkspacePermissions implements Disposable {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  private known: readonly Permission[] | undefined;

  constructor(plane: PlaneConnection, onError: (error: unknown) => void, timers?: Timers) {
    const lookUps = this.subscriptions.add(
      new LookUps<'it'>({
        read: async () => this.take(plane.isShared ? await plane.ask((client) => client.permissions()) : undefined),
        onError,
        ...(timers ? { timers } : {}),
      }),
    );
    const ask = () => plane.isShared && lookUps.ask('it');
    for (const each of [
      plane.onDidChangePermissions(ask),
      plane.onDidMove(() => this.take(undefined)),
      plane.onDidChangeState((state) => {
        if (state !== 'live') return;
        ask();
        lookUps.retryNow();
      }),
    ])
      this.subscriptions.add(each);
  }

  may(right: Right): boolean {
    const { known } = this;
    if (known === undefined) return true;
    const [method, path] = requests[right];
    const need = needOf(method, path)?.team;
    return typeof need === 'object' ? need.some((action) => permit(known, action)) : need === 'member';
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private take(permissions: readonly Permission[] | undefined): void {
    const isSame = JSON.stringify(permissions) === JSON.stringify(this.known);
    this.known = permissions;
    if (!isSame) this.changes.fire();
  }
}
