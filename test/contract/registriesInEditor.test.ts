import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { mayMakeRegistry, mayShare } from '../../src/access/mayShare.ts';
import { DisposableStore } from '../../src/base/disposable.ts';
import type { UserError } from '../../src/base/userError.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { registriesWithRights } from '../../src/client/registries.ts';
import { roleHolders } from '../../src/client/roleHolders.ts';
import type { AssetNode } from '../../src/extension/state/assets.ts';
import { PlaneConnection } from '../../src/extension/state/planeConnection.ts';
import { type Seen, SharedPlane } from '../../src/extension/state/planes/sharedPlane.ts';
import { RegistriesState } from '../../src/extension/state/registries.ts';
import { shareTargets } from '../../src/extension/state/shareTargets.ts';
import { SharingRight } from '../../src/extension/state/sharingRight.ts';
import { ClientNames } from '../../src/language/planeNames.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import { registryPath } from '../../src/protocol/registry.ts';
import type { AddedMember } from '../../src/protocol/team.ts';
import { first } from './first.ts';
import { startTeam, type TeamPlane, workspaceAt } from './team.ts';

const at = (registry: string): string => registryPath({ ...defaultWorkspace, registry });
const group = at('x').split('/providers')[0]!;

/** What VS Code knows of the registries of a team's plane, and how it hears of them. */
describe('registries, as VS Code sees them', () => {
  let plane: TeamPlane;
  let ann: Required<AddedMember>;
  let kept: DisposableStore;
  before(async () => {
    plane = await startTeam();
    await plane.makeWorkspace('vision');
    ann = await newcomer('ann');
    for (const name of ['lab', 'store', 'secret']) await plane.client.putRegistry(name, {});
    await grant(ann, 'AzureML Registry User', at('lab'));
    await grant(ann, 'Reader', at('store'));
    const { client } = plane;
    await client.putAsset('environments', 'train', '1', { image: 'ubuntu:22.04' });
  });
  after(() => plane.remove());
  beforeEach(() => {
    kept = new DisposableStore();
  });
  afterEach(() => kept.dispose());

  /** With a role in the workspace, and a token that is not for the workspace alone: such a one opens no registry. */
  async function newcomer(name: string): Promise<Required<AddedMember>> {
    const added = await plane.add(`${name}@example.org`);
    await grant(added, 'AzureML Data Scientist', workspaceAt('vision'));
    return added;
  }
  async function grant({ member }: AddedMember, roleName: string, scope: string): Promise<string> {
    const { body } = await plane.send(
      'GET',
      `${scope}/providers/Microsoft.Authorization/roleDefinitions?$filter=${encodeURIComponent(`roleName eq '${roleName}'`)}`,
    );
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`;
    const answer = await plane.send('PUT', id, { properties: { roleDefinitionId: body.value[0].id, principalId: member.id } });
    assert.equal(answer.status, 201, answer.text);
    return id;
  }
  const vision = { ...defaultWorkspace, workspace: 'vision' };
  const as = ({ token }: AddedMember) => new PlaneClient({ url: plane.url, token: token!.token, workspace: 'vision' }, vision);
  const connectionOf = ({ token }: AddedMember) =>
    kept.add(
      new PlaneConnection({
        isShared: true,
        workspace: vision,
        find: async () => ({ url: plane.url, token: token!.token, workspace: vision }),
      }),
    );
  const registriesOf = (member: AddedMember) => {
    const connection = connectionOf(member);
    return { connection, state: kept.add(new RegistriesState(connection, { onError: (error) => assert.fail(String(error)) })) };
  };
  const names = (nodes: readonly unknown[]) => nodes.map((node) => (node as AssetNode).name);
  const put = (registry: string, name: string, version = '1') =>
    plane.client.inRegistry(registry).putAsset('environments', name, version, { image: 'ubuntu:22.04' });

  it('shows what is in one by kind, with versions, and hears of what others share', async () => {
    await put('lab', 'train');
    const { connection, state } = registriesOf(ann);
    await connection.client();
    const { environments, models } = state.in('lab');
    assert.deepEqual(names(await environments.roots()), ['train']);
    assert.deepEqual(await models.roots(), []);
    const [node] = (await environments.roots()) as AssetNode[];
    assert.equal(node!.registry, 'lab');
    const versions = async () => (await environments.versionsOf(node!)).map((each) => (each as { version?: string }).version);
    assert.deepEqual(await versions(), ['1']);
    const changed = first(state.onDidChange, (news) => news?.node === node);
    await put('lab', 'train', '2');
    await changed;
    assert.deepEqual(await versions(), ['2', '1']);
    const added = first(state.onDidChange, (news) => news?.of === 'environments' && news.node === undefined);
    await put('lab', 'score');
    assert.equal((await added)?.registry, 'lab');
    assert.deepEqual(names(await environments.roots()), ['score', 'train']);
    // Another registry has a list of its own.
    assert.deepEqual(await state.in('store').environments.roots(), []);
  });

  it('holds no connection while nobody looks, and has missed nothing afterwards', async () => {
    await put('lab', 'before');
    const { connection, state } = registriesOf(ann);
    await connection.client();
    const { environments } = state.in('lab');
    await environments.roots();
    state.watch(false);
    await put('lab', 'meanwhile');
    const told = first(state.onDidChange);
    state.watch(true);
    await told;
    assert.ok(names(await environments.roots()).includes('meanwhile'));
  });

  it('lists those that the person may see, and hears of roles that are given and taken', async () => {
    const bob = await newcomer('bob');
    let seen: Seen | undefined;
    const shared = kept.add(
      new SharedPlane({
        url: plane.url,
        session: async () => ({
          id: 'bob',
          plane: plane.url,
          member: { id: bob.member.id, name: bob.member.name },
          token: bob.token.token,
        }),
        seen: { read: () => seen, write: (now) => (seen = now) },
      }),
    );
    await shared.settled();
    assert.deepEqual(seen!.registries, []);
    const isSeen = (wanted: string[]) => first(shared.onDidChange, () => JSON.stringify(seen!.registries) === JSON.stringify(wanted));
    const given = isSeen(['lab']);
    const role = await grant(bob, 'Reader', at('lab'));
    await given;
    const { connection, state } = registriesOf(bob);
    await connection.client();
    await state.in('lab').environments.roots();
    const taken = isSeen([]);
    const forgotten = first(state.onDidChange, (news) => news === undefined);
    await plane.send('DELETE', role);
    await Promise.all([taken, forgotten]);
    await assert.rejects(
      () => state.in('lab').environments.roots(),
      (error: UserError) => error.code === 'NotFound' && /There is no registry "lab" here/.test(error.message),
    );
  });

  it('forgets a registry that was deleted: one that is made under its name has nothing of it', async () => {
    await plane.client.putRegistry('short', {});
    await put('short', 'old');
    const owner = { member: ann.member, token: { ...ann.token, token: plane.token } } as AddedMember;
    const { connection, state } = registriesOf(owner);
    await connection.client();
    assert.deepEqual(names(await state.in('short').environments.roots()), ['old']);
    const gone = first(connection.onDidChange, ({ kind, op, id }) => kind === 'registry' && op === 'delete' && id === 'short');
    await plane.client.deleteRegistry('short');
    await gone;
    await plane.client.putRegistry('short', {});
    assert.deepEqual(await state.in('short').environments.roots(), []);
  });

  it('offers to share where the plane lets the member, and nowhere else', async () => {
    const client = as(ann);
    const rights = await registriesWithRights(client);
    assert.deepEqual(
      rights.map(({ registry, permissions }) => [registry.name, mayShare(permissions)]),
      [
        ['lab', true],
        ['store', false],
      ],
    );
    await client.putAsset('environments', 'shell', '1', { image: 'ubuntu:22.04' });
    const shell = { name: 'shell', version: '1' };
    for (const { registry, permissions } of rights) {
      const shared = client.shareAsset('environments', shell, registry.name, shell);
      if (mayShare(permissions)) assert.equal((await shared).id, 'azureml://registries/lab/environments/shell/versions/1');
      else await assert.rejects(shared, ({ code }: UserError) => code === 'AuthorizationFailed');
    }
    assert.equal(mayMakeRegistry(await client.permissions(group)), false);
    await assert.rejects(client.putRegistry('mine', {}), ({ code }: UserError) => code === 'AuthorizationFailed');
    assert.equal(mayMakeRegistry(await plane.client.permissions(group)), true);
  });

  it('hears that one may share now, or no longer', async () => {
    const cara = await newcomer('cara');
    const reads = await grant(cara, 'Reader', at('lab'));
    const connection = connectionOf(cara);
    const right = kept.add(new SharingRight(connection, (error) => assert.fail(String(error))));
    const ruledOut = first(right.onDidChange);
    const client = await connection.client();
    assert.equal(await ruledOut, false);
    assert.deepEqual(await shareTargets(client), { open: [], closed: ['lab'], mayMake: false });
    const allowed = first(right.onDidChange);
    const shares = await grant(cara, 'AzureML Registry User', at('lab'));
    assert.equal(await allowed, true);
    const taken = first(right.onDidChange);
    await plane.send('DELETE', shares);
    assert.equal(await taken, false);
    await plane.send('DELETE', reads);
  });

  it('tells who has which role on one, to those who may know', async () => {
    const reader = await plane.add('rita@example.org', 'Reader');
    const { id } = await plane.client.getRegistry('lab');
    const holders = await roleHolders(as(reader).http, id);
    assert.deepEqual(
      holders.map(({ principal, role }) => [principal, role]),
      [
        ['ann@example.org', 'AzureML Registry User'],
        ['rita@example.org', 'Reader'],
      ],
    );
    assert.equal(holders[0]!.scope.toLowerCase(), id.toLowerCase());
    await assert.rejects(roleHolders(as(ann).http, id), ({ code }: UserError) => code === 'AuthorizationFailed');
  });

  it('are completed in YAML from when the person sees them, until they are gone', async () => {
    await plane.client.putRegistry('late', {});
    await put('late', 'tools');
    const languageNames = kept.add(new ClientNames(() => as(ann)));
    await languageNames.connect();
    const registries = async () => [...new Set((await languageNames.shared('environments'))?.map(({ registry }) => registry))];
    // The feed of the names is their own: each look gives it a turn.
    const until = async (isThere: boolean) => {
      while ((await registries()).includes('late') !== isThere) await nextTurn();
    };
    await until(false);
    await grant(ann, 'Reader', at('late'));
    await until(true);
    await plane.client.deleteRegistry('late');
    await until(false);
    // Sooner than an answer about registries is too old by itself.
  }).timeout(10_000);
});
