import { datastoreUri } from './asset.ts';

/** The log of every job that has one, as Azure names it. */
export const logFile = 'user_logs/std_log.txt';

/** The folder of a job's artifacts in the container `azureml`, as Azure names it. */
export const artifactFolder = (job: string): string => `ExperimentRun/dcid.${job}`;

/** The job whose artifacts are at a path of the container `azureml`; undefined for any other path. */
export const artifactOwner = (path: string): string | undefined =>
  /^ExperimentRun\/dcid\.([A-Za-z0-9_-][A-Za-z0-9_.-]{0,254})\//.exec(path)?.[1];

/** Where an output goes that asks for no place: its job's own name is in it, so no two jobs share one. */
export const defaultOutputUri = (job: string, output: string, isFile = false): string =>
  datastoreUri(`azureml/${job}/${output}${isFile ? '' : '/'}`);

/** Whether a uri is one of `defaultOutputUri`: of the job, or of any when absent. */
export const isDefaultOutputUri = (uri: string, job = ''): boolean => uri.startsWith(datastoreUri(job ? `azureml/${job}/` : 'azureml/'));

/** How other jobs and assets name a job's output, wherever it lies. */
export const outputReference = (job: string, output: string): string => `azureml://jobs/${job}/outputs/${output}`;

/** Reads `azureml://jobs/{job}/outputs/{output}[/paths/{path}]`; undefined for any other uri. */
export function parseOutputReference(uri: string): { job: string; output: string; path?: string } | undefined {
  const match = /^azureml:\/\/jobs\/([^/]+)\/outputs\/([^/]+)(?:\/paths)?(?:\/(.*))?$/.exec(uri);
  return match ? { job: match[1]!, output: match[2]!, ...(match[3] ? { path: match[3] } : {}) } : undefined;
}
