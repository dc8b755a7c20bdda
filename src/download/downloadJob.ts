import path from 'node:path';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { artifactContainer } from '../protocol/asset.ts';
import type { Job } from '../protocol/job.ts';
import { artifactFolder, logFile } from '../protocol/jobPlaces.ts';
import { downloadFile } from '../transfer/downloadFile.ts';
import { downloadFolder, downloadUri } from './downloadUri.ts';

/**
 * Saves a job's outputs to `named-outputs/{output}/` below `folder` and its artifacts with the log to `artifacts/`, as `az ml job download` does;
 * with `only` just that output. Answers the number of files. Throws `NotFound` for an output that the job does not have.
 */
export async function downloadJob(client: PlaneClient, job: Job, folder: string, only?: string, signal?: AbortSignal): Promise<number> {
  const declared = job.properties.outputs ?? {};
  if (only !== undefined && !declared[only])
    throw new UserError('NotFound', `${job.name} has no output "${only}".`, `It has ${Object.keys(declared).join(', ') || 'none'}.`);
  let count = 0;
  for (const [name, { uri }] of Object.entries(declared))
    if (uri && (only === undefined || only === name))
      count += await downloadUri(client, uri, path.join(folder, 'named-outputs', name), signal);
  if (only !== undefined) return count;
  count += await downloadFolder(client, artifactContainer, artifactFolder(job.name), path.join(folder, 'artifacts'), signal);
  // It may still grow: what there is now is saved.
  const size = await client.logSize(job.name, logFile);
  if (size === 0) return count;
  await downloadFile(
    {
      name: logFile,
      size,
      open: (start, stop) => client.streamLog(job.name, logFile, { start, end: size - 1 }, stop),
    },
    path.join(folder, 'artifacts', ...logFile.split('/')),
    signal,
  );
  return count + 1;
}
