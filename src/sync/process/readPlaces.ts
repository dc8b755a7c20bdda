import { writePrivately } from '../../plane/lock.ts';
import { check } from '../../protocol/check.ts';
import { type ReadPlace, ReadPlaces, syncFormat } from '../../protocol/sync.ts';
import { isSamePlace, type Place } from '../folder/journalEntry.ts';
import { readJson } from '../folder/readJson.ts';
import type { SyncFolder } from '../folder/syncFolder.ts';

/** Up to where the change feed of a place was read; undefined where it never was. */
export const readPlace = (folder: SyncFolder, place: Place): ReadPlace | undefined =>
  read(folder).find((each) => isSamePlace(each.place, place));

/** Only the process that sends writes these. */
export function keepReadPlace(folder: SyncFolder, now: ReadPlace): void {
  const others = read(folder).filter((each) => !isSamePlace(each.place, now.place));
  writePrivately(folder.places, JSON.stringify({ format: syncFormat, places: [...others, now] }));
}

const read = ({ places }: SyncFolder): ReadPlace[] =>
  readJson(places, (value) => check(ReadPlaces, value, 'It'), 'Delete it: what is kept in sync is then looked through once more.')
    ?.places ?? [];
