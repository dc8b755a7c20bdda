import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Resource, StringMap } from './arm.ts';

export const Workspace = Resource(
  Type.Object({
    friendlyName: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    workspaceId: Type.Optional(Type.String()),
    mlFlowTrackingUri: Type.Optional(Type.String()),
    discoveryUrl: Type.Optional(Type.String()),
    provisioningState: Type.Optional(Type.String()),
  }),
);
export type Workspace = Static<typeof Workspace> & { location?: string; tags?: StringMap };

export const Datastore = Resource(
  Type.Object({
    datastoreType: Type.String(),
    accountName: Type.Optional(Type.String()),
    containerName: Type.Optional(Type.String()),
    isDefault: Type.Optional(Type.Boolean()),
    description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    tags: Type.Optional(StringMap),
    credentials: Type.Optional(Type.Unknown()),
  }),
);
export type Datastore = Static<typeof Datastore>;

/** `properties.properties` of `this-machine`: `{cores, memoryBytes, platform, gpus: [{name, memoryBytes}]}`. */
export const Compute = Resource(
  Type.Object({
    computeType: Type.String(),
    provisioningState: Type.Optional(Type.String()),
    description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
);
export type Compute = Static<typeof Compute>;

/** The embedded plane's own compute. Never `local`: the Azure SDK takes that for a run without a service. */
export const thisMachine = 'this-machine';

/** The name in a compute's id, in any of the ways in which a job names its compute; '' for none. */
export const computeNameOf = (id: string | null | undefined): string =>
  (id ?? '')
    .replace(/^azureml:/, '')
    .split('/')
    .filter(Boolean)
    .at(-1) ?? '';
