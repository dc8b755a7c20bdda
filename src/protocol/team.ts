import type { Static } from 'typebox';
import * as Type from 'typebox';

/** What a personal token is made with: `days` until it expires, and the only workspace that it opens (absent: all that its member may). */
const tokenFields = {
  name: Type.String({ minLength: 1, maxLength: 100 }),
  days: Type.Optional(Type.Integer({ minimum: 1 })),
  workspace: Type.Optional(Type.String()),
};

/** `POST /updraft/team/tokens`. `member`: for whom, by object id or name; absent: for who asks. */
export const NewToken = Type.Object({ ...tokenFields, member: Type.Optional(Type.String()) });
export type NewToken = Static<typeof NewToken>;

/**
 * A person or a program that joins the team. `POST /updraft/team/owner` adds the first Owner of a plane. `POST /updraft/team/members` adds any other member, and gives it `role`, if there is one. `name` is a
 * person's e-mail address, or the name of a program.
 */
export const NewMember = Type.Object({
  kind: Type.Enum(['user', 'service']),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  displayName: Type.Optional(Type.String({ maxLength: 200 })),
  role: Type.Optional(Type.String()),
  /** Where the role holds, and what the first token opens; absent: the whole plane. */
  workspace: Type.Optional(Type.String()),
  days: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type NewMember = Static<typeof NewMember>;

export interface MemberView {
  id: string;
  kind: 'user' | 'service';
  name: string;
  displayName: string;
  /** Times are ISO-8601. */
  createdAt: string;
  roles: { role: string; scope: string }[];
}

export interface TokenView {
  id: string;
  name: string;
  member: string;
  workspace?: string;
  createdAt: string;
  expiresAt: string;
}

/** A token with its text, which is told this once. */
export type IssuedToken = TokenView & { token: string };

/** A new member with a first token. */
export interface AddedMember {
  member: MemberView;
  token: IssuedToken;
}
