import type { Static } from 'typebox';
import * as Type from 'typebox';

/** As whom a person is signed in to a shared plane. `token` is what lets in. */
export const PlaneSession = Type.Object({
  id: Type.String(),
  /** The plane's address. */
  plane: Type.String(),
  member: Type.Object({ id: Type.String(), name: Type.String() }),
  token: Type.String(),
});
export type PlaneSession = Static<typeof PlaneSession>;

/** As the editor's store of secrets keeps them, for all windows. */
export const PlaneSessions = Type.Array(PlaneSession);
