import type { Logger } from '../../base/logger.ts';
import type { SyncPlaceState } from '../../protocol/sync.ts';
import { isSamePlace, type Place } from '../folder/journalEntry.ts';
import type { PlaceTrouble } from './placeTrouble.ts';

interface PlaceStatesOptions {
  /** ms since 1970. */
  clock(): number;
  onChange(): void;
  logger: Logger;
}

/** How the places are doing that were asked for something. */
export class PlaceStates {
  readonly all: SyncPlaceState[] = [];
  private readonly options: PlaceStatesOptions;

  constructor(options: PlaceStatesOptions) {
    this.options = options;
  }

  /** A place has answered, or `trouble` is why it can't be used. */
  become(place: Place, trouble: PlaceTrouble | undefined): void {
    const { clock, onChange, logger } = this.options;
    const before = this.all.find((each) => isSamePlace(each, place));
    const state = trouble?.state ?? 'live';
    if (before?.state === state && before.message === trouble?.message) return;
    const since = before?.state === state ? before.since : new Date(clock()).toISOString();
    const { plane, workspace } = place;
    const now: SyncPlaceState = { plane, workspace, state, since, ...(trouble ? { message: trouble.message } : {}) };
    this.all.splice(before ? this.all.indexOf(before) : this.all.length, 1, now);
    if (before?.state !== state)
      logger.info(`${[plane, workspace].filter(Boolean).join(', ')}: ${trouble ? trouble.message : 'it answers'}`);
    onChange();
  }
}
