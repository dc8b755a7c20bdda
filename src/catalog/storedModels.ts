import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { isModelFile } from './headers/readHeader.ts';
import type { LocalModel } from './localModel.ts';
import type { ModelPlace } from './places.ts';

/** What is kept of a model beside its files, in `model.json`: a folder without it is no model yet. */
export interface StoredModel {
  /** As it is called in the catalogue and on the command line. */
  name: string;
  /** Where it came from, as `updraft model get` takes it, with its version or commit. */
  source: string;
  /** Names below the model's folder; the first one has the header of the whole. */
  files: { name: string; bytes: number; sha256: string }[];
  license?: { name: string; url?: string } | undefined;
  /** When it came, in ISO 8601. */
  gotAt: string;
}

/** The file that tells of a model in its folder. */
export const recordName = 'model.json';

/** The folder of a model in the store. A name with `/`, as those of the hub have, is one folder. */
export function folderOf(store: string, name: string): string {
  const folder = name.replaceAll('/', '--');
  if (!isBelow(folder)) throw new UserError('InvalidArgument', `"${name}" can't be the name of a model.`);
  return path.join(store, folder);
}

/** The lock of whoever gets or removes a model. */
export const lockOf = (store: string, name: string): string => path.join(store, '.locks', path.basename(folderOf(store, name)));

/** The models of Updraft's own store with their folders, in the order of their names. */
export async function storedModels(store: string): Promise<{ folder: string; model: StoredModel }[]> {
  const found: { folder: string; model: StoredModel }[] = [];
  for (const entry of await readdir(store, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const folder = path.join(store, entry.name);
    const model = await readFile(path.join(folder, recordName), 'utf8').then(parsed, () => undefined);
    if (model) found.push({ folder, model });
  }
  return found.sort((a, b) => (a.model.name < b.model.name ? -1 : 1));
}

/** The same as models of this machine. */
export async function modelsOfStore(place: ModelPlace): Promise<LocalModel[]> {
  return (await storedModels(place.folder)).flatMap(({ folder, model: { name, files, source, license } }) => {
    const weights = files.filter((file) => isModelFile(file.name));
    if (weights.length === 0) return [];
    return [
      {
        name,
        place,
        files: weights.map((file) => path.join(folder, ...file.name.split('/'))),
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        sha256: weights[0]!.sha256,
        source,
        ...(license ? { license } : {}),
      },
    ];
  });
}

function parsed(text: string): StoredModel | undefined {
  try {
    const model = JSON.parse(text) as StoredModel;
    const isRight = typeof model.name === 'string' && Array.isArray(model.files) && model.files.every(({ name }) => isBelow(name));
    return isRight ? model : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a name from outside, with `/`, is one below a folder, on every system. */
export function isBelow(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.length <= 500 &&
    name.split('/').every((part) => part !== '' && !/^\.|[\\:*?"<>|\u0000-\u001f]|[. ]$/.test(part) && part.length <= 200)
  );
}
