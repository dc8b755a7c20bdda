import type { PlaneClient } from '../../src/client/planeClient.ts';
import { type ModelVersion, runOf } from '../../src/protocol/asset.ts';
import type { LoggedModel, Run } from '../../src/protocol/mlflow.ts';
import { isSystemMetric } from '../../src/protocol/systemMetric.ts';
import type { FileNode } from '../shared/files/fileNode.ts';
import { readUpTo } from '../shared/files/readUpTo.ts';
import { asUserError } from '../shared/live/useLive.ts';
import { type ModelFile, readModelFile } from './modelFile.ts';
import { modelFiles } from './modelUri.ts';

/** What a version's run, files and logged model tell of it. In a registry there are the files alone. */
export interface VersionFacts {
  run: Run | undefined;
  logged: LoggedModel | undefined;
  file: ModelFile | undefined;
}

/** Bytes of an `MLmodel` file that are read. */
const mostBytes = 2_000_000;

export async function readVersionFacts(client: PlaneClient, name: string, version: ModelVersion): Promise<VersionFacts> {
  const isShared = client.workspace.registry !== undefined;
  const run = isShared ? undefined : runOf(version);
  // Only MLflow's models come from a logged model, and it counts their versions.
  const mayBeLogged = !isShared && version.properties.modelType === 'mlflow_model' && /^\d+$/.test(version.name);
  const [found, logged, file] = await Promise.all([
    run === undefined ? undefined : client.getRun(run).then((answer) => answer.run, unlessMissing<Run>),
    mayBeLogged ? loggedModel(client, name, version.name).catch(unlessMissing<LoggedModel>) : undefined,
    readFile(client, version),
  ]);
  return { run: found, logged, file };
}

async function loggedModel(client: PlaneClient, name: string, version: string): Promise<LoggedModel | undefined> {
  const id = await client.getModelIdOfVersion(name, version);
  return id === undefined ? undefined : (await client.getLoggedModel(id)).model;
}

async function readFile(client: PlaneClient, version: ModelVersion): Promise<ModelFile | undefined> {
  const node = modelFiles(version);
  const within = await node?.list?.(client).catch(unlessMissing<FileNode[]>);
  const file = within?.find((each) => each.name === 'MLmodel' && each.read);
  if (!file) return undefined;
  const { bytes, isCut } = await readUpTo(await file.read!(client, mostBytes), mostBytes);
  return isCut ? undefined : readModelFile(new TextDecoder().decode(bytes));
}

/** What was deleted since is not there; anything else is an error. */
function unlessMissing<T>(error: unknown): T | undefined {
  const { code } = asUserError(error);
  if (code === 'NotFound' || code === 'InvalidRequest') return undefined;
  throw error;
}

/** Metrics that tell of the model, by name: those of the logged model, each with its dataset, before those of the run. What the machine did is none. */
export function metricsOf({ run, logged }: VersionFacts): Map<string, number> {
  const metrics = new Map<string, number>();
  for (const { key, value, dataset_name } of logged?.data.metrics ?? [])
    metrics.set(dataset_name ? `${key} on ${dataset_name}` : key, Number(value));
  // What was logged for the model stands among the metrics of its run too.
  const ofModel = new Set(logged?.data.metrics?.map(({ key }) => key));
  for (const { key, value } of run?.data.metrics ?? []) if (!ofModel.has(key) && !isSystemMetric(key)) metrics.set(key, Number(value));
  return metrics;
}

/** Parameters by name: those of the logged model before those of the run. */
export const paramsOf = ({ run, logged }: VersionFacts): Map<string, string> =>
  new Map([...(run?.data.params ?? []), ...(logged?.data.params ?? [])].map(({ key, value }) => [key, value]));
