import type { ModelFacts } from './modelFacts.ts';
import type { ModelPlace } from './places.ts';

/** A model that is on this machine. */
export interface LocalModel {
  name: string;
  place: ModelPlace;
  /** Absolute; the first has the header of the whole where there are several. */
  files: string[];
  /** Bytes of all its files. */
  bytes: number;
  facts?: ModelFacts;
  /** Of its first file, in hex, where its store says so. */
  sha256?: string;
  /** Where it came from, as `updraft model get` takes it. */
  source?: string;
  /** As its source names it. */
  license?: { name: string; url?: string };
  /** Why it is not offered: a damaged file, or one that nobody should load. */
  problem?: string;
}
