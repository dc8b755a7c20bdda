import { planeScope } from '../../access/scopes.ts';
import { UserError } from '../../base/userError.ts';
import { memberOf, type Principal } from '../../protocol/principal.ts';
import type { IssuedRunnerToken, NewRunnerToken, RunnerTokenView } from '../../protocol/team.ts';
import type { Store, StoreWriter } from '../../store/store.ts';
import { noWorkspace, workspaceList, workspaceNamed } from '../workspaceNames.ts';
import { expiryOf, newToken } from './personalToken.ts';
import type { RunnerToken } from './records.ts';
import { refusal, type Team } from './team.ts';

/** What lets somebody give roles, and let runners in. */
export const giveRoles = 'Microsoft.Authorization/roleAssignments/write';

/**
 * Tokens of runners, as one principal sees and changes them. They belong to no member, so they stay when who made them leaves. Whoever may give roles in a workspace lets runners in there: a runner reads what its
 * jobs need, and writes what they put out.
 */
export class RunnerTokens {
  private readonly store: Store;
  private readonly team: Team;
  private readonly principal: Principal;
  private readonly now: () => number;

  constructor(store: Store, team: Team, principal: Principal, now: () => number) {
    this.store = store;
    this.team = team;
    this.principal = principal;
    this.now = now;
  }

  list(): RunnerTokenView[] {
    return this.team.runnerTokens
      .map((each) => this.view(each))
      .filter(({ workspaces }) => workspaces.length > 0)
      .sort((a, b) => a.name.localeCompare(b.name) || a.createdAt.localeCompare(b.createdAt));
  }

  /** Throws `NotFound` for a workspace that is not there for who asks, and `AuthorizationFailed` for one in which they give no roles. */
  async create({ name, days, workspaces: asked, computes }: NewRunnerToken): Promise<IssuedRunnerToken> {
    const workspaces: string[] = [];
    for (const each of asked) {
      const workspace = await this.seenWorkspace(each);
      const member = memberOf(this.principal);
      if (member && !this.maySeeTo(workspace)) throw refusal(member, giveRoles, this.team.scopeOf(workspace)!);
      if (!workspaces.includes(workspace)) workspaces.push(workspace);
    }
    const { id, text, hash } = newToken('runner');
    const properties = {
      name,
      hash,
      workspaces,
      computes: [...new Set(computes)],
      createdBy: this.principal.name,
      expiresAt: expiryOf(this.now(), days, 'token'),
    };
    await this.write((writer) => writer.putResource({ kind: 'runnerTokens', name: id, version: '', properties }));
    return { ...this.view(this.team.runnerTokens.find((each) => each.id === id)!), token: text };
  }

  /** Ends a runner's token. Answers false where there is none of this id, or none for who asks. */
  async revoke(id: string): Promise<boolean> {
    const found = this.team.runnerTokens.find((each) => each.id === id);
    // Who lets runners into one of its workspaces keeps it out of there, and it has one token for all.
    if (!found || this.view(found).workspaces.length === 0) return false;
    await this.write((writer) => writer.deleteResource('runnerTokens', id, ''));
    return true;
  }

  private async seenWorkspace(name: string): Promise<string> {
    const workspace = await workspaceNamed(this.store, name);
    const member = memberOf(this.principal);
    if (this.team.scopeOf(workspace) === undefined || (member && !this.team.sees(member, workspace))) throw noWorkspace(name);
    return workspace;
  }

  private maySeeTo(workspace: string): boolean {
    const member = memberOf(this.principal);
    return !member || this.team.may(member, giveRoles, this.team.scopeOf(workspace) ?? planeScope);
  }

  private async write(work: (writer: StoreWriter) => Promise<unknown>): Promise<void> {
    await this.store.in(workspaceList, this.principal).write(async (writer) => {
      await work(writer);
    });
    await this.team.reload();
  }

  private view({ id, name, workspaces, computes, createdBy, createdAt, expiresAt }: RunnerToken): RunnerTokenView {
    return {
      id,
      name,
      workspaces: workspaces.filter((each) => this.maySeeTo(each)),
      computes,
      createdBy,
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: new Date(expiresAt).toISOString(),
    };
  }
}

/** Throws `NotFound` for a token that is not there, or not for who asks. */
export const noToken = (id: string): UserError =>
  new UserError(
    'NotFound',
    `There is no token "${id.slice(0, 100)}".`,
    'List them with "updraft token list", and with --runner those of runners.',
  );
