import { Uri } from 'vscode';

/** Scheme of the read-only files of jobs: `updraft:/{job}/{area}/{path}`. */
export const jobScheme = 'updraft';

/**
 * `log`: the growing log, under any file name. `code`: the snapshot that ran. `submitted`: the YAML as it was submitted.
 * `artifacts`: what the run logged.
 */
export const jobAreas = ['log', 'code', 'submitted', 'artifacts'] as const;
export type JobArea = (typeof jobAreas)[number];

export const jobUri = (job: string, area: JobArea, path: string): Uri => Uri.from({ scheme: jobScheme, path: `/${job}/${area}/${path}` });

/** Undefined where the uri is none of ours. `path` has no leading slash; '' is the area's root. */
export function parseJobUri(uri: Uri): { job: string; area: JobArea; path: string } | undefined {
  const [, job, area, ...rest] = uri.path.split('/');
  if (uri.scheme !== jobScheme || !job || !jobAreas.includes(area as JobArea)) return undefined;
  return { job, area: area as JobArea, path: rest.join('/') };
}
