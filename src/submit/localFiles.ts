import { readFileSync, statSync } from 'node:fs';
import { decodeText } from '../base/decodeText.ts';
import type { FileSource } from '../spec/diagnostic.ts';

/** Largest YAML file that is read, in bytes. */
const yamlLimit = 50_000_000;

/** The files of this machine. */
export const localFiles: FileSource = {
  readText(path) {
    try {
      return statSync(path).size > yamlLimit ? undefined : decodeText(readFileSync(path));
    } catch {
      return undefined;
    }
  },
  kind(path) {
    try {
      const found = statSync(path);
      return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : undefined;
    } catch {
      return undefined;
    }
  },
};
