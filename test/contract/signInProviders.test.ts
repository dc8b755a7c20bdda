import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { sessionHeader } from '../../src/protocol/signIn.ts';
import type { SignInOptions } from '../../src/server/signIn/settings.ts';
import { answerProvider, type Kind, startIdentityProvider, type TestProvider } from './identityProvider.ts';
import { startServers } from './servers/servers.ts';
import { type Seen, SmallBrowser } from './smallBrowser.ts';
import { startTeam, type TeamPlane, workspaceAt } from './team.ts';

/** A plane that signs in with a provider of some kind. */
interface Pair {
  provider: TestProvider;
  plane: TeamPlane;
  signIn(login: string, browser?: SmallBrowser, stop?: (to: string) => boolean): Promise<Seen>;
  who(browser: SmallBrowser): Promise<any>;
  /** Ends the plane, and starts it again on the same folder. */
  restart(): Promise<void>;
}

async function withProvider(kind: Kind, options: Partial<SignInOptions>, work: (pair: Pair) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
  const provider = await startIdentityProvider(kind);
  const start = () =>
    startTeam(folder, undefined, {
      signIn: { issuer: provider.issuer, clientId: provider.clientId, providerName: 'Test ID', ...options },
      environment: kind.isPublic ? {} : { UPDRAFT_CLIENT_SECRET: provider.clientSecret },
    });
  const pair: Pair = {
    provider,
    plane: await start(),
    async signIn(login, browser = new SmallBrowser(), stop) {
      return answerProvider(browser, provider, await browser.go(`${pair.plane.url}/sign-in/start`), login, stop);
    },
    async who(browser) {
      const seen = await browser.ask(`${pair.plane.url}/updraft/who`);
      assert.equal(seen.status, 200, seen.text);
      return JSON.parse(seen.text);
    },
    async restart() {
      await pair.plane.stop();
      pair.plane = await start();
    },
  };
  try {
    await provider.open(pair.plane.url);
    await work(pair);
  } finally {
    await pair.plane.stop();
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('sign-in with providers of several kinds', () => {
  it('Entra: a person is tenant and object id, and a group is its object id', async () => {
    const tenant = '6a1f7a52-1111-4222-8333-944444444444';
    const oid = '0b1c2d3e-5555-4666-8777-988888888888';
    const group = '7f7f7f7f-9999-4aaa-8bbb-cccccccccccc';
    await withProvider({ path: `/${tenant}/v2.0` }, { allowedDomains: ['example.org'] }, async ({ provider, plane, signIn, who }) => {
      await plane.makeWorkspace('vision');
      const added = await plane.send('POST', '/updraft/team/members', { kind: 'group', name: group, displayName: 'ML team' });
      assert.equal(added.body.member.id, group, 'as Azure names it');
      // As `az role assignment create --assignee-object-id … --assignee-principal-type Group` gives it a role.
      const given = await plane.send(
        'PUT',
        `${workspaceAt('vision')}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`,
        {
          properties: { roleDefinitionId: '/x/acdd72a7-3385-48ef-bd42-f606fba81ae7', principalId: group, principalType: 'Group' },
        },
      );
      assert.equal(given.status, 201, given.text);
      assert.equal(given.body.properties.principalType, 'Group');
      const shown = await plane.send('POST', '/v1.0/directoryObjects/getByIds', { ids: [group] });
      assert.equal(shown.body.value[0]['@odata.type'], '#microsoft.graph.group');

      provider.people['pairwise-1'] = { tid: tenant, oid, email: 'ann@example.org', xms_edov: '1', name: 'Ann', groups: [group] };
      const first = new SmallBrowser();
      assert.equal((await signIn('pairwise-1', first)).status, 200);
      const ann = await who(first);
      assert.equal(ann.name, 'ann@example.org');
      assert.deepEqual(ann.groups, [group]);
      assert.deepEqual(
        ann.roles.map(({ role }: { role: string }) => role),
        ['Reader'],
      );
      // Another client of the same tenant has another `sub`.
      provider.people['pairwise-2'] = { tid: tenant, oid, email: 'ann.new@elsewhere.example', name: 'Ann' };
      const second = new SmallBrowser();
      await signIn('pairwise-2', second);
      assert.equal((await who(second)).id, ann.id);

      for (const [why, person] of [
        [/is of the tenant 99999999-[-0-9]*, not 6a1f7a52/, { tid: '99999999-1111-4222-8333-944444444444', oid }],
        [/is of the tenant of nobody/, { oid }],
        [/has no object id/, { tid: tenant }],
      ] as const) {
        provider.people.foreign = { email: 'x@example.org', email_verified: true, ...person };
        const seen = await signIn('foreign');
        assert.equal(seen.status, 401, seen.text);
        assert.match(seen.text, why);
      }
      // What a user may write there vouches for nothing.
      provider.people.edov = { tid: tenant, oid: crypto.randomUUID(), email: 'boss@example.org', xms_edov: false };
      assert.match((await signIn('edov')).text, /does not vouch for that address of mail/);
    });
  });

  it('one that tells mail and groups with the access token alone, and only for the one who signed in', async () => {
    await withProvider({ isTerse: true }, { allowedGroups: ['ml-team'] }, async ({ provider, signIn, who }) => {
      provider.people.ann = { email: 'ann@example.org', email_verified: true, name: 'Ann', groups: ['ml-team'] };
      const browser = new SmallBrowser();
      assert.equal((await signIn('ann', browser)).status, 200);
      assert.equal((await who(browser)).name, 'ann@example.org');
      provider.inPlace = (request, response) =>
        request.url === '/me' &&
        !!response.setHeader('content-type', 'application/json').end('{"sub":"eve","email":"ann@example.org","groups":["ml-team"]}');
      const seen = await signIn('ann');
      assert.equal(seen.status, 401);
      assert.match(seen.text, /not to be trusted.*sub/);
    });
  });

  it('one that knows the plane without a secret', async () => {
    await withProvider({ isPublic: true }, { allowedDomains: ['example.org'] }, async ({ provider, signIn, who }) => {
      provider.people.ann = { email: 'ann@example.org', email_verified: true };
      const browser = new SmallBrowser();
      assert.equal((await signIn('ann', browser)).status, 200);
      assert.equal((await who(browser)).name, 'ann@example.org');
    });
  });

  it('one that changes its keys from one moment to the next: the second sign-in knows', async () => {
    await withProvider({}, { allowedDomains: ['example.org'] }, async ({ provider, plane, signIn }) => {
      provider.people.ann = { email: 'ann@example.org', email_verified: true };
      assert.equal((await signIn('ann')).status, 200);
      await provider.changeKey();
      await provider.open(plane.url);
      assert.match((await signIn('ann')).text, /not to be trusted.*Sign in again/s);
      assert.equal((await signIn('ann')).status, 200);
    });
  });

  it('a plane that is started again in between: what was begun ends, and who was signed in stays so', async () => {
    await withProvider({}, { allowedDomains: ['example.org'] }, async (pair) => {
      pair.provider.people.ann = { email: 'ann@example.org', email_verified: true };
      const before = new SmallBrowser();
      await pair.signIn('ann', before);
      const between = new SmallBrowser();
      const back = await pair.signIn('ann', between, (to) => to.startsWith(`${pair.plane.url}/sign-in/callback`));
      await pair.restart();
      assert.equal((await pair.who(before)).name, 'ann@example.org');
      assert.equal((await between.ask(back.url)).status, 303);
      assert.equal((await pair.who(between)).id, (await pair.who(before)).id);
    });
  });

  it('a plane of two servers: each goes on with what the other has begun, and knows at once who has signed out', async function () {
    // The first run on a machine makes the server of S3.
    this.timeout(600_000);
    const provider = await startIdentityProvider({ isPublic: true });
    provider.people.ann = { email: 'ann@example.org', email_verified: true };
    const options = ['--issuer', provider.issuer, '--client-id', provider.clientId, '--allowed-domains', 'example.org'];
    const { plane, servers } = await startServers(['one', 'two'], { options });
    try {
      const { url } = plane.balancer;
      await provider.open(url);
      for (let times = 0; times < 4; times++) {
        const browser = new SmallBrowser();
        const seen = await answerProvider(browser, provider, await browser.go(`${url}/sign-in/start`), 'ann');
        assert.equal(seen.url, `${url}/studio`, seen.text);
        const who = () =>
          Promise.all(
            servers.map(async (server) => {
              const answer = await fetch(`${server.url}/updraft/who`, { headers: { cookie: browser.cookieHeader(url) } });
              await answer.text();
              return answer.status;
            }),
          );
        assert.deepEqual(await who(), [200, 200]);
        const out = await fetch(`${servers[times % 2]!.url}/updraft/sign-out`, {
          method: 'POST',
          headers: {
            cookie: browser.cookieHeader(url),
            'content-type': 'application/json',
            [sessionHeader]: '1',
            'sec-fetch-site': 'same-origin',
          },
          body: '{}',
        });
        assert.equal(out.status, 200, await out.text());
        assert.deepEqual(await who(), [401, 401]);
      }
    } finally {
      await plane.remove();
      await provider.close();
    }
  });

  it('many sign-ins at a time make one member', async () => {
    await withProvider({}, { allowedDomains: ['example.org'] }, async ({ provider, plane, signIn }) => {
      provider.people.ann = { email: 'ann@example.org', email_verified: true };
      const all = await Promise.all(Array.from({ length: 25 }, () => signIn('ann')));
      assert.ok(all.every(({ status }) => status === 200));
      assert.equal((await plane.send('GET', '/updraft/team/members')).body.value.length, 1);
    });
  });
});
