import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import type { AssetKind } from '../protocol/arm.ts';
import type { AssetVersion, ModelVersion } from '../protocol/asset.ts';
import { jobProperty } from '../protocol/job.ts';
import type { FileSource } from '../spec/diagnostic.ts';
import { type Kind, kindFacts } from '../spec/kinds/all.ts';
import { beside, isLocalPath } from '../spec/paths.ts';
import { armBodyOf, componentBodyOf } from '../spec/rest.ts';
import { AssetUploader } from './assets.ts';
import { sendTo } from './destination.ts';
import { gitFacts } from './gitFacts.ts';
import { localFiles } from './localFiles.ts';
import { uploadData } from './upload.ts';
import { withUploads } from './uploadedPlaces.ts';
import { validSpec } from './validSpec.ts';

const quietly = { onProgress: () => {} };

/** What of a workspace has versions and is made of a YAML file. */
const wanted: Partial<Record<AssetKind, Kind[]>> = {
  data: ['data'],
  environments: ['environment'],
  components: ['commandComponent', 'pipelineComponent', 'commandJob'],
  models: ['model'],
};

/** Creates a version of the asset that a YAML file describes. Without a version in it, the next number. */
export async function createAsset(
  client: PlaneClient,
  file: string,
  kind: AssetKind,
  { overrides = [], files = localFiles }: { overrides?: string[]; files?: FileSource } = {},
): Promise<AssetVersion> {
  const { spec } = validSpec(file, { overrides, files, kinds: wanted[kind]! });
  if (!spec || !wanted[kind]?.includes(spec.kind))
    throw new UserError('InvalidArgument', `The file is ${spec ? kindFacts[spec.kind].title : 'none of ours'}.`, undefined, { file });
  const { value } = spec;
  if (!value.name) throw new UserError('MissingField', '"name" is missing.', 'Add "name:".', { file });
  const name = String(value.name);
  const version = value.version !== undefined ? String(value.version) : await nextVersion(client, kind, name);

  if (kind === 'data') {
    const dataUri = await place(client, file, String(value.path));
    return client.putAsset('data', name, version, { ...armBodyOf(spec, localFiles)!.properties, dataUri });
  }
  if (kind === 'models')
    return registerModel(client, {
      name,
      version,
      type: value.type,
      path: isLocalPath(value.path) ? beside(file, value.path) : value.path,
      facts: armBodyOf(spec, files)!.properties,
    });
  const uploader = new AssetUploader(client, sendTo(client, quietly));
  if (kind === 'environments')
    return client.putAsset('environments', name, version, {
      ...armBodyOf(spec, localFiles)!.properties,
      ...(await uploader.environmentParts(file, value)),
    });
  const { componentSpec, ...facts } = await withUploads(uploader, (places) => componentBodyOf(spec, localFiles, places).properties);
  const { $schema: _schema, ...own } = componentSpec;
  return client.putAsset('components', name, version, { ...facts, componentSpec: { ...own, name, version } });
}

/** Registers a model from a local path, a datastore uri, or `azureml://jobs/J/outputs/O`, whose job becomes its origin. */
export async function registerModel(
  client: PlaneClient,
  {
    name,
    version,
    type,
    path,
    facts: said = {},
  }: {
    name: string;
    version?: string | undefined;
    type?: string | undefined;
    path: string;
    /** Further properties of the version: its description, tags, flavors. */
    facts?: Partial<ModelVersion['properties']>;
  },
): Promise<ModelVersion> {
  const output = /^azureml:\/\/jobs\/([^/]+)\/outputs\/([^/]+)\/?$/.exec(path);
  const job = output ? await client.getJob(output[1]!) : undefined;
  const from = job?.properties.outputs?.[output![2]!];
  if (job && !from?.uri)
    throw new UserError(
      'NotFound',
      `The job ${job.name} has no output "${output![2]}".`,
      `It has ${Object.keys(job.properties.outputs ?? {}).join(', ') || 'none'}.`,
    );
  const modelUri = from?.uri ?? (await place(client, '', path));
  const facts = job
    ? Object.fromEntries(
        Object.entries(job.properties.properties ?? {}).filter(([key]) =>
          ([jobProperty.gitCommit, jobProperty.gitBranch, jobProperty.gitDirty] as string[]).includes(key),
        ),
      )
    : isLocalPath(path)
      ? await gitFacts(process.cwd())
      : {};
  return client.putAsset('models', name, version ?? (await nextVersion(client, 'models', name)), {
    flavors: {},
    tags: {},
    ...said,
    modelUri,
    modelType: (type ?? (from?.jobOutputType.endsWith('_model') ? from.jobOutputType : 'custom_model')) as 'custom_model',
    ...(job ? { jobName: job.name } : {}),
    properties: { ...said.properties, ...facts, ...(job ? { 'azureml.jobName': job.name, 'azureml.output': output![2]! } : {}) },
  });
}

async function place(client: PlaneClient, file: string, given: string): Promise<string> {
  if (!isLocalPath(given)) return given;
  const local = file ? beside(file, given) : given;
  if (!localFiles.kind(local)) throw new UserError('MissingFile', `There is nothing at ${given}.`, 'Give the path of a file or folder.');
  return uploadData(client, local, quietly);
}

async function nextVersion(client: PlaneClient, kind: AssetKind, name: string): Promise<string> {
  return client.getContainer(kind, name).then(
    (container) => container.properties.nextVersion ?? '1',
    (error) => {
      if (error instanceof UserError && (error.code === 'AssetNotFound' || error.code === 'NotFound')) return '1';
      throw error;
    },
  );
}
