import path from 'node:path';

/** A folder in which a program keeps models, and how it lays them out. */
export interface ModelPlace {
  kind: 'updraft' | 'folder' | 'huggingFace' | 'ollama' | 'lmStudio';
  /** As people call it. */
  label: string;
  folder: string;
}

/** Updraft's own store of models, in the cache folder that all workspaces share. */
export const ownStore = (cacheFolder: string): ModelPlace => ({
  kind: 'updraft',
  label: 'Updraft',
  folder: path.join(cacheFolder, 'models'),
});

/**
 * Where Updraft and programs of this machine keep models, and the folders that the user names. `env` is read as these programs do: `HF_HUB_CACHE` and `HF_HOME` of Hugging
 * Face, `OLLAMA_MODELS` of Ollama.
 */
export function placesOf(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  cacheFolder: string,
  folders: readonly string[],
): ModelPlace[] {
  const huggingFace =
    env.HF_HUB_CACHE || path.join(env.HF_HOME || path.join(env.XDG_CACHE_HOME || path.join(home, '.cache'), 'huggingface'), 'hub');
  return [
    ownStore(cacheFolder),
    ...folders.map((folder): ModelPlace => ({ kind: 'folder', label: folder, folder })),
    { kind: 'huggingFace', label: 'Hugging Face cache', folder: huggingFace },
    { kind: 'ollama', label: 'Ollama', folder: env.OLLAMA_MODELS || path.join(home, '.ollama', 'models') },
    { kind: 'lmStudio', label: 'LM Studio', folder: path.join(home, '.lmstudio', 'models') },
    // Where LM Studio kept them before 2025.
    { kind: 'lmStudio', label: 'LM Studio', folder: path.join(home, '.cache', 'lm-studio', 'models') },
  ];
}
