import type { Static } from 'typebox';
import * as Type from 'typebox';
import { FeedCursor } from './change.ts';

/** A workspace of a control plane. `plane` is its address, or `local` for the one of this machine, whose address changes; `workspace` is '' for the usual one. */
export const SyncPlace = Type.Object({ plane: Type.String(), workspace: Type.String() });
export type SyncPlace = Static<typeof SyncPlace>;

/** Rows of other shapes are of a later version of Updraft. */
export const syncFormat = 1;

const way = { from: SyncPlace, to: SyncPlace };

/** Jobs that are kept in sync: those of an experiment, or with a tag, each as soon as it has ended. */
export const KeptSelection = Type.Object({
  ...way,
  experiment: Type.Optional(Type.String()),
  /** `KEY` or `KEY=VALUE`. */
  tag: Type.Optional(Type.String()),
});
export type KeptSelection = Static<typeof KeptSelection>;

/** What a person has said of sending: `settings.json` in the folder `sync` of a data folder. */
export const SyncSettings = Type.Object({
  format: Type.Integer(),
  isPaused: Type.Boolean(),
  /** Absent: as fast as it goes. */
  bytesPerSecond: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Full hours of this machine's day, 0 to 23: nothing is sent before `from`, and from `to` on. `from` may be later than `to`: then it is over midnight. */
  hours: Type.Optional(Type.Object({ from: Type.Integer({ minimum: 0, maximum: 23 }), to: Type.Integer({ minimum: 0, maximum: 23 }) })),
  /** ISO-8601: what waits since before is tried at once, whatever the hour. */
  sendNow: Type.Optional(Type.String()),
  kept: Type.Array(KeptSelection),
});
export type SyncSettings = Static<typeof SyncSettings>;

/**
 * How a workspace is doing that jobs are sent to or from. `away`: its control plane does not answer, or asks to wait. `signedOut`: there is no token for it, or it was refused. `refused`: it
 * answers, and says no to everything.
 */
export const syncPlaceStates = ['live', 'away', 'signedOut', 'refused'] as const;

export const SyncPlaceState = Type.Object({
  ...SyncPlace.properties,
  state: Type.Enum([...syncPlaceStates]),
  /** ISO-8601. */
  since: Type.String(),
  /** Why it is not `live`, and what to do. */
  message: Type.Optional(Type.String()),
});
export type SyncPlaceState = Static<typeof SyncPlaceState>;

/** A job on its way. */
export const SendingJob = Type.Object({
  ...way,
  job: Type.String(),
  /** ISO-8601. */
  since: Type.String(),
  /** Bytes that were sent of it by now, and a second in the last few seconds. */
  bytes: Type.Integer(),
  bytesPerSecond: Type.Integer(),
});
export type SendingJob = Static<typeof SendingJob>;

/** What the process that sends is doing: `state.json`, replaced as a whole. Which jobs wait, were sent or refused stands in the journal. */
export const SyncState = Type.Object({
  format: Type.Integer(),
  /** ISO-8601: when this was written. */
  at: Type.String(),
  /** The process that has written it; absent once it has ended in order. `isOnDemand`: it was started by who needed it, and ends when there is nothing left to do. */
  process: Type.Optional(Type.Object({ pid: Type.Integer(), startTime: Type.String(), bootId: Type.String(), isOnDemand: Type.Boolean() })),
  /** Why nothing is sent now, though there may be something to send. */
  rests: Type.Optional(Type.Enum(['paused', 'hours'])),
  places: Type.Array(SyncPlaceState),
  sending: Type.Array(SendingJob),
  /** What keeps the process from noting or sending anything, such as a full disk. */
  trouble: Type.Optional(Type.String()),
});
export type SyncState = Static<typeof SyncState>;

/** Up to where the change feed of a place was read, and which selections were looked for by then. */
export const ReadPlace = Type.Object({ place: SyncPlace, cursor: FeedCursor, selections: Type.Array(KeptSelection) });
export type ReadPlace = Static<typeof ReadPlace>;

/** `places.json` */
export const ReadPlaces = Type.Object({ format: Type.Integer(), places: Type.Array(ReadPlace) });
export type ReadPlaces = Static<typeof ReadPlaces>;
