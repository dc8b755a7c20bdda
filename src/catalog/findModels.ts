import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { embeddingFacts } from './embeddingRecipe.ts';
import { isModelFile, readHeader } from './headers/readHeader.ts';
import type { LocalModel } from './localModel.ts';
import type { ModelFacts } from './modelFacts.ts';
import { ollamaModels } from './ollamaModels.ts';
import type { ModelPlace } from './places.ts';
import { readJsonFile } from './readJsonFile.ts';
import { modelsOfStore } from './storedModels.ts';

/** How deep folders are looked through, and how many entries at most: a named folder may be a whole disk. */
const deepest = 8;
const mostEntries = 50_000;

/** Files that Python's `pickle` reads: reading one runs whatever code is in it. */
const isPickle = /(?:^|[\\/])(?:pytorch_model[\w-]*\.bin|[^\\/]+\.(?:pt|pth|pkl|pickle|joblib|ckpt))$/i;
/** `-00001-of-00003`: a part of a model. */
const part = /-(\d{5})-of-(\d{5})(?=\.\w+$)/;

/** The models in some places, each by the header of its file alone: nothing of a model is run. A place that is not there has none. */
export async function findModels(places: readonly ModelPlace[], signal?: AbortSignal): Promise<LocalModel[]> {
  const found: LocalModel[] = [];
  const seen = new Set<string>();
  for (const place of places) {
    const models = await modelsOf(place, signal);
    for (const model of models) {
      const real = await realpath(model.files[0]!).catch(() => model.files[0]!);
      if (seen.has(real)) continue;
      seen.add(real);
      const whole = await described(model);
      // Hugging Face's cache calls large files by their hash, and everything else points to them.
      const hash = /^[0-9a-f]{64}$/.exec(path.basename(real))?.[0];
      found.push(place.kind === 'huggingFace' && hash ? { ...whole, sha256: hash } : whole);
    }
  }
  return found;
}

/** The model in a file. Throws when there is none. */
export async function readModel(file: string): Promise<LocalModel> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new UserError('NotFound', `There is no file ${file}.`);
  const folder = path.dirname(file);
  return described({ name: path.basename(file), place: { kind: 'folder', label: folder, folder }, files: [file], bytes: found.size });
}

function modelsOf(place: ModelPlace, signal: AbortSignal | undefined): Promise<LocalModel[]> {
  if (place.kind === 'updraft') return modelsOfStore(place);
  return place.kind === 'ollama' ? ollamaModels(place) : modelsBelow(place, signal);
}

/** A model with what its header tells, or why that can't be told. */
async function described(model: LocalModel): Promise<LocalModel> {
  const [first] = model.files;
  if (model.problem !== undefined || first === undefined) return model;
  try {
    const all = await Promise.all(model.files.map(readHeader));
    const facts = all.length === 1 ? all[0]! : together(all);
    return { ...model, facts: { ...facts, ...(await factsBeside(first, facts)) } };
  } catch (error) {
    return { ...model, problem: error instanceof UserError ? error.message : `${first} can't be read: ${(error as Error).message}` };
  }
}

/** What files beside a model say of it. */
async function factsBeside(file: string, facts: ModelFacts): Promise<Partial<ModelFacts>> {
  if (facts.format === 'safetensors') return configOf(path.dirname(file));
  return facts.format === 'onnx' ? embeddingFacts(file, facts) : {};
}

/** The first part says what the model is; weights are in all of them. */
function together(parts: ModelFacts[]): ModelFacts {
  const sum = (of: (facts: ModelFacts) => number) => parts.reduce((total, each) => total + of(each), 0);
  return { ...parts[0]!, parameters: sum(({ parameters }) => parameters), weightBytes: sum(({ weightBytes }) => weightBytes) };
}

async function modelsBelow(place: ModelPlace, signal: AbortSignal | undefined): Promise<LocalModel[]> {
  const groups = new Map<string, { file: string; bytes: number }[]>();
  const models: LocalModel[] = [];
  const visited = new Set<string>();
  let entries = 0;
  const visit = async (folder: string, depth: number): Promise<void> => {
    signal?.throwIfAborted();
    const real = await realpath(folder).catch(() => undefined);
    if (real === undefined || visited.has(real)) return;
    visited.add(real);
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      if (++entries > mostEntries) return;
      const file = path.join(folder, name);
      const found = await stat(file).catch(() => undefined);
      if (found?.isDirectory() && depth < deepest && !name.startsWith('.')) await visit(file, depth + 1);
      if (!found?.isFile()) continue;
      if (isModelFile(name)) {
        const whole = file.replace(part, '');
        groups.set(whole, [...(groups.get(whole) ?? []), { file, bytes: found.size }]);
      } else if (isPickle.test(file))
        models.push({
          name: nameOf(place, file),
          place,
          files: [file],
          bytes: found.size,
          problem:
            'It is a pickle file: to load one runs whatever code is in it, so Updraft never does. Get the model as safetensors or GGUF.',
        });
    }
  };
  // Of Hugging Face's cache, what models point to lies beside them under names that say nothing.
  if (place.kind === 'huggingFace') {
    for (const name of (await readdir(place.folder).catch(() => [])).filter((each) => each.startsWith('models--')).sort())
      await visit(path.join(place.folder, name, 'snapshots'), 1);
  } else await visit(place.folder, 0);
  for (const [whole, parts] of groups) {
    const wanted = Number(part.exec(parts[0]!.file)?.[2] ?? 1);
    models.push({
      name: nameOf(place, whole),
      place,
      files: parts.map(({ file }) => file),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
      ...(parts.length < wanted ? { problem: `${parts.length} of its ${wanted} files are there.` } : {}),
    });
  }
  return models;
}

/** `ORG/NAME/FILE` of Hugging Face's cache; elsewhere the path below the place. */
function nameOf({ kind, folder }: ModelPlace, file: string): string {
  const parts = path.relative(folder, file).split(path.sep);
  if (kind !== 'huggingFace') return parts.join('/');
  // models--ORG--NAME, snapshots, COMMIT, then the file.
  const repository = parts[0]!.replace(/^models--/, '').replaceAll('--', '/');
  const own = parts.slice(3).join('/');
  return /^model\.safetensors$/.test(own) ? repository : `${repository}/${own}`;
}

/** What `config.json` beside safetensors files says, as `transformers` writes it. */
async function configOf(folder: string): Promise<Partial<ModelFacts>> {
  const [config, tokenizer] = [
    await readJsonFile(path.join(folder, 'config.json')),
    await readJsonFile(path.join(folder, 'tokenizer_config.json')),
  ];
  const { model_type: architecture, max_position_embeddings: context } = config ?? {};
  return {
    ...(typeof architecture === 'string' ? { architecture } : {}),
    ...(Number.isSafeInteger(context) ? { contextLength: context as number } : {}),
    hasChatTemplate:
      tokenizer?.chat_template !== undefined || (await stat(path.join(folder, 'chat_template.jinja')).catch(() => undefined)) !== undefined,
  };
}
