import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sha256Of } from '../../files/hash.ts';
import type { Diagnostic, FileSource } from '../../spec/diagnostic.ts';

/** What was found in a file. */
export interface Result {
  diagnostics: Diagnostic[];
  /** Component files that its steps name. */
  parts: string[];
}

/** A result, and every file and path that was looked at for it. */
interface Entry extends Result {
  seen: [path: string, stamp: string][];
}

/** Before what was measured as a snapshot, where others are paths. */
const snapshotKey = 'snapshot ';

/** Results of earlier runs. An entry holds as long as nothing that was looked at has changed; a cache that can't be read or written is none. */
export class ResultCache {
  private readonly file: string;
  private readonly entries: Map<string, Entry>;
  private readonly stamps = new Map<string, string>();
  private changed = false;

  /** `key` is everything but the files that the results depend on: version and settings. */
  constructor(folder: string, key: unknown) {
    this.file = path.join(folder, `validate-${sha256Of(JSON.stringify(key)).slice(0, 16)}.json`);
    let entries: [string, Entry][] = [];
    try {
      entries = JSON.parse(readFileSync(this.file, 'utf8'));
    } catch {
      // None yet.
    }
    this.entries = new Map(Array.isArray(entries) ? entries : []);
  }

  /** The result for a file, under a key that tells how it was looked at: kept, or made by `compute` with a source of files that notes what it reads. */
  get(key: string, file: string, files: FileSource, compute: (files: FileSource) => Result): Result {
    const known = this.entries.get(key);
    if (known?.seen.every(([at, stamp]) => this.stampOf(at, files) === stamp)) return known;
    const seen = new Map<string, string>([[file, this.stampOf(file, files)]]);
    const result = compute({
      snapshotSize: (folder, includes) => {
        const at = snapshotKey + JSON.stringify([folder, includes]);
        seen.set(at, this.stampOf(at, files));
        return files.snapshotSize?.(folder, includes);
      },
      readText: (at) => {
        seen.set(at, this.stampOf(at, files));
        return files.readText(at);
      },
      kind: (at) => {
        seen.set(at, this.stampOf(at, files));
        return files.kind(at);
      },
    });
    this.entries.set(key, { seen: [...seen], ...result });
    this.changed = true;
    return result;
  }

  save(): void {
    if (!this.changed) return;
    try {
      mkdirSync(path.dirname(this.file), { recursive: true });
      const half = `${this.file}.${process.pid}`;
      writeFileSync(half, JSON.stringify([...this.entries]), { mode: 0o600 });
      renameSync(half, this.file);
    } catch {
      // The next run checks again.
    }
  }

  private stampOf(at: string, files: FileSource): string {
    if (at.startsWith(snapshotKey)) {
      const [folder, includes] = JSON.parse(at.slice(snapshotKey.length)) as [string, string[]];
      return JSON.stringify(files.snapshotSize?.(folder, includes) ?? '-');
    }
    let stamp = this.stamps.get(at);
    if (stamp === undefined) {
      try {
        const found = statSync(at);
        stamp = found.isDirectory() ? 'folder' : `${found.size}:${found.mtimeMs}`;
      } catch {
        stamp = '-';
      }
      this.stamps.set(at, stamp);
    }
    return stamp;
  }
}
