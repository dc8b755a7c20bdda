import type { UserError } from '../../../src/base/userError.ts';
import { type CodeFile, codeFiles, codeIdOf } from '../../../src/client/codeFiles.ts';
import type { PlaneClient } from '../../../src/client/planeClient.ts';
import { parseAssetId } from '../../../src/protocol/arm.ts';
import { artifactContainer, type BlobEntry, type EnvironmentVersion } from '../../../src/protocol/asset.ts';
import { isCommand, isSweep, type Job } from '../../../src/protocol/job.ts';
import { artifactFolder } from '../../../src/protocol/jobPlaces.ts';
import type { Run } from '../../../src/protocol/mlflow.ts';
import { isOfAzuresRegistry } from '../../../src/protocol/registry.ts';
import { type InstalledPackages, readPackages } from '../../job/environment/installedPackages.ts';
import { asUserError } from '../../shared/live/useLive.ts';

/** A run that is compared, as far as it could be read. */
export interface ComparedRun {
  id: string;
  /** Undefined where it can't be read: `error` says why. */
  job?: Job;
  run?: Run;
  error?: UserError;
}

export async function readRun(client: PlaneClient, id: string): Promise<ComparedRun> {
  try {
    const [job, { run }] = await Promise.all([client.getJob(id), client.getRun(id)]);
    return { id, job, run };
  } catch (reason) {
    const error = asUserError(reason);
    // Without a plane there is nothing to compare; a run that is gone leaves its column.
    if (error.code !== 'NotFound' && error.code !== 'InvalidRequest') throw error;
    return { id, error };
  }
}

/** What lies in files, and what a run asks for by name. */
export interface RunFiles {
  code: CodeFile[] | undefined;
  artifacts: BlobEntry[];
  environment: EnvironmentVersion | undefined;
  installed: InstalledPackages | undefined;
}

/** The id of the environment of a job, or of the trials of a sweep. */
export const environmentIdOf = (job: Job): string | undefined =>
  (isCommand(job) ? job.properties.environmentId : isSweep(job) ? job.properties.trial.environmentId : '') || undefined;

export async function readFiles(client: PlaneClient, job: Job): Promise<RunFiles> {
  const codeId = codeIdOf(job);
  const environmentId = environmentIdOf(job);
  const asset = environmentId === undefined || isOfAzuresRegistry(environmentId) ? undefined : parseAssetId(environmentId);
  const [code, { entries, installed }, environment] = await Promise.all([
    codeId === undefined ? undefined : codeFiles(client, codeId).catch(unlessMissing<CodeFile[]>),
    client.listBlobs(artifactContainer, artifactFolder(job.name), { recursive: true }).then(async ({ entries: found }) => ({
      entries: found,
      installed: await readPackages(client, job.name, found).catch(unlessMissing<InstalledPackages>),
    })),
    asset?.kind === 'environments'
      ? client.getAsset('environments', asset.name, asset.version).catch(unlessMissing<EnvironmentVersion>)
      : undefined,
  ]);
  return { code, artifacts: entries, environment, installed };
}

/** What was deleted since is not there; anything else is an error. */
function unlessMissing<T>(error: unknown): T | undefined {
  if (asUserError(error).code === 'NotFound') return undefined;
  throw error;
}
