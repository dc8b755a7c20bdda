import { createHash } from 'node:crypto';
import type { SystemData, WorkspaceRef } from '../../../protocol/arm.ts';
import { assetRoot, workspacePath } from '../../../protocol/arm.ts';
import { jobProperty } from '../../../protocol/job.ts';
import type { ResourceKind, StoredJob, StoredResource } from '../../../store/store.ts';
import { silenceOf } from '../../copies/silence.ts';
import { whyWaits } from '../../queue/whyWaits.ts';
import type { Services } from '../../services.ts';
import { canonical, withoutNulls } from './request.ts';

const provider = 'Microsoft.MachineLearningServices/workspaces';
const registries = 'Microsoft.MachineLearningServices/registries';
/** ARM writes 7 decimals of a second. */
export const armTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '0000Z');

function systemData(createdAt: number, modifiedAt: number, createdBy: string, modifiedBy = createdBy): SystemData {
  return {
    createdAt: armTime(createdAt),
    createdBy,
    createdByType: 'User',
    lastModifiedAt: armTime(modifiedAt),
    lastModifiedBy: modifiedBy,
  };
}

/** Kinds whose stored JSON is the whole body (`{location, tags, sku, properties}`), ARM's "tracked" resources; of the others it is the `properties`. */
const tracked: readonly ResourceKind[] = [
  'workspaces',
  'registries',
  'computes',
  'onlineEndpoints',
  'onlineDeployments',
  'batchEndpoints',
  'batchDeployments',
];

/** Where a kind lives below its workspace: its collection, and that of its versions if it has any. */
const collections: Partial<Record<ResourceKind, [string, string]>> = {
  onlineDeployments: ['onlineEndpoints', 'deployments'],
  batchDeployments: ['batchEndpoints', 'deployments'],
};

/** `calledAs` is the name by which a client calls the workspace, where that is not its own. Of a registry, `workspace` is what the store keeps it as. */
export type NamedRef = WorkspaceRef & { calledAs?: string };

/** Where something is, in messages. */
export const placeOf = ({ registry, workspace }: NamedRef): string =>
  registry === undefined ? `workspace ${workspace}` : `registry ${registry}`;

/** Ids name the workspace as the client does: the SDK compares them with its own. */
const asCalled = ({ calledAs, ...ref }: NamedRef): WorkspaceRef => ({ ...ref, workspace: calledAs ?? ref.workspace });
const pathOf = (ref: NamedRef): string => workspacePath(asCalled(ref));

/** A stored asset or single resource in ARM's envelope. */
export function toResource(ref: NamedRef, stored: StoredResource): Record<string, unknown> {
  const { kind, name, version } = stored;
  const [collection, inner] = collections[kind] ?? [kind, 'versions'];
  const isItself = kind === 'workspaces' || kind === 'registries';
  const owner = ref.registry === undefined ? provider : registries;
  const base = isItself ? pathOf(ref) : `${assetRoot(asCalled(ref))}/${collection}/${encodeURIComponent(name)}`;
  return {
    id: version ? `${base}/${inner}/${encodeURIComponent(version)}` : base,
    name: version || name,
    type: isItself ? owner : `${owner}/${collection}${version ? `/${inner}` : ''}`,
    ...(tracked.includes(kind) ? { location: 'local', tags: {}, ...stored.properties } : { properties: stored.properties }),
    systemData: systemData(stored.createdAt, stored.modifiedAt, stored.createdBy, stored.modifiedBy),
  };
}

/** What of a body is kept for a tracked resource: all but what the plane itself says. */
export function trackedBody({
  id: _id,
  name: _name,
  type: _type,
  systemData: _systemData,
  ...kept
}: Record<string, unknown>): Record<string, unknown> {
  return withoutNulls(kept);
}

/** A job in ARM's envelope; its tags are the run's, less MLflow's own. */
export async function toJob(ref: NamedRef, stored: StoredJob, services: Services): Promise<Record<string, unknown>> {
  const { store, url } = services;
  const why = (await whyWaits(stored, services)) ?? (await silenceOf(stored, services));
  const tags = Object.fromEntries(Object.entries(await store.tags(stored.name)).filter(([key]) => !key.startsWith('mlflow.')));
  return {
    id: `${pathOf(ref)}/jobs/${encodeURIComponent(stored.name)}`,
    name: stored.name,
    type: `${provider}/jobs`,
    properties: {
      ...stored.properties,
      properties: { ...stored.properties.properties },
      tags,
      experimentName: stored.experimentName,
      status: stored.status,
      isArchived: stored.properties.isArchived ?? false,
      ...(why === undefined ? {} : { progress: why }),
      ...(stored.parent ? { parentJobName: stored.parent } : {}),
      ...(stored.startedAt ? { startedAt: armTime(stored.startedAt) } : {}),
      ...(stored.endedAt ? { endedAt: armTime(stored.endedAt) } : {}),
      services: {
        Tracking: { jobServiceType: 'Tracking', endpoint: url() },
        Studio: { jobServiceType: 'Studio', endpoint: `${url()}/studio/jobs/${stored.name}` },
        ...stored.properties.services,
      },
    },
    systemData: systemData(stored.createdAt, stored.modifiedAt, stored.user),
  };
}

/** A short stand-in for a definition. */
export const digestOf = (definition: string): string => createHash('sha256').update(definition).digest('base64url');

/** What tells two submissions under one name apart: everything but what the plane itself keeps. */
export function definitionText(properties: Record<string, unknown>): string {
  const { status, startedAt, endedAt, progress, error, services, tags, isArchived, displayName, description, ...rest } = properties;
  const { [jobProperty.reuseKey]: _key, ...facts } = (rest.properties ?? {}) as Record<string, string>;
  return canonical({ ...rest, properties: facts });
}
