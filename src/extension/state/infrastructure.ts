import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Compute, Datastore, Workspace } from '../../protocol/infrastructure.ts';
import type { PlaneStatus } from '../../protocol/plane.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** What there is besides jobs and assets: short lists, read whole. */
export class InfrastructureState implements Disposable {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  private readonly plane: PlaneConnection;

  constructor(plane: PlaneConnection) {
    this.plane = plane;
    this.subscriptions.add(
      plane.onDidChange(({ kind }) => {
        if (kind === 'workspace' || kind === 'datastore' || kind === 'compute') this.changes.fire();
      }),
    );
    this.subscriptions.add(plane.onDidReset(() => this.changes.fire()));
  }

  async workspaces(): Promise<Workspace[]> {
    return (await (await this.plane.client()).listWorkspaces()).value;
  }

  async datastores(): Promise<Datastore[]> {
    return (await (await this.plane.client()).listDatastores()).value;
  }

  async computes(): Promise<Compute[]> {
    return (await (await this.plane.client()).listComputes()).value;
  }

  async status(): Promise<PlaneStatus> {
    return (await this.plane.client()).status();
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }
}
