import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { allPages, type WorkspaceResource } from '../../client/planeClient.ts';
import { listRegistries } from '../../client/registries.ts';
import type { ChangeKind } from '../../protocol/change.ts';
import type { Compute, Datastore, Workspace } from '../../protocol/infrastructure.ts';
import type { PlaneStatus } from '../../protocol/plane.ts';
import type { PlaneConnection } from './planeConnection.ts';

const shown: ChangeKind[] = ['workspace', 'registry', 'datastore', 'compute', 'endpoint', 'deployment'];

/** An online endpoint with its deployments. */
export interface Endpoint {
  endpoint: WorkspaceResource;
  deployments: WorkspaceResource[];
}

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
        if (shown.includes(kind)) this.changes.fire();
      }),
    );
    this.subscriptions.add(plane.onDidReset(() => this.changes.fire()));
  }

  /** Where the plane is, when it was reached. */
  get address(): string | undefined {
    return this.plane.connection?.url;
  }

  async workspaces(): Promise<Workspace[]> {
    return (await (await this.plane.client()).listWorkspaces()).value;
  }

  /** Names of the registries that the person may see. */
  async registries(): Promise<string[]> {
    return (await listRegistries(await this.plane.client())).map(({ name }) => name);
  }

  async datastores(): Promise<Datastore[]> {
    return (await (await this.plane.client()).listDatastores()).value;
  }

  async computes(): Promise<Compute[]> {
    return (await (await this.plane.client()).listComputes()).value;
  }

  async endpoints(): Promise<Endpoint[]> {
    const client = await this.plane.client();
    const found: Endpoint[] = [];
    for await (const endpoint of allPages((next) => client.listResources(['onlineEndpoints'], next))) {
      const deployments: WorkspaceResource[] = [];
      const path = ['onlineEndpoints', endpoint.name, 'deployments'];
      for await (const each of allPages((next) => client.listResources(path, next))) deployments.push(each);
      found.push({ endpoint, deployments });
    }
    return found;
  }

  async status(): Promise<PlaneStatus> {
    return (await this.plane.client()).status();
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }
}
