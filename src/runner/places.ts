import { type Disposable, toDisposable } from '../base/disposable.ts';
import { Slots } from './slots.ts';

/** A runner that shares a machine with those of other workspaces. */
interface Sharer {
  /** Jobs that it has in hand. */
  held(): number;
  /** Others have given a place back. */
  onRoom(): void;
}

/** How many commands run on a machine at the same time, whatever workspaces they are of: one runner serves one workspace. */
export class Places {
  readonly count: number;
  readonly slots: Slots;
  private readonly sharers = new Set<Sharer>();

  constructor(count: number) {
    this.count = count;
    this.slots = new Slots(count);
  }

  join(sharer: Sharer): Disposable {
    this.sharers.add(sharer);
    return toDisposable(() => this.sharers.delete(sharer));
  }

  /** Places that the others leave to one of them, 0 at least. */
  leftTo(sharer: Sharer): number {
    const others = [...this.sharers].filter((each) => each !== sharer);
    return Math.max(0, this.count - others.reduce((sum, each) => sum + each.held(), 0));
  }

  /** One of them has a job less. */
  tellOthers(sharer: Sharer): void {
    for (const each of this.sharers) if (each !== sharer) each.onRoom();
  }
}
