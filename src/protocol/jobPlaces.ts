import { artifactContainer, blobContainer, blobUri, datastoreUri } from './asset.ts';

/** The log of every job that has one, as Azure names it. */
export const logFile = 'user_logs/std_log.txt';

/** Among a job's artifacts: the packages that its environment really had, as a requirements file whose first line is `# Python 3.11.7`. */
export const packagesFile = 'environment/requirements.txt';

/** The folder of a job's artifacts in the container `azureml`, as Azure names it. */
export const artifactFolder = (job: string): string => `ExperimentRun/dcid.${job}`;

/** The job whose artifacts are at a path of the container `azureml`; undefined for any other path. */
export const artifactOwner = (path: string): string | undefined =>
  /^ExperimentRun\/dcid\.([A-Za-z0-9_-][A-Za-z0-9_.-]{0,254})\//.exec(path)?.[1];

/** The job that has written what is at an address: one of its artifacts, or an output that asked for no place. undefined for anything else. */
export const writtenBy = (container: string, path: string): string | undefined =>
  container === artifactContainer
    ? artifactOwner(path)
    : container === blobContainer
      ? /^azureml\/([A-Za-z0-9_-][A-Za-z0-9_.-]{0,254})\//.exec(path)?.[1]
      : undefined;

/** Where an output goes that asks for no place: its job's own name is in it, so no two jobs share one. */
export const defaultOutputUri = (job: string, output: string, isFile = false): string =>
  datastoreUri(`azureml/${job}/${output}${isFile ? '' : '/'}`);

/** Values of the macros that Azure ML fills into the address of an output. https://learn.microsoft.com/azure/machine-learning/concept-expressions */
export interface OutputMacros {
  /** The job's name; its macro stays as it is when absent. */
  name?: string;
  output: string;
  /** The default datastore; the workspace's own when absent. */
  datastore?: string | undefined;
}

/** The name of the datastore that a pipeline's settings choose, which may be an ARM id. */
export const defaultDatastoreOf = (settings: { default_datastore?: string } | undefined): string | undefined =>
  settings?.default_datastore?.replace(/^.*[/:]/, '') || undefined;

/** The address of an output with `${{name}}`, `${{output_name}}` and `${{default_datastore}}` filled in. */
export const filledOutputUri = (uri: string, { name, output, datastore = 'workspaceblobstore' }: OutputMacros): string =>
  uri.replace(/\$\{\{\s*(name|output_name|default_datastore)\s*\}\}/g, (macro, word) =>
    word === 'name' ? (name ?? macro) : word === 'output_name' ? output : datastore,
  );

/** Whether a uri is one of `defaultOutputUri`: of the job, or of any when absent. */
export const isDefaultOutputUri = (uri: string, job = ''): boolean => uri.startsWith(datastoreUri(job ? `azureml/${job}/` : 'azureml/'));

/** Where a job's artifacts lie: Azure names them as if they were an output. */
export const artifactsOutput = 'artifacts';
export const artifactsUri = (job: string, path = ''): string => blobUri(artifactContainer, `${artifactFolder(job)}/${path}`);

/** How other jobs and assets name a job's output, wherever it lies. */
export const outputReference = (job: string, output: string): string => `azureml://jobs/${job}/outputs/${output}`;

/** Reads `azureml://jobs/{job}/outputs/{output}[/paths/{path}]`; undefined for any other uri. */
export function parseOutputReference(uri: string): { job: string; output: string; path?: string } | undefined {
  const match = /^azureml:\/\/jobs\/([^/]+)\/outputs\/([^/]+)(?:\/paths)?(?:\/(.*))?$/.exec(uri);
  return match ? { job: match[1]!, output: match[2]!, ...(match[3] ? { path: match[3] } : {}) } : undefined;
}
