import { randomUUID } from 'node:crypto';
import { defaultWorkspace } from '../protocol/arm.ts';
import { thisMachine } from '../protocol/infrastructure.ts';
import type { Store, StoreReader, StoreWriter } from '../store/store.ts';

type Machine = Record<string, unknown>;

const ws = defaultWorkspace.workspace;

/** What every workspace has from the start. */
export async function seed(store: Store, machine: Machine, user: string): Promise<void> {
  if (store.resource(ws, 'computes', thisMachine, '')) return noteMachine(store, machine, user);
  await store.write((writer) => {
    writer.putResource({
      workspace: '',
      kind: 'workspaces',
      name: ws,
      version: '',
      properties: { properties: { friendlyName: 'Local', description: 'The workspace of this machine.', workspaceId: randomUUID() } },
    });
    for (const [name, containerName, isDefault] of [
      ['workspaceblobstore', 'azureml-blobstore', true],
      ['workspaceartifactstore', 'azureml', false],
    ] as const) {
      writer.putResource({
        workspace: ws,
        kind: 'datastores',
        name,
        version: '',
        properties: { datastoreType: 'AzureBlob', accountName: 'local', containerName, isDefault, credentials: { credentialsType: 'Sas' } },
      });
    }
    writer.createExperiment(ws, 'Default');
    putMachine(writer, machine, user);
  });
}

/** Brings the compute `this-machine` up to date, without a change when it is. */
export async function noteMachine(store: Store, machine: Machine, user: string): Promise<void> {
  if (JSON.stringify(known(store)) !== JSON.stringify(machine)) await store.write((writer) => putMachine(writer, machine, user));
}

/** The GPUs that were found the last time: to ask for them takes too long for a start. */
export function knownGpus(store: StoreReader): { name: string; memoryBytes: number }[] {
  const gpus = known(store)?.gpus;
  return Array.isArray(gpus) ? gpus : [];
}

function known(store: StoreReader): Machine | undefined {
  const present = store.resource(ws, 'computes', thisMachine, '');
  return (present?.properties.properties as { properties?: Machine } | undefined)?.properties;
}

function putMachine(writer: StoreWriter, machine: Machine, user: string): void {
  writer.putResource({
    workspace: ws,
    kind: 'computes',
    name: thisMachine,
    version: '',
    properties: {
      properties: {
        computeType: 'Local',
        provisioningState: 'Succeeded',
        description: `This machine, for ${user}.`,
        properties: machine,
      },
    },
  });
}
