import { parse } from 'yaml';
import type { AssetKind } from '../../protocol/arm.ts';
import { type ArmResource, assetName, creationContext, type Fields, filled, some } from './parts.ts';

/** A version of an asset as `az ml … show` prints it. */
export function assetShape(kind: AssetKind, { id, properties, systemData }: ArmResource): Fields {
  const { description, tags, isArchived: _archived, isAnonymous: _anonymous } = properties;
  return filled({ ...assetName(id), creation_context: creationContext(systemData), ...own[kind](id, properties, description, tags) });
}

const own: Record<AssetKind, (id: string, properties: Fields, description: unknown, tags: unknown) => Fields> = {
  data: (id, { dataType: type, dataUri: path, properties }, description, tags) => ({ id, description, tags, properties, type, path }),
  environments: (id, { image, condaFile, build, osType, inferenceConfig }, description, tags) => ({
    id: `azureml:${id}`,
    description,
    tags,
    image,
    conda_file: parsed(condaFile),
    build: build && filled({ path: build.contextUri, dockerfile_path: build.dockerfilePath }),
    os_type: osType?.toLowerCase(),
    inference_config: inferenceConfig,
  }),
  models: (id, { modelType: type, modelUri: path, flavors, jobName: job_name, stage, properties }, description, tags) => ({
    id: `azureml:${id}`,
    description,
    tags,
    properties,
    type,
    path,
    flavors: some(flavors),
    job_name,
    stage,
  }),
  components: (id, { componentSpec: { _source, ...spec } }, description, tags) => ({
    id: `azureml:${id}`,
    description,
    tags: some(tags as Fields),
    ...spec,
  }),
  codes: (id, { codeUri: path }, description, tags) => ({ id, description, tags, path }),
};

/** An asset in the list of all, with its latest version. */
export function containerShape(kind: AssetKind, { id, name, properties, systemData }: ArmResource): Fields {
  const { latestVersion, tags, properties: facts, description } = properties;
  const base = filled({ name, latest_version: latestVersion, creation_context: creationContext(systemData) });
  if (kind === 'environments') return filled({ name, 'latest version': latestVersion });
  if (kind === 'components') return { ...base, id: `azureml:${id}` };
  if (kind === 'models')
    return {
      name,
      tags: tags ?? {},
      stage: null,
      id: `azureml:${id}`,
      properties: facts ?? {},
      description: description ?? '',
      creation_context: base.creation_context,
      'latest version': latestVersion,
    };
  return { ...base, tags: tags ?? {}, properties: facts ?? {} };
}

/** A version in the list of an asset's versions. */
export function versionShape(kind: AssetKind, resource: ArmResource): Fields {
  const whole = assetShape(kind, resource);
  if (kind === 'environments') return { name: whole.name, version: whole.version };
  if (kind !== 'models') return whole;
  const { name, tags, stage = null, id, properties, description = '', creation_context, version, type, path } = whole;
  return { name, tags, stage, id, properties, description, creation_context, version, 'model type': type, path };
}

function parsed(text: string | undefined | null): unknown {
  try {
    return typeof text === 'string' ? parse(text) : undefined;
  } catch {
    return text;
  }
}
