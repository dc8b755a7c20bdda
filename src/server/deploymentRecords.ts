import type { Disposable } from '../base/disposable.ts';
import type { JobError } from '../protocol/job.ts';
import { type DeploymentNotes, type OnlineDeployment, onlineDeploymentOf } from '../protocol/onlineDeployment.ts';
import { thePlane } from '../protocol/principal.ts';
import type { Lease } from '../store/leases.ts';
import type { Store, StoredResource, StoreWriter } from '../store/store.ts';
import { workspacesAtWork } from './workspaceNames.ts';

const kind = 'onlineDeployments';
const most = 10_000;

type Outcome = { state: 'Succeeded' } | { state: 'Failed'; error: JobError };

/** The online deployments of all workspaces, for what serves them. */
export class DeploymentRecords {
  private readonly store: Store;

  private readonly lease: Lease | undefined;

  /** What is written is under `lease`, where there is one. */
  constructor(store: Store, lease?: Lease) {
    this.store = store;
    this.lease = lease;
  }

  async all(): Promise<OnlineDeployment[]> {
    const found: OnlineDeployment[] = [];
    for (const workspace of await workspacesAtWork(this.store)) {
      const store = this.store.in(workspace, thePlane);
      for (const endpoint of await store.resources('onlineEndpoints', undefined, 0, most))
        for (const each of await store.resources(kind, endpoint.name, 0, most)) found.push(onlineDeploymentOf(each));
    }
    return found;
  }

  async report(deployment: OnlineDeployment, outcome: Outcome): Promise<void> {
    await this.write(deployment, async (writer, stored, properties, notes) => {
      const { error: _error, ...rest } = properties;
      const served = outcome.state === 'Succeeded' ? deployment.generation : notes.served;
      await writer.putResource({
        ...stored,
        properties: {
          ...stored.properties,
          properties: {
            ...rest,
            provisioningState: outcome.state,
            ...(outcome.state === 'Failed' ? { error: outcome.error } : {}),
            updraft: { ...notes, ...(served === undefined ? {} : { served }) },
          },
        },
      });
    });
  }

  async remove(deployment: OnlineDeployment): Promise<void> {
    const { endpoint } = deployment;
    await this.write(deployment, async (writer, stored) => {
      await writer.deleteResource(kind, endpoint, stored.version);
      const owner = await writer.resource('onlineEndpoints', endpoint, '');
      const state = (owner?.properties.properties as Record<string, unknown> | undefined)?.provisioningState;
      if (state === 'Deleting' && (await writer.resources(kind, endpoint, 0, 1)).length === 0) {
        await writer.deleteResource('onlineEndpoints', endpoint, '');
        await writer.entities.deleteAll('endpointRequest', endpoint);
      }
    });
  }

  onDidChange(listener: () => void): Disposable {
    return this.store.onDidCommit(({ kinds }) => {
      if (!kinds || kinds.has('deployment') || kinds.has('endpoint') || kinds.has('workspace')) listener();
    });
  }

  /** Writes unless somebody has asked for something else since the deployment was read. */
  private async write(
    { workspace, endpoint, name, asked, state }: OnlineDeployment,
    work: (writer: StoreWriter, stored: StoredResource, properties: Record<string, unknown>, notes: DeploymentNotes) => Promise<void>,
  ): Promise<void> {
    await this.store.in(workspace, thePlane, this.lease).write(async (writer) => {
      const stored = await writer.resource(kind, endpoint, name);
      if (!stored) return;
      const properties = stored.properties.properties as Record<string, unknown>;
      const notes = (properties.updraft ?? { asked: '' }) as DeploymentNotes;
      if (notes.asked !== asked || (properties.provisioningState === 'Deleting') !== (state === 'Deleting')) return;
      await work(writer, stored, properties, notes);
    });
  }
}
