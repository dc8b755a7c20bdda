import { messageOf } from '../base/userError.ts';
import { artifactContainer } from '../protocol/asset.ts';
import { artifactFolder, packagesFile } from '../protocol/jobPlaces.ts';
import { uploadFile } from '../transfer/uploadFile.ts';
import type { RunnerContext } from './runnerContext.ts';

/**
 * Keeps with a job which packages its environment has. The next job with the same environment has the same content, which is only named. It never rejects: a job
 * does not fail because of it.
 */
export async function recordPackages({ client, logger, signal }: RunnerContext, job: string, file: string): Promise<void> {
  try {
    await uploadFile(client, artifactContainer, `${artifactFolder(job)}/${packagesFile}`, file, signal);
  } catch (error) {
    if (!signal.aborted) logger.warn(`the packages of ${job} could not be recorded: ${messageOf(error)}`);
  }
}
