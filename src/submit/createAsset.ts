import { readFileSync } from 'node:fs';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { type AssetKind, parseAssetId } from '../protocol/arm.ts';
import type { AssetVersion, ModelVersion } from '../protocol/asset.ts';
import { jobProperty } from '../protocol/job.ts';
import { kindFacts } from '../spec/kinds/all.ts';
import { loadSpec } from '../spec/load.ts';
import { beside, isLocalPath } from '../spec/paths.ts';
import { setValue } from '../spec/setValue.ts';
import { AssetUploader } from './assets.ts';
import { gitFacts } from './gitFacts.ts';
import { localFiles } from './localFiles.ts';
import { uploadData } from './upload.ts';
import { ValidationFailed } from './validationFailed.ts';

const quietly = { onProgress: () => {} };

/** Creates a version of the asset that a YAML file describes. Without a version in it, the next number. */
export async function createAsset(client: PlaneClient, file: string, kind: AssetKind, overrides: string[] = []): Promise<AssetVersion> {
  const original = localFiles.readText(file);
  const text = original === undefined ? undefined : overrides.reduce(setValue, original);
  const { spec, diagnostics } = loadSpec(file, localFiles, { mustBeOurs: true, ...(text === undefined ? {} : { text }) });
  if (diagnostics.some((each) => each.severity === 'error')) throw new ValidationFailed(file, diagnostics);
  const wanted: Partial<Record<AssetKind, string[]>> = {
    data: ['data'],
    environments: ['environment'],
    components: ['commandComponent', 'pipelineComponent', 'commandJob'],
    models: ['model'],
  };
  if (!spec || !wanted[kind]?.includes(spec.kind))
    throw new UserError('InvalidArgument', `The file is ${spec ? kindFacts[spec.kind].title : 'none of ours'}.`, undefined, { file });
  const { value } = spec;
  if (!value.name) throw new UserError('MissingField', '"name" is missing.', 'Add "name:".', { file });
  const name = String(value.name);
  const version = value.version !== undefined ? String(value.version) : await nextVersion(client, kind, name);
  const common = {
    ...(value.description ? { description: String(value.description) } : {}),
    tags: textMap(value.tags),
    properties: textMap(value.properties),
  };

  if (kind === 'data')
    return client.putAsset('data', name, version, {
      ...common,
      dataType: value.type ?? 'uri_folder',
      dataUri: await place(client, file, String(value.path)),
    });
  if (kind === 'models')
    return registerModel(client, {
      name,
      version,
      type: value.type,
      path: isLocalPath(value.path) ? beside(file, value.path) : value.path,
      description: value.description,
    });
  if (kind === 'environments') {
    const conda = value.conda_file;
    const condaFile = typeof conda === 'string' ? readFileSync(beside(file, conda), 'utf8') : conda ? JSON.stringify(conda) : undefined;
    return client.putAsset('environments', name, version, {
      ...common,
      ...(value.image ? { image: String(value.image) } : {}),
      ...(condaFile ? { condaFile } : {}),
      ...(value.build ? { build: value.build } : {}),
    });
  }
  const uploader = new AssetUploader(client, quietly);
  const anonymous = parseAssetId(await uploader.component(file, value, spec.components))!;
  const { componentSpec } = (await client.getAsset('components', anonymous.name, anonymous.version)).properties;
  return client.putAsset('components', name, version, { ...common, componentSpec: { ...componentSpec, name, version } });
}

/** Registers a model from a local path, a datastore uri, or `azureml://jobs/J/outputs/O`, whose job becomes its origin. */
export async function registerModel(
  client: PlaneClient,
  {
    name,
    version,
    type,
    path,
    description,
  }: { name: string; version?: string | undefined; type?: string | undefined; path: string; description?: string | undefined },
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
    modelUri,
    modelType: (type ?? (from?.jobOutputType.endsWith('_model') ? from.jobOutputType : 'custom_model')) as 'custom_model',
    ...(job ? { jobName: job.name } : {}),
    ...(description ? { description } : {}),
    flavors: {},
    tags: {},
    properties: { ...facts, ...(job ? { 'azureml.jobName': job.name, 'azureml.output': output![2]! } : {}) },
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

const textMap = (map: Record<string, unknown> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [key, String(value)]));
