import type { UserError } from '../../../../base/userError.ts';
import { artifactFolder } from '../../../../protocol/jobPlaces.ts';
import type { StoredResource, StoreReader } from '../../../../store/store.ts';
import { azureUri, mlflowUri } from '../artifactAddress.ts';
import { noSuchModel } from '../lineage.ts';
import { invalid } from '../request.ts';
import { artifactUri } from '../runs.ts';
import { mlflowFactsOf, versionOf } from './registered.ts';

/** Where a model version's files are. `download` in MLflow's form, `azure` as a datastore uri where it is ours. */
export interface ModelSource {
  source: string;
  download: string;
  azure: string;
  runId: string | undefined;
  modelId: string | undefined;
}

/**
 * Resolves the source of a new model version: a place, `runs:/…`, `models:/name/version` (a copy) or `models:/m-…` (a logged model). Throws `InvalidRequest` for one
 * that leads out of the run or model it is said to come from.
 */
export async function modelSource(
  reader: StoreReader,
  asked: { source: string; runId: string | undefined; modelId: string | undefined },
): Promise<ModelSource> {
  const { source } = asked;
  let { runId, modelId } = asked;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(source)?.[1]?.toLowerCase();
  const model = modelId ? await loggedModel(reader, modelId) : undefined;
  if (model) runId ||= model.source_run_id;

  if (scheme === undefined || scheme === 'file') {
    const root = model ? model.artifact_location : asked.runId ? await runRoot(reader, asked.runId) : undefined;
    if (!root || !/^(?:file:|\/)/.test(root) || !isWithin(localPath(source), localPath(root))) {
      const name = modelId ? 'model_id' : 'run_id';
      throw invalid(
        `Invalid model version source: '${source}'. To use a local path as a model version source, the ${name} request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the ${name}.`,
      );
    }
    return { source, download: source, azure: source, runId, modelId };
  }
  checkNoSteps(source);
  if (scheme === 'models') {
    const id = /^models:\/(m-[^/]+)$/.exec(source)?.[1];
    if (id) {
      const logged = await loggedModel(reader, id);
      modelId ||= id;
      if (modelId !== id) throw outside(source, 'model_id');
      return { source, ...placesOf(logged.artifact_location), runId: runId || logged.source_run_id, modelId };
    }
    const named = /^models:\/([^/]+)\/(\d+)$/.exec(source);
    if (!named) throw invalid(`Invalid model version source: '${source}'. Use models:/name/version or models:/model_id.`);
    const original = await versionOf(reader, decodeURIComponent(named[1]!), named[2]!);
    const facts = mlflowFactsOf(original);
    return {
      source,
      download: modelDownloadUri(original),
      azure: String(original.properties.modelUri),
      runId: runId || facts.runId || (original.properties.jobName as string) || undefined,
      modelId: modelId || facts.modelId,
    };
  }
  if (scheme === 'runs') {
    const [, run, path = ''] = /^runs:\/+([^/]+)\/?(.*)$/s.exec(source) ?? [];
    if (!run) throw invalid(`Invalid model version source: '${source}'.`);
    const job = await reader.job(run);
    const ours = job && artifactUri(job).startsWith('mlflow-artifacts:');
    return {
      source,
      download: source,
      azure: ours ? `azureml://datastores/workspaceartifactstore/paths/${artifactFolder(run)}/${path}` : source,
      runId,
      modelId,
    };
  }
  return { source, ...placesOf(source), runId, modelId };
}

const placesOf = (uri: string): { download: string; azure: string } => ({ download: uri, azure: azureUri(uri) });

/** What a client is to download for a version, whether MLflow or Azure made it. */
export function modelDownloadUri(version: StoredResource): string {
  const facts = mlflowFactsOf(version);
  return facts.download ?? facts.source ?? mlflowUri(String(version.properties.modelUri ?? ''));
}

async function loggedModel(reader: StoreReader, id: string): Promise<Record<string, any>> {
  const found = await reader.entities.get('loggedModel', id);
  if (!found || found.body.deleted) throw noSuchModel(id);
  return found.body;
}

async function runRoot(reader: StoreReader, id: string): Promise<string | undefined> {
  const job = await reader.job(id);
  return job && artifactUri(job);
}

const outside = (source: string, name: string): UserError =>
  invalid(`Invalid model version source: '${source}'. The ${name} request parameter must identify the resource that contains the source.`);

/** Refuses `..` in whatever spelling, and what ends names early. */
function checkNoSteps(source: string): void {
  let text = source;
  for (let round = 0; round < 8; round++) {
    let next: string;
    try {
      next = decodeURIComponent(text);
    } catch {
      break;
    }
    if (next === text) break;
    text = next;
  }
  const path = text.replace(/^[a-z][a-z0-9+.-]*:(?:\/\/[^/]*)?/i, '');
  if (path.split(/[/\\]/).includes('..') || text.includes('\0'))
    throw invalid(
      `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
    );
}

function localPath(uri: string): string {
  const path = uri.startsWith('file:') ? uri.replace(/^file:(?:\/\/[^/]*)?/, '') : uri;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

const isWithin = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);
