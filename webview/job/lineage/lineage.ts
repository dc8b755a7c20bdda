import type { PlaneClient } from '../../../src/client/planeClient.ts';
import { allPages } from '../../../src/client/planeClient.ts';
import { parseAssetId } from '../../../src/protocol/arm.ts';
import { parseDatastoreUri } from '../../../src/protocol/asset.ts';
import { assetPage, pageOfAssetId } from '../../../src/protocol/assetPage.ts';
import { isCommand, type Job, jobProperty, titleOf } from '../../../src/protocol/job.ts';
import { isDefaultOutputUri } from '../../../src/protocol/jobPlaces.ts';
import type { PageAddress } from '../../../src/protocol/webview.ts';
import { localLink } from '../../shared/live/localLink.ts';
import type { Goal } from '../../shared/ui/Goal.tsx';
import { commitPage, environmentName, environmentPage, snapshotOf, submittedFrom } from '../overview/facts.ts';

/** One thing that a job comes from or led to. */
export interface Relation {
  /** What it is to the job: `input data`, `registered model`. */
  role: string;
  icon: string;
  label: string;
  detail?: string;
  to?: Goal | undefined;
}

export interface Lineage {
  from: Relation[];
  to: Relation[];
}

export const jobPage = (name: string): PageAddress => ({ page: 'job', name });

/** Where a job comes from and what it led to. `steps` are a pipeline's; `siblings` the other steps of a step's pipeline. */
export async function readLineage(client: PlaneClient, job: Job, parent: Job | undefined, steps: readonly Job[]): Promise<Lineage> {
  const siblings: Job[] = [];
  if (parent)
    for await (const each of allPages<Job>((next) =>
      client.listJobs({ parent: parent.name, listViewType: 'All', top: 500 }, next && localLink(next)),
    ))
      if (each.name !== job.name) siblings.push(each);
  return {
    from: fromOf(job, parent),
    to: [...(await registered(client, job, parent)), ...readers(job, siblings), ...madeSteps(job, steps)],
  };
}

function fromOf(job: Job, parent: Job | undefined): Relation[] {
  const { inputs, properties = {} } = job.properties;
  const from: Relation[] = [];
  const reused = properties[jobProperty.reusedFrom];
  if (reused) from.push({ role: 'result of', icon: 'history', label: reused, detail: 'reused, nothing was run', to: jobPage(reused) });
  if (parent) from.push({ role: 'step of', icon: 'type-hierarchy', label: titleOf(parent), detail: parent.name, to: jobPage(parent.name) });
  for (const [name, input] of Object.entries(inputs ?? {})) {
    if (input.jobInputType === 'literal' || !input.uri) continue;
    from.push({ role: `input ${name}`, ...dataRelation(input.uri, input.jobInputType) });
  }
  if (isCommand(job)) {
    const code = job.properties.codeId && parseAssetId(job.properties.codeId);
    if (code) from.push({ role: 'code', icon: 'file-code', label: 'Snapshot', detail: code.name.slice(0, 16), to: snapshotOf(job) });
    const { environmentId } = job.properties;
    if (environmentId)
      from.push({ role: 'environment', icon: 'package', label: environmentName(environmentId), to: environmentPage(environmentId) });
  }
  const commit = commitRelation(properties);
  if (commit) from.push(commit);
  const file = properties[jobProperty.submittedFile];
  if (file)
    from.push({ role: 'submitted from', icon: 'go-to-file', label: file.split(/[\\/]/).pop()!, detail: file, to: submittedFrom(job) });
  return from;
}

/** The commit among the facts of a job or a model. */
export function commitRelation(facts: Record<string, string>): Relation | undefined {
  const commit = facts[jobProperty.gitCommit];
  if (!commit) return undefined;
  const isDirty = /^true$/i.test(facts[jobProperty.gitDirty] ?? '');
  const branch = facts[jobProperty.gitBranch];
  const detail = [branch && `on ${branch}`, isDirty && 'with changes that were not committed'].filter(Boolean).join(', ');
  return { role: 'commit', icon: 'git-commit', label: commit.slice(0, 10), ...(detail ? { detail } : {}), to: commitPage(facts) };
}

/** Data by its address: an asset, an output of another job, or a place. */
export function dataRelation(uri: string, type: string): Omit<Relation, 'role'> {
  const asset = parseAssetId(uri);
  if (asset?.kind === 'models')
    return { icon: 'symbol-method', label: `${asset.name}:${asset.version}`, detail: type, to: pageOfAssetId(uri) };
  if (asset) return { icon: 'database', label: `${asset.name}:${asset.version}`, detail: type, to: pageOfAssetId(uri) };
  // Where outputs of jobs are put when nobody says otherwise.
  const made = /^azureml\/([^/]+)\/([^/]+)/.exec(parseDatastoreUri(uri)?.path ?? '');
  if (made) return { icon: 'database', label: `${made[1]}, output ${made[2]}`, detail: type, to: jobPage(made[1]!) };
  return { icon: 'database', label: uri, detail: type };
}

/** Assets that were registered from this job's outputs, or from its pipeline's that this step wrote. */
async function registered(client: PlaneClient, job: Job, parent: Job | undefined): Promise<Relation[]> {
  const names = new Map<string, 'models' | 'data'>();
  for (const each of [job, ...(parent ? [parent] : [])])
    for (const output of Object.values(each.properties.outputs ?? {}))
      if (output.assetName) names.set(output.assetName, output.jobOutputType.endsWith('_model') ? 'models' : 'data');
  // Models may also be registered by hand or by the script, under any name.
  const { model_versions = [] } = await client.http.json<{ model_versions?: { name: string; run_id?: string }[] }>(
    'POST',
    '/api/2.0/mlflow/model-versions/search',
    {},
  );
  for (const version of model_versions) if (version.run_id === job.name) names.set(version.name, 'models');

  const relations: Relation[] = [];
  for (const [name, kind] of names) {
    const page = await client.listVersions(kind, name).catch(() => ({ value: [] }));
    for (const version of page.value) {
      const facts = version.properties.properties ?? {};
      const maker = 'jobName' in version.properties ? version.properties.jobName : undefined;
      if (![maker, facts['azureml.jobName'], facts['azureml.producerJobName']].includes(job.name)) continue;
      relations.push(
        kind === 'models'
          ? {
              role: 'registered model',
              icon: 'symbol-method',
              label: `${name}:${version.name}`,
              to: assetPage({ kind, name, version: version.name }),
            }
          : {
              role: 'registered data',
              icon: 'database',
              label: `${name}:${version.name}`,
              to: assetPage({ kind, name, version: version.name }),
            },
      );
    }
  }
  return relations;
}

/** Steps of the same pipeline that read what this one wrote. */
const readers = (job: Job, siblings: readonly Job[]): Relation[] =>
  siblings.flatMap((each) => {
    const read = Object.entries(each.properties.inputs ?? {}).filter(([, input]) => input.uri && isDefaultOutputUri(input.uri, job.name));
    return read.map(
      ([name]): Relation => ({
        role: 'read by',
        icon: 'symbol-event',
        label: titleOf(each),
        detail: `as ${name}`,
        to: jobPage(each.name),
      }),
    );
  });

const madeSteps = (job: Job, steps: readonly Job[]): Relation[] =>
  steps
    .filter((step) => step.properties.parentJobName === job.name)
    .map((step) => ({
      role: 'step',
      icon: 'symbol-event',
      label: titleOf(step),
      detail: step.name,
      to: jobPage(step.name),
    }));
