import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { decodeText } from '../base/decodeText.ts';
import type { Disk } from './workspaceIndex.ts';

/** Largest file that is read, in bytes. */
const sizeLimit = 16_000_000;
/** Folders that never hold files of a workspace's own. */
const skipped = new Set([
  'node_modules',
  '.git',
  '.venv',
  'venv',
  '__pycache__',
  '.ipynb_checkpoints',
  'site-packages',
  '.tox',
  '.mypy_cache',
]);
/** Most YAML files that are looked at. */
export const fileLimit = 50_000;

/** The disk of this machine. */
export const localDisk: Disk = {
  readText(file) {
    try {
      const found = statSync(file);
      if (!found.isFile() || found.size > sizeLimit) return undefined;
      return decodeText(readFileSync(file));
    } catch {
      return undefined;
    }
  },
  kind(file) {
    try {
      const found = statSync(file);
      return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : undefined;
    } catch {
      return undefined;
    }
  },
  list(folder) {
    try {
      return readdirSync(folder, { withFileTypes: true })
        .map((entry) => ({
          name: entry.name,
          kind:
            entry.isDirectory() || (entry.isSymbolicLink() && localDisk.kind(path.join(folder, entry.name)) === 'folder')
              ? ('folder' as const)
              : ('file' as const),
        }))
        .sort((a, b) => (a.kind === b.kind ? (a.name < b.name ? -1 : 1) : a.kind === 'folder' ? -1 : 1));
    } catch {
      return [];
    }
  },
  stamp(file) {
    try {
      const found = statSync(file);
      return found.isFile() ? `${found.mtimeMs}:${found.size}` : undefined;
    } catch {
      return undefined;
    }
  },
};

/** The YAML files below a folder, folder by folder; each real folder once, so that links in a circle end. */
export function* yamlFiles(root: string): Generator<string> {
  const seen = new Set<string>();
  const waiting = [root];
  let count = 0;
  while (waiting.length) {
    const folder = waiting.pop()!;
    try {
      const real = realpathSync(folder);
      if (seen.has(real)) continue;
      seen.add(real);
    } catch {
      continue;
    }
    for (const { name, kind } of localDisk.list(folder)) {
      const file = path.join(folder, name);
      if (kind === 'folder') {
        if (!skipped.has(name)) waiting.push(file);
      } else if (/\.ya?ml$/i.test(name)) {
        if (++count > fileLimit) return;
        yield file;
      }
    }
  }
}
