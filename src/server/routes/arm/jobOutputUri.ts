import { UserError } from '../../../base/userError.ts';
import { artifactsOutput, artifactsUri, parseOutputReference } from '../../../protocol/jobPlaces.ts';
import type { StoreReader } from '../../../store/store.ts';

/** The datastore uri behind `azureml://jobs/{job}/outputs/{output}[/paths/{path}]`; any other uri as it is. Throws `NotFound` for an output that there is not. */
export async function jobOutputUri(store: StoreReader, uri: string): Promise<string> {
  const named = parseOutputReference(uri);
  if (!named) return uri;
  const { job: name, output, path } = named;
  if (output === artifactsOutput) return artifactsUri(name, path);
  const job = await store.job(name);
  const found = job?.properties.outputs?.[output]?.uri;
  if (!found)
    throw new UserError(
      'NotFound',
      job ? `The job ${name} has no output "${output}".` : `There is no job "${name}".`,
      job ? `It has ${Object.keys(job.properties.outputs ?? {}).join(', ') || 'none'}.` : undefined,
    );
  return path ? `${found.replace(/\/+$/, '')}/${path}` : found;
}
