import { parseAssetId } from '../../../src/protocol/arm.ts';
import { pageOfAssetId } from '../../../src/protocol/assetPage.ts';
import { originOf, placeOfOrigin } from '../../../src/protocol/copiedJob.ts';
import { isPipeline, type Job, jobProperty } from '../../../src/protocol/job.ts';
import type { PageAddress } from '../../../src/protocol/webview.ts';
import type { Goal } from '../../shared/ui/Goal.tsx';

/** The step to blame for a pipeline's failure; where that is a pipeline itself, the step to blame in it. */
export function blamedStep(job: Job, steps: readonly Job[]): Job | undefined {
  const name = job.properties.error?.step;
  const step = name && steps.find((each) => each.properties.parentJobName === job.name && each.properties.nodeName === name);
  return step ? (blamedStep(step, steps) ?? step) : undefined;
}

/** The name of a compute from its ARM id, or from `azureml:NAME`. */
const computeName = (id: string | null | undefined): string | undefined =>
  id ? id.slice(id.lastIndexOf('/') + 1).replace(/^azureml:/, '') : undefined;

/**
 * Where a job runs, in the same words for every type: the compute that was asked for, with the one where it or its steps really ran when that is another.
 */
export function computeOf(job: Job, steps: readonly Job[]): string | undefined {
  const asked = computeName(job.properties.computeId ?? (isPipeline(job) ? job.properties.settings?.default_compute : undefined));
  const ran = new Set([job, ...steps].flatMap((each) => ranOn(each) ?? []));
  if (asked === undefined) return ran.size ? [...ran].join(', ') : undefined;
  const others = [...ran].filter((name) => name !== asked);
  return others.length ? `${asked} (ran on ${others.join(', ')})` : asked;
}

/** A runner says where a job ran that was asked for another compute; one that was asked for none has its name. */
function ranOn({ properties }: Job): string | undefined {
  if (!properties.startedAt) return undefined;
  return properties.properties?.[jobProperty.ranOn] ?? computeName(properties.computeId);
}

/** `name:version` of an environment; of a registry's, its name and label. */
export function environmentName(id: string): string {
  const asset = parseAssetId(id);
  // What a job's YAML defines itself has no name of its own in Azure either.
  if (asset?.name.startsWith('CliV2AnonymousEnvironment')) return 'defined in the YAML';
  if (asset) return `${asset.name}:${asset.version}`;
  const registry = /\/environments\/([^/]+)\/(?:versions|labels)\/([^/]+)$/.exec(id);
  return registry ? `${registry[1]}@${registry[2]}` : id.replace(/^azureml:/, '');
}

/** Where a job ran, or runs, that was sent here from another control plane. */
export function copiedFrom({ properties }: Job): string | undefined {
  const origin = originOf(properties);
  return origin && placeOfOrigin(origin);
}

export const gitState = (dirty: string | undefined): string | undefined =>
  dirty === undefined ? undefined : /^true$/i.test(dirty) ? 'with changes that were not committed' : 'clean';

/** The page of an environment of the workspace, or of a registry of its plane. */
export const environmentPage = (id: string): PageAddress | undefined =>
  parseAssetId(id)?.kind === 'environments' ? pageOfAssetId(id) : undefined;

/** The file that a job was submitted from; where there is no editor, its text among the job's files. */
export const submittedFrom = ({ name }: Job): Goal => ({
  command: 'job.openFile',
  args: { name },
  inBrowser: { page: 'job', name, tab: 'outputs' },
});

/** The code that a job ran. */
export const snapshotOf = ({ name }: Job): Goal => ({
  command: 'job.openSnapshot',
  args: { name },
  inBrowser: { page: 'job', name, tab: 'outputs' },
});

/** Where the commit is shown that a job was submitted from; undefined for a repository that has no address of the web. */
export function commitPage(facts: Record<string, string>): Goal | undefined {
  const commit = facts[jobProperty.gitCommit];
  const repository = facts[jobProperty.gitRepository] ?? '';
  // `git@host:owner/name.git`, `ssh://git@host/owner/name`, `https://user@host/owner/name.git`.
  const [, host, path] =
    /^(?:(?:https?|ssh|git):\/\/)?(?:[^@/]*@)?([\w.-]+\.[a-z]+)(?::\d+)?[:/]\/?(.+?)(?:\.git)?\/?$/i.exec(repository) ?? [];
  return commit && /^[0-9a-f]{7,64}$/i.test(commit) && host && path ? { url: `https://${host}/${path}/commit/${commit}` } : undefined;
}
