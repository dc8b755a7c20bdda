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
