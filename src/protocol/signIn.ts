import type { Static } from 'typebox';
import * as Type from 'typebox';

/** What a page sends in place of a token where the browser has a session: no page of another origin can send it without being asked first. */
export const sessionHeader = 'x-updraft-session';

/** `POST /sign-in/device`: where a person enters which code. `ticket` is for the question whether that has happened. */
export const DeviceCode = Type.Object({
  userCode: Type.String(),
  verificationUri: Type.String(),
  /** The address that has the code in it already. */
  verificationUriComplete: Type.Optional(Type.String()),
  /** Seconds that the code is good for, and between two questions. */
  expiresIn: Type.Number(),
  interval: Type.Number(),
  ticket: Type.String(),
});
export type DeviceCode = Static<typeof DeviceCode>;

/** `POST /sign-in/device/token` */
export const DeviceQuestion = Type.Object({
  ticket: Type.String({ maxLength: 8000 }),
  machine: Type.Optional(Type.String({ maxLength: 80 })),
});
export type DeviceQuestion = Static<typeof DeviceQuestion>;

/** The answer to it: nobody has entered the code yet, the questions come too often, or the personal token of who has. */
export const DeviceAnswer = Type.Union([
  Type.Object({ status: Type.Enum(['pending', 'slowDown']) }),
  Type.Object({ status: Type.Literal('signedIn'), token: Type.String(), name: Type.String(), expiresAt: Type.String() }),
]);
export type DeviceAnswer = Static<typeof DeviceAnswer>;

/** `POST /updraft/sign-out`: ends what the request came with, where that was got by signing in; `everywhere`: all such of this member. */
export const SignOut = Type.Object({ everywhere: Type.Optional(Type.Boolean()) });

/** `GET /updraft/who`: who asks. */
export const WhoAsks = Type.Object({
  kind: Type.String(),
  id: Type.String(),
  name: Type.String(),
  displayName: Type.String(),
  /** How a member of a team came: with a browser's session, a token of `updraft login`, or one that was made by hand. */
  by: Type.Optional(Type.Enum(['session', 'login', 'token', 'secret'])),
  /** ISO-8601. */
  expiresAt: Type.Optional(Type.String()),
  roles: Type.Optional(Type.Array(Type.Object({ role: Type.String(), scope: Type.String() }))),
  /** What a request means that names none. */
  workspace: Type.Optional(Type.Object({ resourceGroup: Type.String(), workspace: Type.String() })),
  /** Groups of the team that the member is in, and how they are not up to date. */
  groups: Type.Optional(Type.Array(Type.String())),
  groupsNote: Type.Optional(Type.String()),
  /** Of a runner that came with a token for runners: in which workspaces it takes the jobs of which computes; no computes: of all. */
  runner: Type.Optional(Type.Object({ workspaces: Type.Array(Type.String()), computes: Type.Array(Type.String()) })),
});
export type WhoAsks = Static<typeof WhoAsks>;

/**
 * Control planes elsewhere that a person has signed in to on this machine: by origin, with the token that opens each. `current` is the one that commands mean which name none.
 * `remotes`: what the person calls planes, with the origin of each.
 */
export const KeptServers = Type.Object({
  current: Type.Optional(Type.String()),
  servers: Type.Record(Type.String(), Type.Object({ token: Type.String(), name: Type.String(), expiresAt: Type.String() })),
  remotes: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type KeptServers = Static<typeof KeptServers>;
