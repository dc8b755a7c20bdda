import type { PlaneClient } from '../../src/client/planeClient.ts';
import type { ModelVersion } from '../../src/protocol/asset.ts';
import { type Job, jobProperty, titleOf } from '../../src/protocol/job.ts';
import { commitRelation, dataRelation, jobPage, type Relation } from '../job/lineage/lineage.ts';
import { plainText } from '../shared/ui/plainText.ts';

/** Where a version comes from: the model that it changes, if it is an adapter, the job that wrote it, the data that this job read, the commit. */
export async function modelLineage(client: PlaneClient, version: ModelVersion, base?: string): Promise<Relation[]> {
  const facts = version.properties.properties ?? {};
  const maker = version.properties.jobName ?? facts['azureml.jobName'];
  const producer = facts['azureml.producerJobName'] ?? maker;
  const read = async (name: string | undefined): Promise<Job | undefined> =>
    name ? client.getJob(name).catch(() => undefined) : undefined;
  const [makerJob, producerJob] = await Promise.all([read(maker ?? undefined), read(producer ?? undefined)]);
  const relations: Relation[] = base
    ? [
        {
          role: 'adapter of',
          icon: 'symbol-method',
          label: plainText(base, 100),
          to: { page: 'models', name: '', state: { search: base } },
        },
      ]
    : [];
  const jobRelation = (role: string, name: string, job: Job | undefined): Relation => ({
    role,
    icon: 'symbol-event',
    label: job ? titleOf(job) : name,
    detail: job ? name : 'is not there any more',
    ...(job ? { to: jobPage(name) } : {}),
  });
  if (producer) relations.push(jobRelation('written by', producer, producerJob));
  if (maker && maker !== producer) relations.push(jobRelation('registered by', maker, makerJob));
  // The last step of a fine-tuning reads what other steps have made; what it comes from is what the whole pipeline was given.
  const trained = base && makerJob && maker !== producer ? makerJob : producerJob;
  for (const [name, input] of Object.entries(trained?.properties.inputs ?? {}))
    if (input.jobInputType !== 'literal' && input.uri)
      relations.push({
        role: /_model$/.test(input.jobInputType) ? name.replaceAll('_', ' ') : `trained on ${name}`,
        ...dataRelation(input.uri, input.jobInputType),
      });
  const commit = commitRelation({ ...producerJob?.properties.properties, ...makerJob?.properties.properties, ...pick(facts) });
  return commit ? [...relations, commit] : relations;
}

const pick = (facts: Record<string, string>) =>
  Object.fromEntries(
    [jobProperty.gitCommit, jobProperty.gitBranch, jobProperty.gitDirty].flatMap((key) =>
      facts[key] === undefined ? [] : [[key, facts[key]]],
    ),
  );
