import { readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import ignore from 'ignore';

/** A YAML file to check; `named` when it was given itself, and so must be one of ours. */
export interface FoundFile {
  file: string;
  named: boolean;
}

const skipped = new Set(['node_modules', '__pycache__', 'venv']);

/** The files that are named and the YAML files below the folders that are named, each once; links that lead round in a circle are followed once. */
export function findFiles(paths: readonly string[], { folder, exclude }: { folder: string; exclude: readonly string[] }): FoundFile[] {
  const excluded = ignore().add([...exclude]);
  const found = new Map<string, FoundFile>();
  const seen = new Set<string>();
  const isExcluded = (at: string, isFolder: boolean): boolean => {
    const relative = path.relative(folder, at).split(path.sep).join('/');
    return (
      relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative) && excluded.ignores(isFolder ? `${relative}/` : relative)
    );
  };
  const walk = (at: string): void => {
    let entries: import('node:fs').Dirent[];
    try {
      const real = realpathSync(at);
      if (seen.has(real)) return;
      seen.add(real);
      entries = readdirSync(at, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const child = path.join(at, entry.name);
      const kind = entry.isSymbolicLink() ? kindOf(child) : entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : undefined;
      if (kind === 'folder') {
        if (!entry.name.startsWith('.') && !skipped.has(entry.name) && !isExcluded(child, true)) walk(child);
      } else if (kind === 'file' && /\.ya?ml$/i.test(entry.name) && !isExcluded(child, false) && !found.has(child))
        found.set(child, { file: child, named: false });
    }
  };
  for (const each of paths) {
    if (kindOf(each) === 'folder') walk(each);
    else found.set(each, { file: each, named: true });
  }
  return [...found.values()];
}

function kindOf(at: string): 'file' | 'folder' | undefined {
  try {
    return statSync(at).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}
