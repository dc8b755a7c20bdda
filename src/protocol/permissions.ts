import type { Static } from 'typebox';
import * as Type from 'typebox';

/** What a role allows, or somebody at a scope. `dataActions` are kept and shown: nothing of Azure ML is governed by them. */
export const Permission = Type.Object({
  actions: Type.Array(Type.String()),
  notActions: Type.Array(Type.String()),
  dataActions: Type.Array(Type.String()),
  notDataActions: Type.Array(Type.String()),
});
export type Permission = Static<typeof Permission>;

/** Answer of `GET {scope}/providers/Microsoft.Authorization/permissions`: what who asks may there, one entry a role. What one role leaves out another may allow. */
export const Permissions = Type.Object({ value: Type.Array(Permission) });

/** Answer of `GET /updraft/me`: as whom the plane knows who asks. */
export const Me = Type.Object({
  kind: Type.String(),
  id: Type.String(),
  name: Type.String(),
  /** The workspace that the token is for; absent: all that its holder may. */
  workspace: Type.Optional(Type.String()),
  /** When the token expires, in ISO-8601; absent: it does not. */
  expiresAt: Type.Optional(Type.String()),
});
export type Me = Static<typeof Me>;
