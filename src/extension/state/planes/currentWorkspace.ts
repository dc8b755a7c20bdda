import { type Disposable, DisposableStore } from '../../../base/disposable.ts';
import { Emitter } from '../../../base/event.ts';
import { isSamePlace, machinePlace, type Place, placeOf, settingOf } from './place.ts';

/** Where the choice is kept: the setting `updraft.workspace` of the folder. */
interface Kept {
  read(): unknown;
  write(setting: string): PromiseLike<void>;
  onDidChange(listener: () => void): Disposable;
}

/** The workspace that all views, commands and pages of this window are about. */
export class CurrentWorkspace implements Disposable {
  private readonly changes = new Emitter<Place>();
  readonly onDidChange = this.changes.event;
  /** What the setting says, as far as it says a place. */
  place: Place;
  private readonly subscriptions = new DisposableStore();
  private readonly kept: Kept;

  constructor(kept: Kept) {
    this.kept = kept;
    this.place = this.keptPlace();
    this.subscriptions.add(kept.onDidChange(() => this.take(this.keptPlace())));
  }

  /** Whether it is on the plane of this machine. */
  get isHere(): boolean {
    return this.place.plane === undefined;
  }

  async use(place: Place): Promise<void> {
    await this.kept.write(settingOf(place));
    this.take(place);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private keptPlace(): Place {
    return placeOf(this.kept.read()) ?? machinePlace;
  }

  private take(place: Place): void {
    if (isSamePlace(place, this.place)) return;
    this.place = place;
    this.changes.fire(place);
  }
}
