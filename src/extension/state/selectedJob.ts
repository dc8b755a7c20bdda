import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';

/** Where the name is kept over a reload of the window; '' for none. */
interface Kept {
  read(): string;
  write(name: string): void;
}

/** The job that a person has chosen last, in the Jobs view or by its page. It stays chosen while something else has the focus. */
export class SelectedJob implements Disposable {
  private readonly changes = new Emitter<string>();
  readonly onDidChange = this.changes.event;
  private readonly kept: Kept;

  constructor(kept: Kept) {
    this.kept = kept;
  }

  /** '' before one was chosen. */
  get name(): string {
    return this.kept.read();
  }

  select(name: string): void {
    if (name === this.name) return;
    this.kept.write(name);
    this.changes.fire(name);
  }

  dispose(): void {
    this.changes.dispose();
  }
}
