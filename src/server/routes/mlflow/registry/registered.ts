import { UserError } from '../../../../base/userError.ts';
import type { KeyValue } from '../../../../protocol/mlflow.ts';
import type { StoredResource, StoreReader, StoreWriter } from '../../../../store/store.ts';
import { mlflowUri } from '../artifactAddress.ts';
import { checkModelName } from '../names.ts';
import { invalid } from '../request.ts';

/** Marks a registered model that is a prompt; MLflow's clients set it. */
export const promptTag = 'mlflow.prompt.is_prompt';

/** A registered model is a Model of the workspace. A prompt, which MLflow keeps as one too, is not. */
export type RegistryKind = 'models' | 'prompts';

/** What only MLflow knows of a model or version, in its properties under `mlflow`. Times in ms since 1970. */
export interface MlflowFacts {
  /** Of a version that was imported: when it was made where it came from. */
  createdAt?: number;
  updatedAt?: number;
  source?: string;
  /** What a client downloads, where that is not the source. */
  download?: string;
  runLink?: string;
  modelId?: string;
  runId?: string;
  /** The greatest number ever given to a version: numbers are not used twice. */
  lastVersion?: number;
}

export const mlflowFactsOf = (stored: StoredResource): MlflowFacts => (stored.properties.mlflow ?? {}) as MlflowFacts;
export const tagsOf = (stored: StoredResource): Record<string, string> => (stored.properties.tags ?? {}) as Record<string, string>;
export const isPrompt = (tags: Record<string, string>): boolean => tags[promptTag]?.toLowerCase() === 'true';

/** The registered model or prompt of a name; throws `NotFound`. */
export async function registered(reader: StoreReader, name: string): Promise<StoredResource & { kind: RegistryKind }> {
  checkModelName(name);
  const found = (await reader.resource('models', name, '')) ?? (await reader.resource('prompts', name, ''));
  if (!found) throw new UserError('NotFound', `Registered Model with name=${name} not found`);
  return found as StoredResource & { kind: RegistryKind };
}

/** One version; throws `NotFound`. */
export async function versionOf(reader: StoreReader, name: string, version: string): Promise<StoredResource & { kind: RegistryKind }> {
  checkModelName(name);
  if (!/^\d+$/.test(version) && !(await reader.resource('models', name, version)))
    throw invalid(`Parameter 'version' must be an integer, got '${version}'.`);
  const number = /^\d+$/.test(version) ? String(Number(version)) : version;
  const found = (await reader.resource('models', name, number)) ?? (await reader.resource('prompts', name, number));
  if (!found) throw new UserError('NotFound', `Model Version (name=${name}, version=${version}) not found`);
  return found as StoredResource & { kind: RegistryKind };
}

/** Changes properties; `touch`: MLflow counts it as an update. */
export function change(
  writer: StoreWriter,
  stored: StoredResource,
  properties: Record<string, unknown>,
  options: { touch: boolean },
): Promise<StoredResource> {
  const facts = options.touch ? { mlflow: { ...mlflowFactsOf(stored), updatedAt: Date.now() } } : {};
  return writer.putResource({ ...stored, properties: { ...stored.properties, ...facts, ...properties } });
}

/** Every version, newest first. */
export const versionsOf = (reader: StoreReader, stored: StoredResource): Promise<StoredResource[]> =>
  reader.resources(stored.kind, stored.name, 0, 1_000_000);

export const aliasesOf = (stored: StoredResource): string[] => (stored.properties.aliases ?? []) as string[];

export const stageOf = (stored: StoredResource): string => (stored.properties.stage as string | undefined) ?? 'None';

/** The newest version of each stage. */
export function latestVersions(versions: StoredResource[]): StoredResource[] {
  const latest = new Map<string, StoredResource>();
  for (const version of versions) if (!latest.has(stageOf(version))) latest.set(stageOf(version), version);
  return [...latest.values()];
}

const updatedAt = (stored: StoredResource): number => mlflowFactsOf(stored).updatedAt ?? stored.modifiedAt;

export async function toModel(reader: StoreReader, stored: StoredResource): Promise<Record<string, unknown>> {
  const versions = await versionsOf(reader, stored);
  const aliases = versions.flatMap((each) => aliasesOf(each).map((alias) => ({ alias, version: each.version })));
  return {
    name: stored.name,
    creation_timestamp: stored.createdAt,
    last_updated_timestamp: updatedAt(stored),
    ...described(stored),
    ...(versions.length ? { latest_versions: latestVersions(versions).map(toVersion) } : {}),
    tags: pairs(tagsOf(stored)),
    ...(aliases.length ? { aliases } : {}),
  };
}

export function toVersion(stored: StoredResource): Record<string, unknown> {
  const { properties } = stored;
  const facts = mlflowFactsOf(stored);
  const runId = facts.runId ?? (properties.jobName as string | null | undefined);
  return {
    name: stored.name,
    version: stored.version,
    creation_timestamp: facts.createdAt ?? stored.createdAt,
    last_updated_timestamp: updatedAt(stored),
    current_stage: stageOf(stored),
    ...described(stored),
    source: facts.source ?? mlflowUri(String(properties.modelUri ?? '')),
    ...(runId ? { run_id: runId } : {}),
    status: 'READY',
    ...(facts.runLink ? { run_link: facts.runLink } : {}),
    ...(facts.modelId ? { model_id: facts.modelId } : {}),
    tags: pairs(tagsOf(stored)),
    ...(aliasesOf(stored).length ? { aliases: aliasesOf(stored) } : {}),
  };
}

const described = ({ properties }: StoredResource): { description?: unknown } =>
  typeof properties.description === 'string' ? { description: properties.description } : {};

const pairs = (tags: Record<string, string>): KeyValue[] => Object.entries(tags).map(([key, value]) => ({ key, value }));

/** What sorts and filters look at. */
export const registryFacts = { updatedAt };
