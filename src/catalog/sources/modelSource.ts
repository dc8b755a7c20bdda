import type { Web } from '../../transfer/web/webAddress.ts';

/** Where models come from. */
export interface ModelSource {
  /** Looks a model up: what it is, how large, under which licence. Nothing of it is downloaded yet. */
  find(signal?: AbortSignal): Promise<FoundModel>;
}

export interface FoundModel {
  /** As it is called in the catalogue. */
  name: string;
  /** The same as it is to be asked for again, with its version or commit. */
  source: string;
  license?: License | undefined;
  files: FileToGet[];
  /** Removes what served to get the files, when all of them are in the model's folder. */
  clear?(folder: string): Promise<void>;
}

export interface License {
  /** SPDX name where it has one. */
  name: string;
  text?: string | undefined;
  /** Where its text can be read. */
  url?: string | undefined;
}

export interface FileToGet {
  /** Below the model's folder, with `/`. */
  name: string;
  /** Of the file itself, and of what is downloaded for it. */
  bytes?: number | undefined;
  downloadBytes?: number | undefined;
  /** In hex, where it is known before. */
  sha256?: string | undefined;
  /** Saves it as `target`, verified, and never half; answers what it is. */
  save(target: string, how: Saving): Promise<{ sha256: string; bytes: number }>;
}

export interface Saving {
  signal?: AbortSignal | undefined;
  /** Bytes that are there, of how many in all. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What sources need of the process that asks. */
export interface Around {
  web: Web;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
}
