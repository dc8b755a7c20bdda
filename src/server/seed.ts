import { randomUUID } from 'node:crypto';
import { defaultWorkspace } from '../protocol/arm.ts';
import { thisMachine } from '../protocol/infrastructure.ts';
import { type Principal, thePlane } from '../protocol/principal.ts';
import type { Store, StoreReader, StoreWriter, WorkspaceStore } from '../store/store.ts';
import { workspaceList } from './workspaceNames.ts';

type Machine = Record<string, unknown>;

const ws = defaultWorkspace.workspace;

/** What every workspace has from the start. Servers that start at the same time make it once. `runsHere`: jobs run on this machine, so that it matters what it has. */
export async function seed(plane: Store, machine: Machine, user: string, runsHere: boolean): Promise<void> {
  const store = plane.in(ws, thePlane);
  if (await store.resource('computes', thisMachine, '')) {
    if (runsHere) await noteMachine(store, machine, user);
    return;
  }
  await plane.in(workspaceList, thePlane).write(async (writer) => {
    if (!(await writer.resource('workspaces', ws, '')))
      await putWorkspace(writer, ws, { friendlyName: 'Local', description: 'The workspace of this machine.' });
  });
  await store.write(async (writer) => {
    await putContents(writer);
    if (!(await writer.resource('computes', thisMachine, ''))) await putMachine(writer, machine, user);
  });
}

/** A workspace of a team, in a resource group. What it holds is there before it is. */
export async function makeWorkspace(
  plane: Store,
  { name, resourceGroup }: { name: string; resourceGroup: string },
  by: Principal,
): Promise<void> {
  await plane.in(name, by).write(putContents);
  await plane.in(workspaceList, by).write((writer) => putWorkspace(writer, name, { friendlyName: name, resourceGroup }));
}

const putWorkspace = (writer: StoreWriter, name: string, properties: Record<string, string>) =>
  writer.putResource({ kind: 'workspaces', name, version: '', properties: { properties: { ...properties, workspaceId: randomUUID() } } });

async function putContents(writer: StoreWriter): Promise<void> {
  // A second try finds what the first has left.
  if (await writer.resource('datastores', 'workspaceblobstore', '')) return;
  for (const [name, containerName, isDefault] of [
    ['workspaceblobstore', 'azureml-blobstore', true],
    ['workspaceartifactstore', 'azureml', false],
  ] as const) {
    await writer.putResource({
      kind: 'datastores',
      name,
      version: '',
      properties: { datastoreType: 'AzureBlob', accountName: 'local', containerName, isDefault, credentials: { credentialsType: 'Sas' } },
    });
  }
  await writer.createExperiment('Default');
}

/** Brings the compute `this-machine` up to date, without a change when it is. */
export async function noteMachine(store: WorkspaceStore, machine: Machine, user: string): Promise<void> {
  if (JSON.stringify(await known(store)) !== JSON.stringify(machine)) await store.write((writer) => putMachine(writer, machine, user));
}

/** The GPUs that were found the last time: to ask for them takes too long for a start. */
export async function knownGpus(store: StoreReader): Promise<{ name: string; memoryBytes: number }[]> {
  const gpus = (await known(store))?.gpus;
  return Array.isArray(gpus) ? gpus : [];
}

async function known(store: StoreReader): Promise<Machine | undefined> {
  const present = await store.resource('computes', thisMachine, '');
  return (present?.properties.properties as { properties?: Machine } | undefined)?.properties;
}

async function putMachine(writer: StoreWriter, machine: Machine, user: string): Promise<void> {
  await writer.putResource({
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
