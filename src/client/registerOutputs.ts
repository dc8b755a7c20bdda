import { UserError } from '../base/userError.ts';
import { type Job, type JobOutput, jobProperty } from '../protocol/job.ts';
import type { PlaneClient } from './planeClient.ts';

/** Registers every output that has a name as a model or as data. Content that the newest version has already makes no new one. */
export async function registerOutputs(
  client: PlaneClient,
  job: Job,
  outputs: Record<string, JobOutput>,
  hashes: Record<string, string>,
  producer: Record<string, string> = {},
): Promise<string[]> {
  const made: string[] = [];
  for (const [output, { assetName, assetVersion, jobOutputType, uri }] of Object.entries(outputs)) {
    if (!assetName || !uri) continue;
    const kind = jobOutputType.endsWith('_model') ? 'models' : 'data';
    const hash = hashes[`${jobProperty.contentHash}${output}`] ?? '';
    const latest = await client.listVersions(kind, assetName).then(
      (page) => page.value[0],
      () => undefined,
    );
    if (!assetVersion && latest && hash && latest.properties.properties?.['updraft.contenthash'] === hash) {
      made.push(`${assetName}:${latest.name}`);
      continue;
    }
    const version = assetVersion ?? (latest ? ((await client.getContainer(kind, assetName)).properties.nextVersion ?? '1') : '1');
    const lineage = {
      'updraft.contenthash': hash,
      'azureml.jobName': job.name,
      'azureml.output': output,
      ...(producer[output] ? { 'azureml.producerJobName': producer[output] } : {}),
      ...pick(job.properties.properties, [jobProperty.gitCommit, jobProperty.gitBranch, jobProperty.gitDirty]),
    };
    try {
      if (kind === 'models') {
        await client.putAsset('models', assetName, version, {
          modelUri: uri,
          modelType: jobOutputType as 'custom_model',
          jobName: job.name,
          properties: lineage,
          tags: {},
          flavors: {},
        });
      } else
        await client.putAsset('data', assetName, version, {
          dataUri: uri,
          dataType: jobOutputType as 'uri_folder',
          properties: lineage,
          tags: {},
        });
      made.push(`${assetName}:${version}`);
    } catch (error) {
      // Another job may have taken the number at the same moment.
      if (error instanceof UserError && error.code === 'Conflict' && !assetVersion)
        made.push(...(await registerOutputs(client, job, { [output]: outputs[output]! }, hashes, producer)));
      else throw error;
    }
  }
  return made;
}

function pick(from: Record<string, string> | undefined, keys: string[]): Record<string, string> {
  return Object.fromEntries(keys.flatMap((key) => (from?.[key] === undefined ? [] : [[key, from[key]]])));
}
