import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { withFileLock } from '../files/fileLock.ts';
import { flushFolder } from '../files/flushFolder.ts';
import { sha256OfFile } from '../files/hash.ts';
import { isModelFile, isOnnx, readHeader } from './headers/readHeader.ts';
import type { FileToGet, FoundModel } from './sources/modelSource.ts';
import { folderOf, isBelow, lockOf, recordName, type StoredModel, storedModels } from './storedModels.ts';

export interface Getting {
  /** Folder of the store. */
  store: string;
  signal?: AbortSignal | undefined;
  /** Bytes that are there, of how many in all; 0 while that is not known. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Another process gets the same model; this one waits for it. */
  onWait?: (() => void) | undefined;
}

/** A model that is in the store with all of its files. */
export async function modelThere(store: string, name: string): Promise<{ folder: string; model: StoredModel } | undefined> {
  const there = (await storedModels(store)).find(({ model }) => model.name === name);
  return there && (await isWhole(there.folder, there.model)) ? there : undefined;
}

/**
 * Gets a model into the store, verified; answers what is there, and whether it was there before. What a try that failed or was killed has left is used. Of several
 * processes that get the same model one does it, and the others wait for it.
 */
export async function getModel(
  found: FoundModel,
  { store, signal, onProgress, onWait }: Getting,
): Promise<{ folder: string; model: StoredModel; isNew: boolean }> {
  const folder = folderOf(store, found.name);
  if (found.files.length === 0 || !found.files.every(({ name }) => isBelow(name)))
    throw new UserError('InputUnavailable', `${found.source} has files with names that are not safe.`, 'Get it from another source.');
  return withFileLock(lockOf(store, found.name), get, { signal, onWait });

  async function get() {
    const before = (await storedModels(store)).find((each) => each.folder === folder)?.model;
    if (before?.source === found.source && (await isWhole(folder, before))) return { folder, model: before, isNew: false };
    // From here to the end it is no model.
    await rm(path.join(folder, recordName), { force: true });
    const files: StoredModel['files'] = [];
    const total = found.files.reduce((sum, { downloadBytes = 0 }) => sum + downloadBytes, 0);
    let done = 0;
    for (const file of found.files) {
      const target = path.join(folder, ...file.name.split('/'));
      await mkdir(path.dirname(target), { recursive: true });
      const saved =
        (await savedBefore(target, file, signal)) ??
        (await file.save(target, { signal, onProgress: (bytes, all) => onProgress?.(done + bytes, found.files.length > 1 ? total : all) }));
      // The weights of an ONNX file may be in another one, which comes later.
      if (isModelFile(file.name) && !isOnnx(file.name)) await checked(target);
      files.push({ name: file.name, ...saved });
      done += file.downloadBytes ?? 0;
    }
    for (const { name } of files) if (isOnnx(name)) await checked(path.join(folder, ...name.split('/')));
    await found.clear?.(folder);
    const { name, source, license } = found;
    const kept = license && { name: license.name, ...(license.url ? { url: license.url } : {}) };
    const model: StoredModel = { name, source, files, ...(kept ? { license: kept } : {}), gotAt: new Date().toISOString() };
    const record = path.join(folder, recordName);
    await writeFile(`${record}.new`, `${JSON.stringify(model, null, 2)}\n`, { flush: true });
    await rename(`${record}.new`, record);
    await flushFolder(folder);
    return { folder, model, isNew: true };
  }
}

/** Whether all files of a model are there as they were: their sizes tell. */
async function isWhole(folder: string, { files }: StoredModel): Promise<boolean> {
  for (const { name, bytes } of files)
    if ((await stat(path.join(folder, ...name.split('/'))).catch(() => undefined))?.size !== bytes) return false;
  return true;
}

/** A file that came before its model was whole. */
async function savedBefore(target: string, { sha256, bytes }: FileToGet, signal: AbortSignal | undefined) {
  const found = await stat(target).catch(() => undefined);
  if (sha256 === undefined || !found?.isFile() || (bytes !== undefined && found.size !== bytes)) return undefined;
  return (await sha256OfFile(target, signal)) === sha256 ? { sha256, bytes: found.size } : undefined;
}

/** Throws away a file whose header can't be that of a model. */
async function checked(file: string): Promise<void> {
  try {
    await readHeader(file);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}
