import { builtInRoles } from '../../src/access/roles.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import type { AddedMember, NewMember } from '../../src/protocol/team.ts';
import type { Clock } from '../../src/server/schedules/clock.ts';
import type { SignInOptions } from '../../src/server/signIn/settings.ts';
import { startPlane, type TestPlane } from './plane.ts';

/** An answer, read. */
export interface Answer {
  status: number;
  text: string;
  body: any;
}

export type Send = (method: string, to: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** Requests to the plane of a team. */
export interface TeamCalls {
  /** With the plane's own token. */
  send: Send;
  as(token: string): Send;
  /** Adds a member, with a role on the plane or in a workspace. */
  add(name: string, role?: string, workspace?: string, more?: Partial<NewMember>): Promise<Required<AddedMember>>;
  makeWorkspace(name: string): Promise<void>;
  /** Gives a member, by its id, one of Azure's roles at a scope. */
  assign(member: string, role: string, scope: string): Promise<void>;
}

/** A real control plane of a team. */
export interface TeamPlane extends TestPlane, TeamCalls {}

/** `…/workspaces/{name}` */
export const workspaceAt = (name: string): string => workspacePath({ ...defaultWorkspace, workspace: name });

/** A plane of a team that may be started again. `port`: where it was before, when it is started again. */
export async function startTeam(
  folder?: string,
  clock?: Clock,
  {
    port,
    signIn,
    environment,
    withRunner,
    allowHooksTo,
  }: { port?: number; signIn?: SignInOptions; environment?: Record<string, string>; withRunner?: boolean; allowHooksTo?: string[] } = {},
): Promise<TeamPlane> {
  const options = {
    team: true,
    ...(port === undefined ? {} : { port }),
    ...(signIn ? { signIn } : {}),
    ...(withRunner ? { withRunner } : {}),
    ...(allowHooksTo ? { allowHooksTo } : {}),
  };
  const plane = await startPlane(options, folder, environment, clock);
  return { ...plane, ...teamCalls(plane) };
}

export function teamCalls({ url, token }: { url: string; token: string }): TeamCalls {
  const as =
    (bearer: string): Send =>
    async (method, to, body, headers = {}) => {
      const response = await fetch(`${url}${to}`, {
        method,
        headers: {
          authorization: `Bearer ${bearer}`,
          // A plane may be started again in between: no connection is kept.
          connection: 'close',
          ...(body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        redirect: 'manual',
      });
      const text = await response.text();
      return {
        status: response.status,
        text,
        body: /\bjson\b/.test(response.headers.get('content-type') ?? '') && text ? JSON.parse(text) : undefined,
      };
    };
  const send = as(token);
  const ok = async (...asked: Parameters<Send>) => {
    const answer = await send(...asked);
    if (answer.status >= 300) throw new Error(`${asked[0]} ${asked[1]}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  return {
    send,
    as,
    add: (name, role, workspace, more = {}) =>
      ok('POST', '/updraft/team/members', {
        kind: 'user',
        name,
        ...(role === undefined ? {} : { role }),
        ...(workspace === undefined ? {} : { workspace }),
        ...more,
      }),
    async assign(member, role, scope) {
      const { id } = builtInRoles.find(({ name }) => name === role)!;
      await ok('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
        properties: { roleDefinitionId: id, principalId: member },
      });
    },
    makeWorkspace: (name) => ok('PUT', workspaceAt(name), { location: 'local' }),
  };
}
