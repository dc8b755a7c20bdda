import { type Disposable, DisposableStore } from '../../../base/disposable.ts';
import { Emitter } from '../../../base/event.ts';
import type { KnownPlanes } from './knownPlanes.ts';
import type { Sessions } from './sessions.ts';
import { type Seen, SharedPlane } from './sharedPlane.ts';

/** Where what was seen of each plane is kept, by address. */
interface Kept {
  read(): Record<string, Seen>;
  write(seen: Record<string, Seen>): void;
}

/** The shared planes that were added, each contacted when somebody looks at it. */
export class SharedPlanes implements Disposable {
  /** Tells which plane; undefined: the list. */
  private readonly changes = new Emitter<SharedPlane | undefined>();
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  private readonly planes = new Map<string, SharedPlane>();
  private readonly known: KnownPlanes;
  private readonly sessions: Sessions;
  private readonly kept: Kept;

  constructor(known: KnownPlanes, sessions: Sessions, kept: Kept) {
    this.known = known;
    this.sessions = sessions;
    this.kept = kept;
    this.subscriptions.add(
      known.onDidChange(() => {
        for (const [url, plane] of this.planes)
          if (!known.find(url)) {
            plane.dispose();
            this.planes.delete(url);
          }
        this.changes.fire(undefined);
      }),
    );
    this.subscriptions.add(
      sessions.onDidChange(({ added, removed }) => {
        for (const plane of new Set([...added, ...removed].map((each) => each.plane))) this.planes.get(plane)?.retry();
      }),
    );
  }

  get all(): SharedPlane[] {
    return this.known.all.map(({ url }) => this.of(url));
  }

  of(url: string): SharedPlane {
    const there = this.planes.get(url);
    if (there) return there;
    const plane = new SharedPlane({
      url,
      session: () => this.sessions.of(url),
      seen: {
        read: () => this.kept.read()[url],
        write: (seen) => this.kept.write({ ...this.kept.read(), [url]: seen }),
      },
    });
    this.planes.set(url, plane);
    plane.onDidChange(() => this.changes.fire(plane));
    return plane;
  }

  /** Somebody looks at the list, or does no longer. */
  watch(isWatched: boolean): void {
    for (const plane of this.planes.values())
      if (!isWatched) plane.rest();
      else if (plane.state !== 'idle') plane.look();
  }

  dispose(): void {
    this.subscriptions.dispose();
    for (const plane of this.planes.values()) plane.dispose();
    this.changes.dispose();
  }
}
