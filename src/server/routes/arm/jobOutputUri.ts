import { UserError } from '../../../base/userError.ts';
import { blobAddress } from '../../../protocol/asset.ts';
import { artifactsOutput, artifactsUri, parseOutputReference } from '../../../protocol/jobPlaces.ts';
import type { StoreReader } from '../../../store/store.ts';
import { azureUri } from '../mlflow/artifactAddress.ts';

/**
 * The datastore uri behind `azureml://jobs/{job}/outputs/{output}[/paths/{path}]` and `runs:/{run}/{path}`; any other uri as it is. Throws `NotFound` for a job, an output or
 * a file of it that there is not.
 */
export async function jobOutputUri(store: StoreReader, uri: string): Promise<string> {
  const run = /^runs:\/+([^/]+)\/(.+)$/s.exec(uri);
  if (run) return runUri(store, run[1]!, run[2]!.replace(/\/+$/, ''));
  const named = parseOutputReference(uri);
  if (!named) return uri;
  const { job: name, output, path } = named;
  const job = await mustFind(store, name);
  if (output === artifactsOutput) {
    const place = artifactsUri(name, path);
    if (path) await mustBeThere(store, place, name, path);
    return place;
  }
  const found = job.properties.outputs?.[output]?.uri;
  if (!found)
    throw new UserError(
      'NotFound',
      `The job ${name} has no output "${output}".`,
      `It has ${Object.keys(job.properties.outputs ?? {}).join(', ') || 'none'}.`,
    );
  if (!path) return found;
  const place = `${found.replace(/\/+$/, '')}/${path}`;
  await mustBeThere(store, place, name, path);
  return place;
}

/** What MLflow calls `runs:/{run}/{path}`: an artifact of the run, or a model that it logged under that name. */
async function runUri(store: StoreReader, run: string, path: string): Promise<string> {
  await mustFind(store, run);
  const place = artifactsUri(run, path);
  if (await isThere(store, place)) return place;
  for (const { id } of await store.lineage.models(run, 'output')) {
    const body = (await store.entities.get('loggedModel', id))?.body;
    if (body?.name === path && typeof body.artifact_location === 'string') return azureUri(body.artifact_location);
  }
  throw missing(run, path);
}

async function mustFind(store: StoreReader, name: string) {
  const job = await store.job(name);
  if (!job) throw new UserError('NotFound', `There is no job "${name}".`);
  return job;
}

async function mustBeThere(store: StoreReader, place: string, job: string, path: string): Promise<void> {
  if (!(await isThere(store, place))) throw missing(job, path);
}

/** Whether there is a file or a folder. What lies elsewhere can't be known. */
async function isThere(store: StoreReader, uri: string): Promise<boolean> {
  const address = blobAddress(uri);
  if (!address) return true;
  const { container, path } = address;
  return (await store.blob(container, path)) !== undefined || (await store.blobsFrom(container, `${path}/`, '', 1)).length > 0;
}

const missing = (job: string, path: string): UserError =>
  new UserError(
    'NotFound',
    `The job ${job} has no file or folder "${path.slice(0, 300)}".`,
    `List what it has with "updraft job show --name ${job}".`,
  );
