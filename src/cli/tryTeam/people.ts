import type { Http } from '../../client/http.ts';
import { defaultWorkspace, workspacePath } from '../../protocol/arm.ts';
import type { AddedMember, IssuedRunnerToken, NewMember, NewRunnerToken } from '../../protocol/team.ts';

export const triedWorkspace = 'vision';

/** Who is there to be tried out. */
export interface People {
  olga: Required<AddedMember>;
  ann: Required<AddedMember>;
  rita: Required<AddedMember>;
  /** With what runners ask for jobs. */
  runners: IssuedRunnerToken;
}

/** Makes a workspace, and members with a role each. `plane` asks with the plane's own token. */
export async function addPeople(plane: Http): Promise<People> {
  const add = (member: Partial<NewMember> & { name: string }) =>
    plane.json<Required<AddedMember>>('POST', '/updraft/team/members', { kind: 'user', workspace: triedWorkspace, ...member });
  const olga = await plane.json<Required<AddedMember>>('POST', '/updraft/team/owner', {
    kind: 'user',
    name: 'olga@example.org',
    displayName: 'Olga',
  });
  await plane.json('PUT', `${workspacePath({ ...defaultWorkspace, workspace: triedWorkspace })}?api-version=2024-10-01`, {
    location: 'local',
  });
  const ann = await add({ name: 'ann@example.org', displayName: 'Ann', role: 'AzureML Data Scientist' });
  const rita = await add({ name: 'rita@example.org', displayName: 'Rita', role: 'Reader' });
  const asked: NewRunnerToken = { name: 'runners', workspaces: [triedWorkspace], computes: [] };
  const runners = await plane.json<IssuedRunnerToken>('POST', '/updraft/team/runner-tokens', asked);
  return { olga, ann, rita, runners };
}
