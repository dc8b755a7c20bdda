import { UserError } from '../../base/userError.ts';
import type { PlaneClient } from '../../client/planeClient.ts';
import { check } from '../../protocol/check.ts';
import type { ImportedLoggedModel, ImportedModelVersion } from '../../protocol/importedModel.ts';
import { withRetries } from '../../transfer/withRetries.ts';
import { mapOf } from '../mapOf.ts';
import type { Result } from '../result.ts';
import { SourceLoggedModel, SourceRegisteredModel, SourceVersion } from './source.ts';

const statuses = ['LOGGED_MODEL_READY', 'LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'] as const;

/** Keeps a logged model here under its own id; answers where its files are to be in the artifact container. */
export async function putLoggedModel(
  to: PlaneClient,
  given: SourceLoggedModel,
  experiment: string,
  signal: AbortSignal | undefined,
): Promise<{ changed: boolean; folder: string }> {
  const { info, data } = check(SourceLoggedModel, given, 'The logged model');
  const createdAt = Number(info.creation_timestamp_ms ?? 0);
  const body: ImportedLoggedModel = {
    experiment,
    name: info.name,
    createdAt,
    modifiedAt: Number(info.last_updated_timestamp_ms ?? createdAt),
    status: statuses.find((each) => each === info.status) ?? statuses[Number(info.status)] ?? 'LOGGED_MODEL_READY',
    ...(info.model_type ? { modelType: info.model_type } : {}),
    ...(info.source_run_id ? { runId: info.source_run_id } : {}),
    params: mapOf(data?.params),
    tags: mapOf(info.tags),
    metrics: (data?.metrics ?? []).flatMap(({ run_id, ...metric }) => {
      const run = run_id ?? info.source_run_id;
      return run === undefined ? [] : [{ ...metric, run_id: run }];
    }),
  };
  const id = info.model_id;
  const { changed, folder } = await withRetries(
    () =>
      to.http.json<{ changed: boolean; folder: string }>('PUT', `/updraft/imports/logged-models/${encodeURIComponent(id)}`, body, signal),
    { signal },
  );
  return { changed, folder };
}

interface Target {
  to: PlaneClient;
  result: Result;
  /** Where the artifacts of a run that was imported were. */
  rootOf(run: string): string | undefined;
  signal: AbortSignal | undefined;
}

/** Keeps a registered model or prompt here with its versions, under their numbers, and its aliases. What is described here stays as people here described it. */
export async function putRegisteredModel(
  target: Target,
  given: SourceRegisteredModel,
  versions: AsyncIterable<SourceVersion>,
): Promise<void> {
  const { to, result, signal } = target;
  const { name, description, tags = [], aliases = [] } = check(SourceRegisteredModel, given, 'The model');
  const call = <T>(method: string, path: string, body?: unknown) =>
    withRetries(() => to.http.json<T>(method, `/api/2.0/mlflow/registered-models/${path}`, body, signal), { signal });
  const find = () =>
    call<{ registered_model: SourceRegisteredModel }>('GET', `get?${new URLSearchParams({ name })}`).then(
      ({ registered_model }) => registered_model,
      (error) => {
        if (error instanceof UserError && error.code === 'NotFound') return undefined;
        throw error;
      },
    );
  const before = await find();
  if (!before) {
    await call('POST', 'create', { name, tags, description: description ?? '' });
    result.counts.models++;
  } else {
    const known = mapOf(before.tags);
    for (const { key, value } of tags) if (known[key] !== value) await call('POST', 'set-tag', { name, key, value });
  }
  const all = await Array.fromAsync(versions);
  for (const version of all.sort((a, b) => Number(a.version) - Number(b.version))) {
    result.seen++;
    await result.attempt(`version ${version.version} of model "${name}"`, async () => {
      if (await putVersion(target, name, version)) result.counts.versions++;
    });
  }
  const here = new Map((before?.aliases ?? []).map(({ alias, version }) => [alias, String(version)]));
  for (const { alias, version } of aliases) {
    const own = here.get(alias);
    if (own === String(version)) continue;
    await result.attempt(`alias "${alias}" of model "${name}"`, async () => {
      if (own !== undefined)
        throw new UserError('Conflict', `It is at version ${own} here, and at ${version} there.`, 'It was left where it is.');
      await call('POST', 'alias', { name, alias, version: String(version) });
    });
  }
}

async function putVersion({ to, rootOf, signal }: Target, name: string, given: SourceVersion): Promise<boolean> {
  const version = check(SourceVersion, given, 'The version');
  const createdAt = Number(version.creation_timestamp ?? 0);
  const stage = (['Staging', 'Production', 'Archived'] as const).find((each) => each === version.current_stage);
  const body: ImportedModelVersion = {
    createdAt,
    modifiedAt: Number(version.last_updated_timestamp ?? createdAt),
    source: sourceHere(version, rootOf),
    ...(version.run_id ? { runId: version.run_id } : {}),
    ...(version.model_id ? { modelId: version.model_id } : {}),
    ...(version.run_link ? { runLink: version.run_link } : {}),
    ...(version.description ? { description: version.description } : {}),
    ...(stage ? { stage } : {}),
    tags: mapOf(version.tags),
  };
  const path = `/updraft/imports/models/${encodeURIComponent(name)}/versions/${encodeURIComponent(String(version.version))}`;
  return (await withRetries(() => to.http.json<{ changed: boolean }>('PUT', path, body, signal), { signal })).changed;
}

/** Where the files of a version are here: with those of the logged model, or of the run, that it was made from. A place elsewhere stays. */
function sourceHere({ source = '', run_id, model_id }: SourceVersion, rootOf: Target['rootOf']): string {
  if (model_id) return `models:/${model_id}`;
  const root = run_id ? rootOf(run_id)?.replace(/\/+$/, '') : undefined;
  const bare = (uri: string) => uri.replace(/^file:\/\/(?=\/)/, '').replace(/^(mlflow-artifacts:)\/\/[^/]*/, '$1');
  if (root !== undefined && bare(source).startsWith(`${bare(root)}/`))
    return `runs:/${run_id}/${bare(source).slice(bare(root).length + 1)}`;
  return source;
}
