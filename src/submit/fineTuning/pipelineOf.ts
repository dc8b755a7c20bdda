import path from 'node:path';
import type { FileSource } from '../../spec/diagnostic.ts';
import { fineTuningPipeline } from '../../spec/fineTuningPipeline.ts';
import type { Spec } from '../../spec/load.ts';
import { located } from '../../spec/places.ts';
import { validSpec } from '../validSpec.ts';
import { componentsFolder } from './componentsFolder.ts';

/** The pipeline that a fine-tuning job becomes. Its file stands beside the components for those who read it through `files`, and is never written. */
export function pipelineOf(job: Spec, files: FileSource): { spec: Spec; files: FileSource } {
  const file = path.join(componentsFolder(), 'pipeline.yml');
  const text = fineTuningPipeline(job.value, (given) => located(job.file, given) as string);
  const withPipeline: FileSource = {
    ...files,
    readText: (each) => (each === file ? text : files.readText(each)),
    kind: (each) => (each === file ? 'file' : files.kind(each)),
  };
  return { spec: validSpec(file, { files: withPipeline, mustRunHere: true }).spec!, files: withPipeline };
}
