import { UserError } from '../base/userError.ts';
import type { PlaneClient, WorkspaceResource } from '../client/planeClient.ts';
import type { FileSource } from '../spec/diagnostic.ts';
import { type Kind, kindFacts } from '../spec/kinds/all.ts';
import { beside, isLocalPath } from '../spec/paths.ts';
import { armBodyOf } from '../spec/rest.ts';
import { AssetUploader } from './assets.ts';
import { registerModel } from './createAsset.ts';
import { sendTo } from './destination.ts';
import { localFiles } from './localFiles.ts';
import { withUploads } from './uploadedPlaces.ts';
import { validSpec } from './validSpec.ts';

type Map = Record<string, any>;

/** What of a workspace has no versions and is made of a YAML file: its kinds, and where it is. */
const families = {
  compute: { kinds: ['amlCompute', 'computeInstance', 'kubernetesCompute', 'vmCompute', 'synapseSparkCompute'], path: named('computes') },
  datastore: {
    kinds: ['azureBlob', 'azureFile', 'azureDataLakeGen1', 'azureDataLakeGen2', 'oneLake'],
    path: named('datastores'),
  },
  onlineEndpoint: { kinds: ['managedOnlineEndpoint', 'kubernetesOnlineEndpoint'], path: named('onlineEndpoints') },
  batchEndpoint: { kinds: ['batchEndpoint'], path: named('batchEndpoints') },
  onlineDeployment: { kinds: ['managedOnlineDeployment', 'kubernetesOnlineDeployment'], path: inEndpoint('onlineEndpoints') },
  batchDeployment: {
    kinds: ['batchDeployment', 'modelBatchDeployment', 'pipelineComponentBatchDeployment'],
    path: inEndpoint('batchEndpoints'),
  },
} satisfies Record<string, { kinds: Kind[]; path: (value: Map, file: string) => string[] }>;
export type Family = keyof typeof families;

/** A YAML file with what is said over it. */
export interface Definition {
  file: string;
  files?: FileSource;
  /** `a.b=value`, as `--set`. */
  overrides?: string[];
}

/** Creates or replaces the resource that a YAML file describes, after what it names was put on the plane. Throws `ValidationFailed` before anything was sent. */
export async function createResource(
  client: PlaneClient,
  family: Family,
  { file, files = localFiles, overrides = [] }: Definition,
): Promise<WorkspaceResource> {
  const { path, kinds } = families[family] as { kinds: Kind[]; path: (value: Map, file: string) => string[] };
  const { spec } = validSpec(file, { files, overrides, kinds });
  if (!spec || !kinds.includes(spec.kind))
    throw new UserError('InvalidArgument', `The file is ${spec ? kindFacts[spec.kind].title : 'none of ours'}.`, undefined, { file });
  const at = path(spec.value, file);
  const { model } = spec.value;
  if (typeof model === 'object' && model !== null) {
    const made = await registerModel(client, {
      name: String(model.name ?? at.filter((_, place) => place % 2).join('-')),
      version: model.version === undefined ? undefined : String(model.version),
      type: model.type,
      path: isLocalPath(model.path) ? beside(file, model.path) : model.path,
    });
    spec.value.model = `azureml:${made.id}`;
  }
  const uploader = new AssetUploader(client, sendTo(client, { onProgress: () => {} }), files);
  const body = await withUploads(uploader, (places) => armBodyOf(spec, files, places));
  if (!body)
    throw new UserError('NotImplemented', `The control plane keeps no ${kindFacts[spec.kind].title.replace(/^an? /, '')}.`, undefined, {
      file,
    });
  return client.putResource(at, body);
}

function named(collection: string) {
  return ({ name }: Map, file: string): string[] => [collection, must(name, 'name', '--name', file)];
}

function inEndpoint(collection: string) {
  return ({ name, endpoint_name: endpoint }: Map, file: string): string[] => [
    collection,
    must(endpoint, 'endpoint_name', '--endpoint-name', file),
    'deployments',
    must(name, 'name', '--name', file),
  ];
}

function must(value: unknown, key: string, option: string, file: string): string {
  if (!value) throw new UserError('MissingField', `"${key}" is missing.`, `Add "${key}:" or ${option}.`, { file });
  return String(value);
}
