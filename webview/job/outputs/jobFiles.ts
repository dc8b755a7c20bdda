import { isCommand, type Job, jobProperty, leftEmpty, titleOf } from '../../../src/protocol/job.ts';
import type { FileNode } from '../../shared/files/fileNode.ts';
import { artifactsNode, codeFolder, uriNode } from '../../shared/files/sources.ts';

/** Everything that is kept of a job as files: named outputs, artifacts and logs, the code, the YAML; of a pipeline, its steps as folders. */
export function jobFiles(job: Job, steps: readonly Job[]): FileNode[] {
  const { outputs, properties } = job.properties;
  const nodes: FileNode[] = [];
  for (const [name, output] of Object.entries(outputs ?? {})) {
    const node = output.uri && uriNode(output.uri, name, output.jobOutputType === 'uri_file');
    if (node)
      nodes.push({
        ...node,
        icon: output.jobOutputType.endsWith('_model') ? 'symbol-method' : 'database',
        note: leftEmpty(job.properties, name) ? `${output.jobOutputType} · empty` : output.jobOutputType,
      });
  }
  if (isCommand(job)) nodes.push(artifactsNode(job.name, 'Artifacts'));
  if (isCommand(job) && job.properties.codeId) nodes.push(codeFolder(job.name, job.properties.codeId));
  const yaml = properties?.[jobProperty.submittedYaml];
  const yamlNode = yaml && uriNode(yaml, fileName(properties?.[jobProperty.submittedFile]) ?? 'job.yml', true);
  if (yamlNode) nodes.push({ ...yamlNode, note: 'as submitted', openInEditor: { command: 'job.openYaml', args: { name: job.name } } });
  for (const step of steps.filter((each) => each.properties.parentJobName === job.name))
    nodes.push({
      id: `step:${step.name}`,
      name: titleOf(step),
      icon: 'symbol-event',
      note: 'step',
      list: async () => jobFiles(step, steps),
    });
  return nodes;
}

const fileName = (path: string | undefined) => path?.split(/[\\/]/).pop();
