import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Answer of `GET /health`, the only route without a token. `id` tells one data folder's plane from another's. */
export const Health = Type.Object({
  status: Type.Literal('ok'),
  product: Type.Literal('updraft'),
  version: Type.String(),
  id: Type.String(),
  pid: Type.Integer(),
  /** What the identity provider is called with which people sign in; absent: they come with personal tokens. */
  signIn: Type.Optional(Type.String()),
});
export type Health = Static<typeof Health>;

/** Answer of `GET /status`. `seq` is the newest change, `epoch` what belongs to it as a place in the feed. */
export const PlaneStatus = Type.Object({
  version: Type.String(),
  id: Type.String(),
  pid: Type.Integer(),
  dataFolder: Type.String(),
  startedAt: Type.String(),
  seq: Type.Integer(),
  epoch: Type.String(),
  runningJobs: Type.Integer(),
  queuedJobs: Type.Integer(),
  clients: Type.Integer(),
  residentBytes: Type.Integer(),
  /** It is shared by a team: its workspaces are apart from each other. */
  isTeam: Type.Boolean(),
  /** Where a proxy publishes it, without a final slash. */
  publicUrl: Type.Optional(Type.String()),
});
export type PlaneStatus = Static<typeof PlaneStatus>;

/**
 * The lock file `plane.json` in the data folder, mode 0600: how clients find the embedded plane. It counts only while `pid` lives
 * and `/health` answers with the same `id`.
 */
export const PlaneLock = Type.Object({
  pid: Type.Integer(),
  url: Type.String(),
  token: Type.String(),
  id: Type.String(),
  version: Type.String(),
  startedAt: Type.String(),
  /** The file of its program. */
  program: Type.String(),
  /** Started by a client that needed it; else a person did. */
  onDemand: Type.Boolean(),
});
export type PlaneLock = Static<typeof PlaneLock>;
