import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { type Place, placeOf, settingOf } from './planes/place.ts';

/** Where the choice is kept: per window folder, by the uri of the file, each as the setting of a workspace has it. */
interface Kept {
  read(): Record<string, string>;
  write(targets: Record<string, string>): void;
}

/** Which other workspace each file was last submitted to. */
export class SubmitTargets implements Disposable {
  private readonly changes = new Emitter<string>();
  /** Tells the uri of the file. */
  readonly onDidChange = this.changes.event;
  private readonly kept: Kept;

  constructor(kept: Kept) {
    this.kept = kept;
  }

  /** Undefined: none was chosen. */
  of(uri: string): Place | undefined {
    const setting = this.kept.read()[uri];
    return setting === undefined ? undefined : placeOf(setting);
  }

  get files(): string[] {
    return Object.keys(this.kept.read());
  }

  set(uri: string, place: Place): void {
    this.kept.write({ ...this.kept.read(), [uri]: settingOf(place) });
    this.changes.fire(uri);
  }

  dispose(): void {
    this.changes.dispose();
  }
}
