import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FileSource } from '../../src/spec/diagnostic.ts';

const root = path.resolve(import.meta.dirname, '../../../shared/corpora/azureml-examples');

/** What Azure's Python client made of a file; `rest` is the body it would send. */
export interface Verdict {
  path: string;
  kind: string | null;
  outcome: 'loaded' | 'rejected' | 'skipped';
  entity?: string;
  note?: string;
  error?: string;
  rest?: Record<string, unknown>;
  normalized?: Record<string, unknown>;
}

/** The YAML files of azureml-examples (MIT), and every other file of that repository as an empty one. Their paths begin with `/r/`. */
export const corpus = {
  verdicts: (): Map<string, Verdict> =>
    new Map(
      gunzipSync(readFileSync(path.join(root, 'verdicts.azure-ai-ml-1.34.jsonl.gz')))
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Verdict)
        .map((verdict) => [verdict.path, verdict]),
    ),
  paths: (): string[] =>
    (JSON.parse(readFileSync(path.join(root, 'MANIFEST.json'), 'utf8')) as { entries: { path: string }[] }).entries.map((entry) => entry.path),
  files(): FileSource & { sizes: Map<string, number> } {
    const sizes = new Map<string, number>();
    const folders = new Set<string>();
    for (const line of readFileSync(path.join(root, 'tree.tsv'), 'utf8').split('\n')) {
      const [file, size] = line.split('\t');
      if (!file) continue;
      sizes.set(file, Number(size));
      for (let folder = path.posix.dirname(file); folder !== '.' && !folders.has(folder); folder = path.posix.dirname(folder)) folders.add(folder);
    }
    const below = (file: string) => file.slice(3).replace(/\/$/, '');
    return {
      sizes,
      readText(file) {
        const at = path.join(root, 'files', below(file));
        return existsSync(at) && statSync(at).isFile() ? readFileSync(at, 'utf8') : undefined;
      },
      kind: (file) => (sizes.has(below(file)) ? 'file' : folders.has(below(file)) ? 'folder' : undefined),
    };
  },
};
