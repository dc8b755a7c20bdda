import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { fineTuningPipeline } from '../../spec/fineTuningPipeline.ts';
import { kindFacts } from '../../spec/kinds/all.ts';
import { isLocalPath } from '../../spec/paths.ts';
import { located } from '../../spec/places.ts';
import { validSpec } from '../validSpec.ts';
import { componentsFolder } from './componentsFolder.ts';

/** Writes the pipeline that a fine-tuning job becomes to a new or empty folder, with components and code. Answers its file. Throws `ValidationFailed`, or a `UserError` where the folder has something. */
export async function writePipeline(file: string, folder: string, overrides: string[] = []): Promise<string> {
  const { spec } = validSpec(path.resolve(file), { overrides, mustRunHere: true });
  if (spec?.kind !== 'finetuningJob')
    throw new UserError(
      'InvalidArgument',
      `${path.basename(file)} is ${spec ? kindFacts[spec.kind].title : 'no job'}.`,
      'Only a fine-tuning job becomes a pipeline.',
      { file },
    );
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new UserError('Conflict', `The folder ${folder} has files already.`, 'Name a new folder, so that nothing is written over.');
  await cp(componentsFolder(), folder, { recursive: true });
  const pipeline = path.join(folder, 'pipeline.yml');
  const inFolder = (given: string) => (isLocalPath(given) ? relative(path.resolve(folder), String(located(spec.file, given))) : given);
  await writeFile(pipeline, fineTuningPipeline(spec.value, inFolder));
  return pipeline;
}

/** A path as YAML files have it everywhere. */
const relative = (from: string, to: string): string => path.relative(from, to).split(path.sep).join('/') || '.';
