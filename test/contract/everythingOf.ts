import { allPages, type PlaneClient } from '../../src/client/planeClient.ts';
import { artifactContainer, blobContainer } from '../../src/protocol/asset.ts';
import { type Job, jobProperty } from '../../src/protocol/job.ts';
import { artifactFolder } from '../../src/protocol/jobPlaces.ts';
import { logOf } from './plane.ts';

/** What is about the plane where a job ran, and stays there. */
const ofItsPlane: ReadonlySet<string> = new Set([
  jobProperty.origin,
  jobProperty.originAsOf,
  jobProperty.originHeardAt,
  jobProperty.isShared,
  jobProperty.reuseKey,
  jobProperty.handle,
]);

/** All that a plane tells of a job and its steps, but what names the plane. */
export async function everythingOf(client: PlaneClient, root: string): Promise<unknown[]> {
  const tree = async (job: Job): Promise<Job[]> => {
    const parts = await Array.fromAsync(allPages((next) => client.listJobs({ parent: job.name, listViewType: 'All' }, next)));
    return [job, ...(await Promise.all(parts.map(tree))).flat()];
  };
  const jobs = await tree(await client.getJob(root));
  const files = async (container: string, prefix: string) => (await client.listBlobs(container, prefix, { recursive: true })).entries;
  return Promise.all(
    jobs
      .sort((a, b) => a.name.localeCompare(b.name))
      .map(async ({ name, properties, systemData }) => {
        const { run } = await client.getRun(name);
        const facts = Object.entries(properties.properties ?? {}).filter(([key]) => !ofItsPlane.has(key));
        const text = JSON.stringify({ ...properties, properties: Object.fromEntries(facts) }).replaceAll(
          `/workspaces/${client.workspace.workspace}/`,
          '/workspaces/it/',
        );
        return {
          name,
          properties: JSON.parse(text.replaceAll(client.http.url, 'it')),
          createdAt: systemData?.createdAt,
          params: run.data.params ?? [],
          tags: Object.fromEntries((run.data.tags ?? []).map(({ key, value }) => [key, value])),
          metrics: (await client.metricSeries(name, [], 5000)).series,
          log: await logOf(client, name),
          artifacts: await files(artifactContainer, artifactFolder(name)),
          outputs: await files(blobContainer, `azureml/${name}`),
        };
      }),
  );
}
