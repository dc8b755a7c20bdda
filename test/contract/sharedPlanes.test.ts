import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { DisposableStore } from '../../src/base/disposable.ts';
import { UserError } from '../../src/base/userError.ts';
import { markMentions, writeComment } from '../../src/client/comments.ts';
import { ChangeStream } from '../../src/client/feed/changeStream.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { deleteWorkspace, recoverWorkspace } from '../../src/client/workspaces.ts';
import { finderOf } from '../../src/extension/planes/finderOf.ts';
import { JobFeed, type JobNews } from '../../src/extension/state/jobFeed.ts';
import { type JobNode, JobsState } from '../../src/extension/state/jobs.ts';
import { Mentions } from '../../src/extension/state/mentions.ts';
import { WorkspacePermissions } from '../../src/extension/state/permissions.ts';
import { PlaneConnection } from '../../src/extension/state/planeConnection.ts';
import { KnownPlanes } from '../../src/extension/state/planes/knownPlanes.ts';
import type { Place } from '../../src/extension/state/planes/place.ts';
import { Sessions } from '../../src/extension/state/planes/sessions.ts';
import { type Seen, SharedPlane } from '../../src/extension/state/planes/sharedPlane.ts';
import { type Right, requests } from '../../src/extension/state/rights.ts';
import { defaultWorkspace, workspacePath } from '../../src/protocol/arm.ts';
import type { PlaneSession } from '../../src/protocol/planeSession.ts';
import type { AddedMember } from '../../src/protocol/team.ts';
import { MemorySecrets } from '../unit/extension/memorySecrets.ts';
import { first } from './first.ts';
import { startTeam, type TeamPlane, workspaceAt } from './team.ts';

const definition = { jobType: 'Command', command: 'true', environmentId: 'x', experimentName: 'e' } as never;

describe('a shared plane, as VS Code sees it', () => {
  let plane: TeamPlane;
  let ann: AddedMember;
  let kept: DisposableStore;
  let known: KnownPlanes;
  let sessions: Sessions;
  before(async () => {
    plane = await startTeam();
    for (const name of ['vision', 'speech', 'secret']) await plane.makeWorkspace(name);
    ann = await plane.add('ann@example.org');
    for (const name of ['vision', 'speech']) await grant(ann, 'AzureML Data Scientist', name);
  });
  after(() => plane.remove());
  beforeEach(async () => {
    kept = new DisposableStore();
    sessions = kept.add(new Sessions(new MemorySecrets()));
    known = kept.add(
      new KnownPlanes({ read: () => ({ [plane.url]: 'Team' }), write: async () => {}, onDidChange: () => ({ dispose() {} }) }),
    );
    await signIn(ann.token!.token);
  });
  afterEach(() => kept.dispose());

  const signIn = (token: string) =>
    sessions.put({ id: token, plane: plane.url, member: { id: ann.member.id, name: ann.member.name }, token });
  async function grant({ member }: AddedMember, roleName: string, workspace: string): Promise<string> {
    const { body } = await plane.send(
      'GET',
      `${workspaceAt(workspace)}/providers/Microsoft.Authorization/roleDefinitions?$filter=${encodeURIComponent(`roleName eq '${roleName}'`)}`,
    );
    const id = `${workspaceAt(workspace)}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`;
    const answer = await plane.send('PUT', id, { properties: { roleDefinitionId: body.value[0].id, principalId: member.id } });
    assert.equal(answer.status, 201, answer.text);
    return id;
  }
  const neverStarted = async () => assert.fail('the plane of this machine is not asked for');
  const finder = (place: Place) => finderOf(place, neverStarted, known, sessions);
  const at = (workspace: string): Place => ({ plane: plane.url, workspace });
  const as = ({ token }: AddedMember, workspace: string) =>
    new PlaneClient({ url: plane.url, token: token!.token, workspace }, { ...defaultWorkspace, workspace });
  let count = 0;
  const newName = () => `job_${count++}`;

  it('tells who asks, what they may, and by its feed when that is other than before', async () => {
    const bob = await plane.add('bob@example.org', 'Reader', 'vision');
    const client = as(bob, 'vision');
    const me = await client.whoAsks();
    assert.deepEqual([me.kind, me.name, me.workspace?.workspace], ['user', 'bob@example.org', 'vision']);
    assert.ok(Date.parse(me.expiresAt!) > Date.now());
    assert.deepEqual(
      (await client.permissions()).map(({ actions }) => actions),
      [['*/read']],
    );
    assert.equal(
      (await plane.as(bob.token!.token)('GET', `${workspaceAt('speech')}/providers/Microsoft.Authorization/permissions`)).status,
      404,
    );
    assert.deepEqual(
      (await plane.client.permissions()).map(({ actions }) => actions),
      [['*']],
    );

    const stream = kept.add(new ChangeStream(client.http, { kinds: ['workspace'] }));
    await stream.settled;
    const told = first(stream.onDidChangePermissions);
    const assignment = await grant(bob, 'Contributor', 'vision');
    await told;
    assert.deepEqual((await client.permissions()).flatMap(({ actions }) => actions).sort(), ['*', '*/read']);
    const again = first(stream.onDidChangePermissions);
    await plane.send('DELETE', assignment);
    await again;
    assert.deepEqual(
      (await client.permissions()).map(({ actions }) => actions),
      [['*/read']],
    );
  });

  it('rings the bell of VS Code for mentions in any workspace of the plane', async () => {
    const [dora, emil] = [
      await plane.add('dora@example.org', 'AzureML Data Scientist', 'vision'),
      await plane.add('emil@example.org', 'AzureML Data Scientist'),
    ];
    await signIn(emil.token!.token);
    const connection = kept.add(new PlaneConnection(finder(at('speech'))));
    const mentions = kept.add(new Mentions(connection, (error) => assert.fail(String(error))));
    await connection.client();
    const http = as(dora, 'vision').http;
    const { run } = await http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' });
    const rings = first(mentions.onDidChange);
    const { id } = await writeComment(http, { kind: 'jobs', name: run.info.run_id }, { text: 'see @emil@example.org' });
    await rings;
    assert.equal(mentions.unread, 1);
    const rests = first(mentions.onDidChange);
    await markMentions((await connection.client()).http, { isRead: true, mentions: [{ workspace: 'vision', comment: id }] });
    await rests;
    assert.equal(mentions.unread, 0);
  });

  it('names Owners to who has no role in a workspace, and says the same of one that is not there', async () => {
    const finn = await plane.add('finn@example.org', 'Reader', 'vision');
    await signIn(finn.token!.token);
    await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    for (const workspace of ['speech', 'nowhere'])
      await assert.rejects(
        () => kept.add(new PlaneConnection(finder(at(workspace)))).client(),
        ({ message, hint }: UserError) =>
          message.endsWith(`has no workspace "${workspace}" for ${ann.member.name}.`) &&
          hint === 'For a role there, such as Reader, ask olga@example.org; or choose another workspace.',
      );
  });

  it('lets VS Code offer what the plane lets the member do, and nothing else', async () => {
    const others: AddedMember[] = [];
    for (const role of ['Reader', 'AzureML Data Scientist', 'AzureML Compute Operator', 'Contributor'])
      others.push(await plane.add(`${role.replaceAll(' ', '.')}@example.org`, role, 'vision'));
    const wrong: string[] = [];
    for (const other of others) {
      await signIn(other.token!.token);
      const connection = kept.add(new PlaneConnection(finder(at('vision'))));
      const permissions = kept.add(new WorkspacePermissions(connection, (error) => assert.fail(String(error))));
      const changed = first(permissions.onDidChange);
      await connection.client();
      await changed;
      for (const [right, [method, path]] of Object.entries(requests)) {
        const { status } = await plane.as(other.token!.token)(
          method,
          // What is no truth value deletes nothing.
          `${path.replace(workspacePath(defaultWorkspace), workspaceAt('vision'))}${right === 'deleteWorkspace' ? '?forceToPurge=x' : ''}`,
          method === 'DELETE' ? undefined : {},
          {
            'x-mlflow-workspace': 'vision',
          },
        );
        if (permissions.may(right as Right) !== (status !== 403)) wrong.push(`${other.member.name} ${right}: ${status}`);
      }
    }
    assert.deepEqual(wrong, []);
    await signIn(ann.token!.token);
  });

  it('is followed from one workspace to another, and no answer of the first is taken for one of the second', async () => {
    const [there, here] = [newName(), newName()];
    await as(ann, 'vision').putJob(there, definition);
    await as(ann, 'speech').putJob(here, definition);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const slow = finder(at('vision'));
    const connection = kept.add(
      new PlaneConnection({
        ...slow,
        find: async (signal) => ({
          ...(await slow.find(signal)),
          async fetch(input, init) {
            const response = await globalThis.fetch(input, init);
            if (!/\/jobs\?/.test(input) || !/experimentName/.test(input)) return response;
            onAsked();
            await held;
            return response;
          },
        }),
      }),
    );
    const feed = kept.add(new JobFeed(connection));
    const jobs = kept.add(new JobsState(connection, feed));
    const [experiment] = await jobs.roots();
    const late = jobs.childrenOf(experiment!);
    await asked;
    connection.moveTo(finder(at('speech')));
    const shown = async () => ((await jobs.childrenOf((await jobs.roots())[0]!)) as JobNode[]).map(({ name }) => name);
    assert.deepEqual(await shown(), [here]);
    release();
    await assert.rejects(late, { code: 'PlaneUnreachable' });
    assert.deepEqual(await shown(), [here]);
    assert.equal(connection.workspace.workspace, 'speech');
    // Its feed is that of the second.
    const heard = first<JobNews>(feed.onDidChangeJob);
    await as(ann, 'vision').patchJob(there, { displayName: 'x' });
    await as(ann, 'speech').patchJob(here, { displayName: 'y' });
    assert.equal((await heard).name, here);
  });

  it('says what is missing: a sign-in, a workspace, a plane that was added', async () => {
    const refused = (place: Place, code: string, why: RegExp) =>
      assert.rejects(new PlaneConnection(finder(place)).client(), (error: UserError) => {
        assert.equal(error.code, code);
        assert.match(error.describe(), why);
        return true;
      });
    for (const name of ['secret', 'nobody'])
      await refused(
        at(name),
        'NotFound',
        new RegExp(`Team has no workspace "${name}" for ann@example\\.org\\.\\nFor a role there, such as Reader, ask `),
      );
    await refused({ plane: 'https://other.example', workspace: 'x' }, 'NotFound', /https:\/\/other\.example, which you have not added/);
    await sessions.remove(ann.token!.token);
    await refused(at('vision'), 'Unauthorized', /You are not signed in to Team\./);
  });

  it('says that its workspace was deleted, to who may recover it also that and until when, and is there when it is', async () => {
    await plane.makeWorkspace('going');
    const owner = await plane.add('gina@example.org', 'Owner', 'going');
    const reader = await plane.add('gerd@example.org', 'Reader', 'going');
    for (const [who, why] of [
      [owner, /The workspace "going" of Team was deleted by .* and can be recovered until \d{4}-/],
      [reader, /Team has no workspace "going"/],
    ] as const) {
      await signIn(who.token!.token);
      const connection = kept.add(new PlaneConnection(finder(at('going'))));
      const live = first(connection.onDidChangeState, (state) => state === 'live');
      await connection.client();
      await live;
      const gone = first(connection.onDidChangeState, (state) => state === 'failed');
      await (await deleteWorkspace(plane.client, 'going')).done();
      await gone;
      assert.match(String(connection.error), why);
      assert.equal((connection.error as UserError).code, 'NotFound');
      assert.notEqual(connection.lastSeen, undefined);
      const again = first(connection.onDidChangeState, (state) => state === 'live');
      await recoverWorkspace(plane.client, 'going');
      connection.again();
      await again;
      await sessions.remove(who.token!.token);
    }
    await signIn(ann.token!.token);
  });

  it('asks to sign in again when the token is revoked, and goes on where it was', async () => {
    const { body: token } = await plane.as(ann.token!.token)('POST', '/updraft/team/tokens', { name: 'short' });
    await signIn(token.token);
    const connection = kept.add(new PlaneConnection(finder(at('vision'))));
    const feed = kept.add(new JobFeed(connection));
    await connection.client();
    const out = first(connection.onDidChangeState, (state) => state === 'signedOut');
    await plane.as(ann.token!.token)('DELETE', `/updraft/team/tokens/${token.id}`);
    await out;
    assert.match(String(connection.error), /Team lets you in no more/);
    await assert.rejects(connection.client(), { code: 'Unauthorized' });

    const reset = first(connection.onDidReset);
    await signIn(ann.token!.token);
    connection.again();
    await reset;
    assert.equal(connection.state, 'live');
    const name = newName();
    const heard = first<JobNews>(feed.onDidChangeJob, (news) => news.name === name);
    await as(ann, 'vision').putJob(name, definition);
    await heard;
  });

  it('is asked again by who looks right after somebody has signed in', async () => {
    let seen: Seen | undefined;
    let session: PlaneSession | undefined;
    const shared = kept.add(
      new SharedPlane({ url: plane.url, session: async () => session, seen: { read: () => seen, write: (now) => (seen = now) } }),
    );
    await shared.settled();
    assert.equal(shared.state, 'signedOut');
    session = await sessions.of(plane.url);
    await shared.settled();
    assert.deepEqual([shared.state, seen?.workspaces.map(({ name }) => name)], ['live', ['speech', 'vision']]);
  });

  it('is away and comes back, with the roles and workspaces of then', async () => {
    let seen: Seen | undefined;
    let clock = 1_000_000;
    const shared = kept.add(
      new SharedPlane({
        url: plane.url,
        session: () => sessions.of(plane.url),
        seen: { read: () => seen, write: (now) => (seen = now) },
        clock: () => clock,
      }),
    );
    const names = () => seen?.workspaces.map(({ name }) => name);
    await shared.settled();
    assert.deepEqual([shared.state, names()], ['live', ['speech', 'vision']]);

    const more = first(shared.onDidChange, () => names()!.includes('secret'));
    await grant(ann, 'Reader', 'secret');
    await more;
    assert.deepEqual(names(), ['secret', 'speech', 'vision']);

    const connection = kept.add(new PlaneConnection(finder(at('vision'))));
    await connection.client();
    const gone = first(connection.onDidChangeState, (state) => state === 'disconnected');
    const away = first(shared.onDidChange, () => shared.state === 'away');
    clock += 60_000;
    const port = Number(new URL(plane.url).port);
    await plane.stop();
    await Promise.all([gone, away]);
    // The moment in which it went is the one in which it was last seen.
    assert.deepEqual([seen!.at, names()], [clock, ['secret', 'speech', 'vision']]);

    const back = first(connection.onDidChangeState, (state) => state === 'live');
    const live = first(shared.onDidChange, () => shared.state === 'live');
    plane = await startTeam(plane.folder, undefined, { port });
    await Promise.all([back, live]);
    const told = first(shared.onDidChange, () => names()!.includes('later'));
    await plane.makeWorkspace('later');
    await grant(ann, 'Reader', 'later');
    await told;
  });

  it('that can not be reached at first is live when it can', async () => {
    let isAway = true;
    const usual = finder(at('vision'));
    const connection = kept.add(
      new PlaneConnection({
        ...usual,
        find: async (signal) => {
          if (isAway) throw new UserError('PlaneUnreachable', 'It does not answer.', 'Wait.');
          return usual.find(signal);
        },
      }),
    );
    await assert.rejects(connection.client(), { code: 'PlaneUnreachable' });
    assert.equal(connection.state, 'disconnected');
    isAway = false;
    await connection.client();
    assert.equal(connection.state, 'live');
  });
});
