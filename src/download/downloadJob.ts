import path from 'node:path';
import { Readable } from 'node:stream';
import { UserError } from '../base/userError.ts';
import type { PlaneClient } from '../client/planeClient.ts';
import { artifactContainer } from '../protocol/asset.ts';
import type { Job } from '../protocol/job.ts';
import { artifactFolder, logFile } from '../protocol/jobPlaces.ts';
import { downloadFolder, downloadUri, save } from './downloadUri.ts';

/**
 * Saves a job's outputs to `named-outputs/{output}/` below `folder` and its artifacts with the log to `artifacts/`, as `az ml job download` does;
 * with `only` just that output. Answers the number of files. Throws `NotFound` for an output that the job does not have.
 */
export async function downloadJob(client: PlaneClient, job: Job, folder: string, only?: string): Promise<number> {
  const declared = job.properties.outputs ?? {};
  if (only !== undefined && !declared[only])
    throw new UserError('NotFound', `${job.name} has no output "${only}".`, `It has ${Object.keys(declared).join(', ') || 'none'}.`);
  let count = 0;
  for (const [name, { uri }] of Object.entries(declared))
    if (uri && (only === undefined || only === name)) count += await downloadUri(client, uri, path.join(folder, 'named-outputs', name));
  if (only !== undefined) return count;
  count += await downloadFolder(client, artifactContainer, artifactFolder(job.name), path.join(folder, 'artifacts'));
  const log = await client.readLog(job.name, logFile);
  if (log.byteLength === 0) return count;
  await save(Readable.from([log]), path.join(folder, 'artifacts', logFile));
  return count + 1;
}
