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
 * A person, a program, or a group of the identity provider that joins the team. `POST /updraft/team/owner` adds the first Owner of a plane. `POST /updraft/team/members` adds any other member, and gives it `role`,
 * if there is one. `name` is a person's e-mail address, the name of a program, or what the provider's tokens call the group. `subject` is who a person is to the provider, where it does not vouch for addresses of mail.
 */
export const NewMember = Type.Object({
  kind: Type.Enum(['user', 'service', 'group']),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  displayName: Type.Optional(Type.String({ maxLength: 200 })),
  role: Type.Optional(Type.String()),
  /** Where the role holds, and what the first token opens; absent: the whole plane. */
  workspace: Type.Optional(Type.String()),
  days: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type NewMember = Static<typeof NewMember>;

/** `POST /updraft/team/invitation`: a link by which the first person becomes the Owner. `name`: the address of mail of that person, which may be left out where people sign in. */
export const NewInvitation = Type.Object({ name: Type.Optional(Type.String({ maxLength: 200 })) });

/** The link is told this once, and good once until `expiresAt` (ISO-8601). */
export interface Invitation {
  link: string;
  name?: string;
  expiresAt: string;
}

/** `POST /sign-in/first`: the part of the link behind the #. */
export const InvitationText = Type.Object({ invitation: Type.String({ maxLength: 200 }) });

/** Where the person signs in, or, where there is no identity provider, who is the Owner now, with a personal token, told this once. */
export type InvitationAnswer = { address: string } | { name: string; token: string; expiresAt: string };

export interface MemberView {
  id: string;
  kind: 'user' | 'service' | 'group';
  name: string;
  displayName: string;
  /** Times are ISO-8601. */
  createdAt: string;
  /** Of a person: known to the identity provider, so that nobody else can sign in as this one. */
  isBound?: boolean;
  /** Of a person: the groups of the team that the identity provider told last. */
  groups?: string[];
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

/** A new member, with a first token where it does not sign in with the identity provider. */
export interface AddedMember {
  member: MemberView;
  token?: IssuedToken;
}

/** `POST /updraft/team/secrets`: with what a program asks for tokens. `member`: which program, by object id or name. */
export const NewSecret = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  days: Type.Optional(Type.Integer({ minimum: 1 })),
  member: Type.String(),
});
export type NewSecret = Static<typeof NewSecret>;

/** A secret with its text, which is told this once, and what else Azure's clients are given. */
export interface IssuedSecret {
  id: string;
  name: string;
  member: string;
  createdAt: string;
  expiresAt: string;
  tenantId: string;
  clientId: string;
  clientSecret: string;
}

/**
 * `POST /updraft/team/runner-tokens`: a token with which a runner takes the jobs of these workspaces, and nothing else. `computes`: whose jobs it may take; none: those of every compute, and jobs that name none.
 */
export const NewRunnerToken = Type.Object({
  name: tokenFields.name,
  days: tokenFields.days,
  workspaces: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }),
  computes: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 100 }),
});
export type NewRunnerToken = Static<typeof NewRunnerToken>;

/** A runner's token, as who may end it sees it: with those of its workspaces in which they may. */
export interface RunnerTokenView {
  id: string;
  name: string;
  workspaces: string[];
  /** None: every compute. */
  computes: string[];
  /** Who made it. */
  createdBy: string;
  createdAt: string;
  expiresAt: string;
}

/** A runner's token with its text, which is told this once. */
export type IssuedRunnerToken = RunnerTokenView & { token: string };

/** Whether a token says of itself that it is a runner's. */
export const isRunnerToken = (text: string): boolean => text.startsWith('runner_');

/** Whether a token says of itself that it is a personal one, whoever's, and good or not. */
export const isPersonalToken = (text: string): boolean => text.startsWith('updraft_');
