import { messageOf } from '../base/userError.ts';
import { readGgufHeader } from '../catalog/headers/readGguf.ts';
import type { BaseModel } from '../protocol/finetuningForm.ts';
import type { LocalModel } from '../protocol/localModels.ts';
import { architectures } from './convert/architectures.ts';
import { canConvert } from './convert/canConvert.ts';

/** A model, as far as it is known from the header of its file. `files` of a registered one are the head of it alone. */
export type BaseCandidate = Pick<
  LocalModel,
  'name' | 'files' | 'format' | 'task' | 'title' | 'architecture' | 'parameters' | 'quantization' | 'contextLength' | 'license'
>;

/** The language models among these, with why one can't be trained from. */
export async function basesOf(models: readonly BaseCandidate[]): Promise<BaseModel[]> {
  const found: BaseModel[] = [];
  for (const model of models) {
    const { name, title, task, files, architecture, parameters, quantization, contextLength, license } = model;
    if (model.format !== 'gguf' || (task !== 'chat' && task !== 'text')) continue;
    found.push({
      name,
      ...(name.startsWith('azureml:') ? {} : { file: files[0]! }),
      reasons: await reasonsAgainst(model),
      modules: [...(architectures.get(architecture ?? '')?.modules.keys() ?? [])].map((each) => each.split('.').at(-1)!),
      ...(title ? { title } : {}),
      ...(architecture ? { architecture } : {}),
      ...(parameters ? { parameters } : {}),
      ...(quantization ? { quantization } : {}),
      ...(contextLength ? { contextLength } : {}),
      ...(license ? { license } : {}),
    });
  }
  return found;
}

/** An adapter as it is usually trained. Whether it can be converted depends on the base model alone. */
const usual = { peft_type: 'LORA', r: 8, lora_alpha: 16, target_modules: 'all-linear' };

async function reasonsAgainst({ files, task }: BaseCandidate): Promise<string[]> {
  if (files.length > 1) return ['its weights are in several files, which are not read together for training'];
  if (task !== 'chat') return ['it has no chat template, so that it is not known how a conversation is written for it'];
  try {
    return canConvert(usual, await readGgufHeader(files[0]!)).reasons;
  } catch (error) {
    return [messageOf(error)];
  }
}
