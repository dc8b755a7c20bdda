import { type Disposable, DisposableStore } from '../../../base/disposable.ts';
import { Emitter } from '../../../base/event.ts';
import { planeAddress } from '../../../client/planeAddress.ts';

/** A shared plane that the person has added, and what the person calls it. */
export interface KnownPlane {
  readonly url: string;
  readonly name: string;
}

/** Where the list is kept, by address: the setting `updraft.planes`, so that all windows and machines of the person have the same. */
interface Kept {
  read(): unknown;
  write(planes: Record<string, string>): PromiseLike<void>;
  onDidChange(listener: () => void): Disposable;
}

/** The shared planes that the person has added, in their order. */
export class KnownPlanes implements Disposable {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  private readonly kept: Kept;

  constructor(kept: Kept) {
    this.kept = kept;
    this.subscriptions.add(kept.onDidChange(() => this.changes.fire()));
  }

  /** What was written by hand and is no address is left out. */
  get all(): KnownPlane[] {
    const planes = new Map<string, KnownPlane>();
    for (const [text, name] of Object.entries(asRecord(this.kept.read()))) {
      try {
        const url = planeAddress(text);
        planes.set(url, { url, name: typeof name === 'string' && name.trim() ? name.trim() : new URL(url).host });
      } catch {
        // Said in the settings, where it is written.
      }
    }
    return [...planes.values()];
  }

  find(url: string | undefined): KnownPlane | undefined {
    return this.all.find((each) => each.url === url);
  }

  /** What to call a plane: by its name, or its address while it was not added. */
  nameOf(url: string): string {
    return this.find(url)?.name ?? new URL(url).host;
  }

  /** Adds a plane, or gives it another name. */
  async put({ url, name }: KnownPlane): Promise<void> {
    await this.kept.write({ ...asRecord(this.kept.read()), [url]: name } as Record<string, string>);
  }

  async remove(url: string): Promise<void> {
    const rest = Object.entries(asRecord(this.kept.read())).filter(([text]) => text.replace(/\/$/, '') !== url);
    await this.kept.write(Object.fromEntries(rest) as Record<string, string>);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
