import * as Type from 'typebox';
import { Check } from 'typebox/schema';
import type { Role } from '../../access/roles.ts';
import type { ResourceKind, StoreReader } from '../../store/store.ts';

/** What is kept of a team, as resources in the workspace without a name. */
export const teamKinds = [
  'members',
  'personalTokens',
  'runnerTokens',
  'roleAssignments',
  'roleDefinitions',
] as const satisfies readonly ResourceKind[];

/** More than any team has. */
export const most = 100_000;

const permission = Type.Object({
  actions: Type.Array(Type.String()),
  notActions: Type.Array(Type.String()),
  dataActions: Type.Array(Type.String()),
  notDataActions: Type.Array(Type.String()),
});

/**
 * `name` is a person's address of mail, the name of a program, or what the identity provider calls a group. `identity` is who a person is to the identity provider: issuer and subject, once they are known.
 * `groups` are the person's groups as the provider told them last, at `groupsAt`; `isGroupsOld` where it did not tell them at the last sign-in.
 */
const MemberRecord = Type.Object({
  kind: Type.Enum(['user', 'service', 'group']),
  name: Type.String(),
  displayName: Type.String(),
  identity: Type.Optional(Type.String()),
  groups: Type.Optional(Type.Array(Type.String())),
  groupsAt: Type.Optional(Type.Number()),
  isGroupsOld: Type.Optional(Type.Boolean()),
});
/**
 * `hash` is the SHA-256 of the secret. `within` is the scope that the token is limited to, `expiresAt` milliseconds since 1970. `use`: `session` is a browser's, `login` a personal token that a sign-in of the command
 * line made, `secret` what a program asks for tokens with, `invitation` what the first Owner comes with, who is no member yet; absent: a personal token. `sid` is what the identity provider calls the session in which somebody signed in.
 */
const TokenRecord = Type.Object({
  member: Type.String(),
  name: Type.String(),
  hash: Type.String(),
  within: Type.Optional(Type.String()),
  expiresAt: Type.Number(),
  use: Type.Optional(Type.Enum(['session', 'login', 'secret', 'invitation'])),
  sid: Type.Optional(Type.String()),
});
/** `hash` is the SHA-256 of the secret, `expiresAt` milliseconds since 1970. `workspaces` by their own names. No `computes`: those of every compute. `createdBy`: name of who made it. */
const RunnerTokenRecord = Type.Object({
  name: Type.String(),
  hash: Type.String(),
  workspaces: Type.Array(Type.String()),
  computes: Type.Array(Type.String()),
  createdBy: Type.String(),
  expiresAt: Type.Number(),
});
const AssignmentRecord = Type.Object({
  principalId: Type.String(),
  principalType: Type.String(),
  roleId: Type.String(),
  scope: Type.String(),
  description: Type.Optional(Type.String()),
});
const RoleRecord = Type.Object({
  name: Type.String(),
  description: Type.String(),
  permissions: Type.Array(permission),
  assignableScopes: Type.Array(Type.String()),
});

/** `id` is what the record is kept under: a GUID, but for tokens. */
interface Kept {
  id: string;
  createdAt: number;
  modifiedAt: number;
}
export type Member = Type.Static<typeof MemberRecord> & Kept;
export type MemberFields = Type.Static<typeof MemberRecord>;
export type TokenUse = 'session' | 'login' | 'secret' | 'invitation';
export type Token = Type.Static<typeof TokenRecord> & Kept;
export type RunnerToken = Type.Static<typeof RunnerTokenRecord> & Kept;
export type Assignment = Type.Static<typeof AssignmentRecord> & Kept;
export type CustomRole = Role & Kept;

async function readAll<T>(reader: StoreReader, kind: (typeof teamKinds)[number], schema: Type.TSchema): Promise<(T & Kept)[]> {
  const found = await reader.resources(kind, undefined, 0, most);
  // What can't be read gives nobody anything.
  return found
    .filter(({ properties }) => Check(schema, properties))
    .map(({ name, properties, createdAt, modifiedAt }) => ({ ...(properties as T), id: name, createdAt, modifiedAt }));
}

export const readMembers = (reader: StoreReader): Promise<Member[]> => readAll(reader, 'members', MemberRecord);
export const readTokens = (reader: StoreReader): Promise<Token[]> => readAll(reader, 'personalTokens', TokenRecord);
export const readRunnerTokens = (reader: StoreReader): Promise<RunnerToken[]> => readAll(reader, 'runnerTokens', RunnerTokenRecord);
export const readAssignments = (reader: StoreReader): Promise<Assignment[]> => readAll(reader, 'roleAssignments', AssignmentRecord);
export const readCustomRoles = async (reader: StoreReader): Promise<CustomRole[]> =>
  (await readAll<Omit<Role, 'id' | 'isBuiltIn'>>(reader, 'roleDefinitions', RoleRecord)).map((role) => ({ ...role, isBuiltIn: false }));
