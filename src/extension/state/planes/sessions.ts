import { type Disposable, DisposableStore } from '../../../base/disposable.ts';
import { Emitter } from '../../../base/event.ts';
import { check } from '../../../protocol/check.ts';
import { type PlaneSession, PlaneSessions } from '../../../protocol/planeSession.ts';

/** Where the sessions are kept: the editor's own store of secrets, which tells all windows of changes. */
interface Secrets {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  onDidChange(listener: (change: { key: string }) => void): Disposable;
}

export interface SessionsChange {
  readonly added: readonly PlaneSession[];
  readonly removed: readonly PlaneSession[];
}

const key = 'updraft.sessions';

/** Who is signed in to which shared plane: one session a plane. Nothing is read before somebody asks. */
export class Sessions implements Disposable {
  private readonly changes = new Emitter<SessionsChange>();
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  private readonly secrets: Secrets;
  private known: Promise<PlaneSession[]> | undefined;
  /** One change at a time: each is made of what the one before left. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(secrets: Secrets) {
    this.secrets = secrets;
    this.subscriptions.add(
      secrets.onDidChange((change) => {
        // Before somebody asked there is nothing to be told of; another window may have changed it.
        if (change.key === key && this.known) this.compare().catch(() => {});
      }),
    );
  }

  all(): Promise<PlaneSession[]> {
    this.known ??= this.read();
    return this.known;
  }

  async of(plane: string): Promise<PlaneSession | undefined> {
    return (await this.all()).find((each) => each.plane === plane);
  }

  /** Keeps a session, in the place of the one that there was for its plane. */
  put(session: PlaneSession): Promise<void> {
    return this.write((all) => [...all.filter(({ plane }) => plane !== session.plane), session]);
  }

  remove(id: string): Promise<void> {
    return this.write((all) => all.filter((each) => each.id !== id));
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private write(change: (all: readonly PlaneSession[]) => PlaneSession[]): Promise<void> {
    const written = this.last.then(async () => {
      await this.secrets.store(key, JSON.stringify(change(await this.read())));
      await this.compare();
    });
    this.last = written.catch(() => {});
    return written;
  }

  private async read(): Promise<PlaneSession[]> {
    const text = await this.secrets.get(key);
    if (!text) return [];
    try {
      return check(PlaneSessions, JSON.parse(text), 'The kept sessions');
    } catch {
      // Kept by another version: one signs in again.
      return [];
    }
  }

  /** Tells what is other than it was known to be. */
  private async compare(): Promise<void> {
    const before = (await this.known) ?? [];
    const now = await this.read();
    this.known = Promise.resolve(now);
    const added = now.filter((each) => !before.some((other) => isSame(each, other)));
    const removed = before.filter((each) => !now.some((other) => isSame(each, other)));
    if (added.length > 0 || removed.length > 0) this.changes.fire({ added, removed });
  }
}

const isSame = (a: PlaneSession, b: PlaneSession): boolean => a.id === b.id && a.token === b.token;
