import { stat } from 'node:fs/promises';
import { SharedWork } from '../../base/sharedWork.ts';
import { sha256OfFile } from '../../files/hash.ts';
import { thePlane } from '../../protocol/principal.ts';
import type { Store } from '../../store/store.ts';

/** What was found of a file; its bytes and the time of its last write tell it from what it was before. */
interface Hashed {
  bytes: number;
  mtimeMs: number;
  sha256: string;
}

/** SHA-256 of large files, each computed once for as long as the file stays as it is: also by a plane that is started later. */
export class FileHashes {
  private readonly store: Store;
  private readonly ending: AbortSignal;
  private readonly works = new SharedWork<string>();
  private known: Promise<Map<string, Hashed>> | undefined;

  constructor(store: Store, ending: AbortSignal) {
    this.store = store;
    this.ending = ending;
  }

  /** The hash, if it is known of the file as it is now; only the file's size and time are looked at. */
  async peek(file: string): Promise<string | undefined> {
    const now = await stat(file).catch(() => undefined);
    const hashed = (await this.all()).get(file);
    return now && hashed && hashed.bytes === now.size && hashed.mtimeMs === now.mtimeMs ? hashed.sha256 : undefined;
  }

  /** The hash, which takes about a second for each gigabyte when it is not known. `name`: of the model that the file is of, which is told to have changed. */
  async of(file: string, name: string): Promise<string> {
    return (await this.peek(file)) ?? this.works.run(file, this.ending, (signal) => this.compute(file, name, signal));
  }

  private async compute(file: string, name: string, signal: AbortSignal): Promise<string> {
    const before = await stat(file);
    const sha256 = await sha256OfFile(file, signal);
    const hashed: Hashed = { bytes: before.size, mtimeMs: before.mtimeMs, sha256 };
    (await this.all()).set(file, hashed);
    await this.store
      .in('', thePlane)
      .write((writer) => writer.entities.put({ kind: 'fileHash', id: file, scope: name, at: Date.now(), body: { ...hashed } }));
    return sha256;
  }

  private all(): Promise<Map<string, Hashed>> {
    this.known ??= this.store
      .in('', thePlane)
      .entities.list('fileHash')
      .then((rows) => new Map(rows.map(({ id, body }) => [id, body as Hashed])))
      .catch((error) => {
        this.known = undefined;
        throw error;
      });
    return this.known;
  }
}
