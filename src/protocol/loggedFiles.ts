import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Runs that one request for what was logged may name. */
export const mostLoggedRuns = 1000;

/** Pictures; tables, matrices and histograms, which only their content tells apart; and text. */
export const LoggedKind = Type.Enum(['image', 'data', 'text']);
export type LoggedKind = Static<typeof LoggedKind>;

/** `POST /updraft/runs/logged`: what these runs logged that can be drawn, by key. */
export const LoggedKeysRequest = Type.Object({ runs: Type.Array(Type.String(), { maxItems: mostLoggedRuns }) });

export const LoggedKeys = Type.Object({
  /** By key. `runs`: how many of the runs have it. */
  keys: Type.Array(Type.Object({ kind: LoggedKind, key: Type.String(), runs: Type.Integer() })),
  /** There are more keys, or a run has more files than are looked at. */
  isCut: Type.Optional(Type.Boolean()),
});
export type LoggedKeys = Static<typeof LoggedKeys>;
export type LoggedKey = LoggedKeys['keys'][number];

/** `POST /updraft/runs/files`: the files of one key, of the first `limit` of these runs that have it. */
export const LoggedFilesRequest = Type.Object({
  runs: Type.Array(Type.String(), { maxItems: mostLoggedRuns }),
  kind: LoggedKind,
  key: Type.String({ maxLength: 2000 }),
  limit: Type.Integer({ minimum: 1, maximum: mostLoggedRuns }),
});
export type LoggedFilesRequest = Static<typeof LoggedFilesRequest>;

const LoggedFile = Type.Object({
  /** Its path among the artifacts of the run. */
  path: Type.String(),
  /** Absent of what has no step. Of several files of a step only the newest is told. */
  step: Type.Optional(Type.Number()),
  /** Bytes. */
  size: Type.Integer(),
  /** Another text when its content is another. */
  version: Type.String(),
  /** The path of a smaller picture of the same. */
  preview: Type.Optional(Type.String()),
});
export type LoggedFile = Static<typeof LoggedFile>;

export const LoggedFiles = Type.Object({
  /** In the order of the request; of each run by step. */
  runs: Type.Array(Type.Object({ run: Type.String(), files: Type.Array(LoggedFile) })),
  /** A run has more steps than are told of. */
  isCut: Type.Optional(Type.Boolean()),
});
export type LoggedFiles = Static<typeof LoggedFiles>;
