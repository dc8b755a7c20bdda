import type { PlaneClient } from '../src/client/planeClient.ts';
import type { PipelineNode } from '../src/protocol/job.ts';
import { component, jobWhen, shellEnvironment } from '../test/contract/plane.ts';

/** What every step runs: a shell and one line of output. */
export const stepCommand = (step: number): string => `echo step ${step}`;

/** `count` steps that do not wait for each other, each with a component of its own. */
export async function stepNodes(client: PlaneClient, count: number): Promise<Record<string, PipelineNode>> {
  const environment = `azureml:${await shellEnvironment(client)}`;
  const nodes: Record<string, PipelineNode> = {};
  for (let step = 0; step < count; step++)
    nodes[`s${step}`] = {
      type: 'command',
      componentId: await component(client, `step_${step}`, { command: stepCommand(step), environment }),
    };
  return nodes;
}

/** Runs a pipeline to its end; throws when it did not complete. */
export async function runPipeline(client: PlaneClient, name: string, jobs: Record<string, PipelineNode>, isForced: boolean): Promise<void> {
  await client.putJob(name, { jobType: 'Pipeline', jobs, settings: { force_rerun: isForced } });
  const { properties } = await jobWhen(client, name);
  if (properties.status !== 'Completed') throw new Error(`The pipeline ${name} is ${properties.status}: ${properties.error?.message}`);
}
