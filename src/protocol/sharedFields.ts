import type { Static } from 'typebox';
import * as Type from 'typebox';

const Clock = Type.String({ pattern: '^[0-9a-f]{16}$' });
/** null: none, such as of a tag that was removed. */
const Value = Type.Union([Type.String({ maxLength: 100_000 }), Type.Boolean(), Type.Null()]);

/** A value of a field as it was written on a plane. */
export const WrittenValue = Type.Object({
  value: Value,
  /** When, as a `HybridClock`. */
  clock: Clock,
  /** The id of the plane. */
  plane: Type.String({ minLength: 1, maxLength: 100 }),
  /** Name of who wrote it; '' where it was never written since it is shared. */
  by: Type.String({ maxLength: 500 }),
});
export type WrittenValue = Static<typeof WrittenValue>;

/**
 * A field of a job that may be written on each plane that has the job: of two values the one with the greater (`clock`, `plane`) counts everywhere. `knew` is the clock of
 * the newest value of another plane that its writer's plane knew: what is later than that was written without knowing this one.
 */
export const SharedField = Type.Object({ ...WrittenValue.properties, knew: Clock });
export type SharedField = Static<typeof SharedField>;

/** By name: `displayName`, `description`, `isArchived`, `tags/KEY`. */
export const SharedFields = Type.Record(Type.String({ maxLength: 1000 }), SharedField);
export type SharedFields = Static<typeof SharedFields>;

/** Two planes wrote a field, neither knowing the other's value. `won` is what counts, since it was written later. */
export const FieldConflict = Type.Object({ field: Type.String({ maxLength: 1000 }), won: WrittenValue, lost: WrittenValue });
export type FieldConflict = Static<typeof FieldConflict>;

/** What two planes tell each other of the shared fields of a job: those that may be newer, and the conflicts that were found. */
export const SharedNews = Type.Object({ fields: SharedFields, conflicts: Type.Array(FieldConflict, { maxItems: 10_000 }) });
export type SharedNews = Static<typeof SharedNews>;

/** The same conflict on every plane. */
export const conflictKey = ({ field, won, lost }: FieldConflict): string => `${field}/${won.clock}/${lost.clock}`;

/** An item of `GET /updraft/conflicts`. */
export interface JobConflict extends FieldConflict {
  job: string;
}

/** The field of a tag, and back. */
export const tagField = (key: string): string => `tags/${key}`;
export const tagOf = (field: string): string | undefined => (field.startsWith('tags/') ? field.slice('tags/'.length) : undefined);
