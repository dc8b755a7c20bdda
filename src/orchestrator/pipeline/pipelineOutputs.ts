import { type JobOutput, jobProperty, type PipelineJob } from '../../protocol/job.ts';
import { defaultOutputUri } from '../../protocol/jobPlaces.ts';
import { wholeExpression } from '../../spec/expression.ts';
import type { StepJob } from './stepJob.ts';

/** The outputs of a pipeline are those of the steps that are bound to them: places, content hashes as properties, and the jobs that wrote them. */
export function pipelineOutputs(
  { properties: { jobs, outputs: declared } }: PipelineJob,
  children: ReadonlyMap<string, StepJob>,
): { outputs: Record<string, JobOutput>; hashes: Record<string, string>; producers: Record<string, string> } {
  const outputs: Record<string, JobOutput> = {};
  const hashes: Record<string, string> = {};
  const producers: Record<string, string> = {};
  for (const [step, node] of Object.entries(jobs)) {
    for (const [output, binding] of Object.entries(node.outputs ?? {})) {
      const path = wholeExpression(binding.value ?? '');
      if (path?.[0] !== 'parent' || path[1] !== 'outputs') continue;
      const name = path.slice(2).join('.');
      const child = children.get(step);
      const from = child?.properties.outputs?.[output];
      if (!child || !from) continue;
      outputs[name] = { ...from, ...declared?.[name], uri: from.uri ?? defaultOutputUri(child.name, output) };
      hashes[`${jobProperty.contentHash}${name}`] = child.properties.properties?.[`${jobProperty.contentHash}${output}`] ?? '';
      producers[name] = child.properties.properties?.[jobProperty.reusedFrom] ?? child.name;
    }
  }
  return { outputs, hashes, producers };
}
