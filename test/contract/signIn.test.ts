import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportSPKI, type JWTPayload } from 'jose';
import { after, afterEach, before, describe, it } from 'mocha';
import { type DeviceCode, sessionHeader } from '../../src/protocol/signIn.ts';
import { answerProvider, startIdentityProvider, type TestProvider } from './identityProvider.ts';
import { SetClock } from './setClock.ts';
import { type Seen, SmallBrowser } from './smallBrowser.ts';
import { type Answer, startTeam, type TeamPlane, workspaceAt } from './team.ts';

const hour = 3600_000;

describe('sign-in with an identity provider', () => {
  let provider: TestProvider;
  let plane: TeamPlane;
  let clock: SetClock;
  before(async () => {
    provider = await startIdentityProvider();
    clock = new SetClock(new Date().toISOString());
    const options = {
      issuer: provider.issuer,
      clientId: provider.clientId,
      allowedDomains: ['allowed.example'],
      allowedGroups: ['ml-team'],
      providerName: 'Test ID',
      patience: 1,
    };
    const folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    plane = await startTeam(folder, clock, { signIn: options, environment: { UPDRAFT_CLIENT_SECRET: provider.clientSecret } });
    await provider.open(plane.url);
    await plane.makeWorkspace('vision');
    assert.equal((await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' })).status, 201);
  });
  afterEach(() => {
    provider.inPlace = undefined;
    provider.otherToken = undefined;
  });
  after(async () => {
    await plane?.remove();
    await provider?.close();
  });

  /** From a page of the Studio to the provider's first page. */
  async function toProvider(browser: SmallBrowser, to = '/studio'): Promise<Seen> {
    const seen = await browser.go(`${plane.url}${to}`);
    assert.equal(new URL(seen.url).pathname, '/sign-in', seen.text);
    const link = /<a class="button" href="([^"]+)">Sign in with Test ID</.exec(seen.text)![1]!.replaceAll('&amp;', '&');
    return browser.go(new URL(link, seen.url).href);
  }
  /** Signs in, up to whatever the plane answers then. */
  async function signIn(login: string, browser = new SmallBrowser(), to?: string): Promise<{ browser: SmallBrowser; seen: Seen }> {
    return { browser, seen: await answerProvider(browser, provider, await toProvider(browser, to), login) };
  }
  const sessionOf = (browser: SmallBrowser): string | undefined => browser.cookies(plane.url).get('updraft-session');
  const ask = async (browser: SmallBrowser, method: string, to: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(plane.url + to, {
      method,
      headers: { cookie: browser.cookieHeader(plane.url), 'content-type': 'application/json', connection: 'close', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: /^[[{]/.test(text) ? JSON.parse(text) : undefined } as Answer;
  };
  const ownPage = () => ({ origin: plane.url, 'sec-fetch-site': 'same-origin', [sessionHeader]: '1' });
  async function notSignedIn(login: string, status: number, why: RegExp): Promise<void> {
    const { browser, seen } = await signIn(login);
    assert.equal(seen.status, status, seen.text);
    assert.match(seen.text, why);
    assert.match(seen.text, /You are not signed in/);
    assert.doesNotMatch(seen.text, /\n\s+at |undefined/);
    assert.equal(sessionOf(browser), undefined);
  }
  const members = async (): Promise<any[]> => (await plane.send('GET', '/updraft/team/members')).body.value;
  const memberNamed = async (name: string): Promise<any> => (await members()).find((each) => each.name === name);

  describe('in a browser', () => {
    it('leads from the Studio to the provider, and back to the page that was wanted', async () => {
      provider.people.ann = { email: 'ann@allowed.example', email_verified: true, name: 'Ann' };
      const { browser, seen } = await signIn('ann', undefined, '/studio/jobs/x?tab=logs');
      assert.equal(seen.url, `${plane.url}/studio/jobs/x?tab=logs`);
      assert.equal(seen.status, 200);
      assert.match(seen.text, /<div id="root" data-signed-in>/);
      const who = await ask(browser, 'GET', '/updraft/who');
      assert.deepEqual(
        { name: who.body.name, displayName: who.body.displayName, by: who.body.by, roles: who.body.roles },
        { name: 'ann@allowed.example', displayName: 'Ann', by: 'session', roles: [] },
      );
      const { value } = (await plane.send('GET', '/updraft/audit?action=signIn')).body;
      assert.deepEqual([value[0].who.name, value[0].path, value[0].outcome], ['ann@allowed.example', '/sign-in/callback', 'done']);
      await notSignedIn('nobody', 403, /is no member of this team/);
      const refused = (await plane.send('GET', '/updraft/audit?outcome=refused&limit=1')).body.value[0];
      assert.deepEqual([refused.path, refused.status, refused.who], ['/sign-in/callback', 403, undefined]);
      // What was begun is over, and no address had the session in it.
      assert.deepEqual([...browser.cookies(plane.url).keys()], ['updraft-session']);
      const session = sessionOf(browser)!;
      assert.ok(!browser.visited.some((each) => each.includes(session)));
      // Only its hash is kept.
      const secret = session.split('_').slice(2).join('_');
      for (const file of globSync('**/*', { cwd: plane.folder, withFileTypes: true }))
        if (file.isFile()) assert.ok(!readFileSync(path.join(file.parentPath, file.name)).includes(secret), file.name);
      // Nor does it open anything as a token, or a token as a session.
      assert.equal((await plane.as(session)('GET', '/version')).status, 401);
      assert.equal((await plane.as(session.replace('session', 'updraft'))('GET', '/version')).status, 401);
    });

    it('keeps the session where scripts and other hosts do not get at it', async () => {
      const other = await startTeam(undefined, undefined, {
        signIn: { issuer: provider.issuer, clientId: 'x' },
        environment: { UPDRAFT_PUBLIC_URL: 'https://updraft.example.org' },
      });
      try {
        const { headers } = await new Promise<{ headers: Record<string, string | string[] | undefined> }>((resolve, reject) => {
          const { hostname, port } = new URL(other.url);
          const asked = httpRequest({ hostname, port, path: '/sign-in/start', headers: { host: 'updraft.example.org' } }, (answer) => {
            answer.resume();
            resolve(answer);
          });
          asked.on('error', reject).end();
        });
        assert.match(String(headers['set-cookie']), /^__Host-updraft-sign-in=[^;]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
        assert.match(String(headers.location), /redirect_uri=https%3A%2F%2Fupdraft\.example\.org%2Fsign-in%2Fcallback/);
        // By another name it leads to where the plane is published, since a cookie is of one host.
        const local = await new SmallBrowser().ask(`${other.url}/sign-in/start?to=/studio/runs`);
        assert.equal(local.headers.get('location'), 'https://updraft.example.org/sign-in/start?again&to=%2Fstudio%2Fruns');
        const proxy = await new SmallBrowser().ask(`${other.url}/sign-in/start?again&to=/studio`);
        assert.equal(proxy.status, 400);
        assert.match(proxy.text, /header Host/);
      } finally {
        await other.remove();
      }
    });

    it('counts for requests of its own pages alone', async () => {
      const { browser } = await signIn('ann');
      const make = (headers: Record<string, string>) => ask(browser, 'POST', '/updraft/team/tokens', { name: 'ci' }, headers);
      assert.equal((await make(ownPage())).status, 201);
      const { [sessionHeader]: _header, ...without } = ownPage();
      assert.equal((await make(without)).status, 403, 'a form of our own origin');
      assert.equal((await make({ [sessionHeader]: '1' })).status, 403, 'nobody says where it comes from');
      assert.equal((await make({ ...ownPage(), 'sec-fetch-site': 'cross-site' })).status, 403);
      assert.equal((await make({ ...ownPage(), 'sec-fetch-site': 'same-site' })).status, 403);
      assert.equal((await make({ ...ownPage(), origin: 'https://evil.example' })).status, 401);
      assert.equal((await make({ ...ownPage(), origin: 'null' })).status, 401);
      for (const site of ['cross-site', 'same-site'])
        assert.equal((await ask(browser, 'GET', '/updraft/team/tokens', undefined, { 'sec-fetch-site': site })).status, 403, site);
      for (const site of ['same-origin', 'none'])
        assert.equal((await ask(browser, 'GET', '/updraft/team/tokens', undefined, { 'sec-fetch-site': site })).status, 200, site);
      // A token in the header is what counts where there is one.
      const mixed = await ask(browser, 'GET', '/version', undefined, { authorization: 'Bearer updraft_0000000000000000_x' });
      assert.equal(mixed.status, 401);
      const azure = await ask(browser, 'GET', '/updraft/azure', undefined, ownPage());
      assert.equal(azure.status, 403, azure.text);
    });

    it('ends with a sign-out, here or everywhere, but not what was made for programs', async () => {
      const [first, second, third] = [(await signIn('ann')).browser, (await signIn('ann')).browser, (await signIn('ann')).browser];
      const made = await ask(first, 'POST', '/updraft/team/tokens', { name: 'lasting', days: 30 }, ownPage());
      assert.ok(Date.parse(made.body.expiresAt) > clock.now() + 29 * 24 * hour, 'it outlives the session that it was made in');
      assert.equal((await ask(first, 'POST', '/updraft/sign-out', {}, ownPage())).body.ended, 1);
      assert.equal((await ask(first, 'GET', '/updraft/who')).status, 401);
      assert.equal((await ask(second, 'GET', '/updraft/who')).status, 200);
      const all = await ask(second, 'POST', '/updraft/sign-out', { everywhere: true }, ownPage());
      assert.ok(all.body.ended >= 2, all.text);
      for (const browser of [second, third]) assert.equal((await ask(browser, 'GET', '/updraft/who')).status, 401);
      assert.equal((await plane.as(made.body.token)('GET', '/version')).status, 200);
    });

    it('ends after 12 hours, and the Studio leads to the provider again', async () => {
      const { browser } = await signIn('ann');
      const start = clock.now();
      try {
        clock.set(start + 12 * hour - 1000);
        assert.equal((await ask(browser, 'GET', '/updraft/who')).status, 200);
        clock.set(start + 12 * hour);
        const late = await ask(browser, 'GET', '/updraft/who');
        assert.equal(late.status, 401);
        assert.match(late.text, /The sign-in of ann@allowed\.example expired at .*Sign in again/s);
        assert.equal(new URL((await browser.go(`${plane.url}/studio/runs`)).url).pathname, '/sign-in');
      } finally {
        clock.set(start);
      }
    });

    it('ends at once for a member that is removed, with open feeds', async () => {
      provider.people.rob = { email: 'rob@allowed.example', email_verified: true };
      const { browser } = await signIn('rob');
      const { id } = await memberNamed('rob@allowed.example');
      const given = await plane.send(
        'PUT',
        `${workspaceAt('vision')}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`,
        { properties: { roleDefinitionId: '/x/acdd72a7-3385-48ef-bd42-f606fba81ae7', principalId: id } },
      );
      assert.equal(given.status, 201, given.text);
      const feed = await fetch(`${plane.url}/changes`, { headers: { cookie: browser.cookieHeader(plane.url) } });
      assert.equal(feed.status, 200);
      const reader = feed.body!.getReader();
      await reader.read();
      assert.equal((await plane.send('DELETE', `/updraft/team/members/${id}`)).status, 200);
      for (;;) if ((await reader.read()).done) break;
      assert.equal((await ask(browser, 'GET', '/version')).status, 401);
      assert.equal(new URL((await browser.go(`${plane.url}/studio`)).url).pathname, '/sign-in');
    });
  });

  describe('lets in', () => {
    it('who an Owner has added, once the provider vouches for the mail, and from then on by subject', async () => {
      await plane.send('POST', '/updraft/team/members', { kind: 'user', name: 'Berta@Example.org', role: 'Reader', workspace: 'vision' });
      provider.people['berta-1'] = { email: 'berta@example.org', name: 'Berta' };
      await notSignedIn('berta-1', 403, /berta@example\.org is no member of this team\. Test ID does not vouch for that address of mail/);
      assert.equal((await memberNamed('Berta@Example.org')).isBound, undefined);
      provider.people['berta-1'].email_verified = true;
      const { browser } = await signIn('berta-1');
      assert.equal((await ask(browser, 'GET', `${workspaceAt('vision')}/jobs`)).status, 200);
      assert.equal((await memberNamed('Berta@Example.org')).isBound, true);
      // The address passes to somebody else: that is not Berta.
      provider.people['berta-2'] = { email: 'berta@example.org', email_verified: true };
      await notSignedIn('berta-2', 403, /signed in as somebody else at Test ID before/);
      // And Berta stays Berta under another one.
      provider.people['berta-1'] = { email: 'married@elsewhere.example', email_verified: true };
      const again = await signIn('berta-1');
      assert.equal((await ask(again.browser, 'GET', '/updraft/who')).body.name, 'Berta@Example.org');
    });

    it('who is known by subject where the provider vouches for no mail', async () => {
      await plane.send('POST', '/updraft/team/members', { kind: 'user', name: 'carl@example.org', subject: 'carl-7' });
      provider.people['carl-7'] = { name: 'Carl' };
      const { browser } = await signIn('carl-7');
      assert.equal((await ask(browser, 'GET', '/updraft/who')).body.name, 'carl@example.org');
    });

    it('an allowed domain and an allowed group, without a role; nobody else', async () => {
      provider.people.dora = { email: 'dora@allowed.example', email_verified: true };
      const { browser } = await signIn('dora');
      assert.deepEqual((await ask(browser, 'GET', '/updraft/who')).body.roles, []);
      assert.equal((await ask(browser, 'GET', `${workspaceAt('vision')}/jobs`)).status, 404);
      provider.people.emil = { email: 'emil@elsewhere.example', email_verified: true, groups: ['others', 'ml-team'] };
      assert.equal((await signIn('emil')).seen.status, 200);
      // An address that nobody vouches for names nobody, also where a group lets its bearer in.
      provider.people.mallory = { email: 'olga@example.org', groups: ['ml-team'] };
      const mallory = await signIn('mallory');
      assert.equal((await ask(mallory.browser, 'GET', '/updraft/who')).body.name, 'mallory');
      assert.deepEqual((await memberNamed('olga@example.org')).isBound, undefined);
      const before = (await members()).length;
      for (const [login, person] of Object.entries({
        x1: { email: 'x1@sub.allowed.example', email_verified: true },
        x2: { email: 'x2@notallowed.example', email_verified: true },
        x3: { email: 'x3@allowed.example' },
        x4: { email: 'x4@allowed.example', email_verified: 'no' as unknown as boolean },
        x5: { email: '@allowed.example', email_verified: true },
        x6: { groups: ['ML-TEAM'] },
        x7: {},
      })) {
        provider.people[login] = person;
        await notSignedIn(login, 403, /is no member of this team/);
      }
      assert.equal((await members()).length, before, 'there is no sign-up');
    });

    it('groups to what their roles allow, by what the provider said last', async () => {
      const group = await plane.send('POST', '/updraft/team/members', {
        kind: 'group',
        name: 'readers',
        role: 'Reader',
        workspace: 'vision',
      });
      assert.equal(group.status, 201, group.text);
      assert.equal(group.body.token, undefined);
      provider.people.gina = { email: 'gina@allowed.example', email_verified: true, groups: ['readers', 'unknown'] };
      const looks = async (browser: SmallBrowser) => (await ask(browser, 'GET', `${workspaceAt('vision')}/jobs`)).status;
      const first = (await signIn('gina')).browser;
      assert.equal(await looks(first), 200);
      assert.deepEqual((await ask(first, 'GET', '/updraft/who')).body.groups, ['readers']);
      // Too many to be told: that is not "none".
      for (const overage of [{ _claim_names: { groups: 'src1' } }, { hasgroups: true }]) {
        provider.people.gina = { email: 'gina@allowed.example', email_verified: true, ...overage };
        const { browser } = await signIn('gina');
        assert.equal(await looks(browser), 200, JSON.stringify(overage));
        assert.match((await ask(browser, 'GET', '/updraft/who')).body.groupsNote, /too many: those of \d{4}-.* count/);
      }
      provider.people.gina = { email: 'gina@allowed.example', email_verified: true, groups: [] };
      const last = (await signIn('gina')).browser;
      assert.equal(await looks(last), 404);
      assert.equal(await looks(first), 404, 'in every session');
      assert.equal((await ask(last, 'GET', '/updraft/who')).body.groupsNote, undefined);
      // Who has never been seen with the group is not let in by it.
      provider.people.hugo = { email: 'hugo@elsewhere.example', email_verified: true, hasgroups: true };
      await notSignedIn('hugo', 403, /did not tell your groups either, since there are too many/);
    });

    it('a group that nobody may be in is no Owner', async () => {
      const added = await plane.send('POST', '/updraft/team/members', { kind: 'group', name: 'admins', role: 'Owner' });
      assert.equal(added.status, 201, added.text);
      const olga = await memberNamed('olga@example.org');
      const removed = await plane.send('DELETE', `/updraft/team/members/${olga.id}`);
      assert.equal(removed.status, 409);
      assert.match(removed.text, /last Owner/);
      const token = await plane.send('POST', '/updraft/team/tokens', { name: 'x', member: 'admins' });
      assert.match(token.text, /is a group/);
    });
  });

  describe('is refused', () => {
    const now = () => Math.floor(Date.now() / 1000);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const tokens: [what: string, make: (claims: JWTPayload) => Promise<string>, why: RegExp, status?: number][] = [
      ['that has expired', async (claims) => provider.sign({ ...claims, exp: now() - 61 }), /has expired, or one of the clocks/],
      [
        'of a clock that is ahead',
        async (claims) => provider.sign({ ...claims, iat: now() + 90 }),
        /one of the clocks is off by more than a minute/,
      ],
      ['that is not good yet', async (claims) => provider.sign({ ...claims, nbf: now() + 90 }), /clocks/],
      ['of another issuer', async (claims) => provider.sign({ ...claims, iss: 'https://evil.example' }), /not to be trusted.*iss/],
      ['for another client', async (claims) => provider.sign({ ...claims, aud: 'another' }), /not to be trusted.*aud/],
      ['for several clients', async (claims) => provider.sign({ ...claims, aud: ['updraft', 'another'] }), /not to be trusted/],
      ['with another nonce', async (claims) => provider.sign({ ...claims, nonce: 'another' }), /not to be trusted.*nonce/],
      ['without a nonce', async ({ nonce: _nonce, ...claims }) => provider.sign(claims), /not to be trusted.*nonce/],
      ['of nobody', async ({ sub: _sub, ...claims }) => provider.sign(claims), /not to be trusted.*sub/],
      ['with the signature of another key', async (claims) => provider.sign(claims, provider.foreignKey), /not to be trusted.*signature/],
      ['without a signature', async (claims) => `${part({ alg: 'none' })}.${part(claims)}.`, /not to be trusted.*alg/],
      [
        'that is signed with the public key as a password',
        async (claims) => {
          const text = `${part({ alg: 'HS256', kid: 'test' })}.${part(claims)}`;
          return `${text}.${createHmac('sha256', await exportSPKI(provider.publicKey))
            .update(text)
            .digest('base64url')}`;
        },
        /not to be trusted.*alg/,
      ],
      ['that is none', async () => 'x.y.z', /does not answer as it should/, 503],
    ];
    for (const [what, make, why, status = 401] of tokens)
      it(`a token ${what}`, async () => {
        provider.otherToken = make;
        await notSignedIn('ann', status, why);
      });

    it('a token that is older by less than a minute is not', async () => {
      provider.otherToken = async (claims) => provider.sign({ ...claims, exp: now() - 40, iat: now() + 40 });
      assert.equal((await signIn('ann')).seen.status, 200);
    });

    it('a way back that is not the one that was begun', async () => {
      const browser = new SmallBrowser();
      const back = await answerProvider(browser, provider, await toProvider(browser), 'ann', (to) =>
        to.startsWith(`${plane.url}/sign-in/callback`),
      );
      const jar = new Map(browser.cookies(plane.url));
      const restore = () => {
        for (const [name, value] of jar) browser.cookies(plane.url).set(name, value);
      };
      const other = new SmallBrowser();
      const refused = async (by: SmallBrowser, url: string, why: RegExp) => {
        const seen = await by.ask(url);
        assert.equal(seen.status, 401, seen.text);
        assert.match(seen.text, why);
        assert.equal(sessionOf(by), undefined);
      };
      await refused(other, back.url, /begun in another browser/);
      // Another browser that has begun its own: the state of this one is not of that.
      await toProvider(other);
      await refused(other, back.url, /not to be trusted.*state/);
      await refused(browser, back.url.replace(/state=[^&]*/, 'state=x'), /not to be trusted.*state/);
      restore();
      await refused(
        browser,
        `${back.url.split('?')[0]}?error=access_denied&state=${new URL(back.url).searchParams.get('state')}&iss=${encodeURIComponent(provider.issuer)}`,
        /did not sign you in: access_denied/,
      );
      restore();
      await refused(browser, back.url.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fevil.example'), /not to be trusted.*iss/);
      for (const forged of ['x', [...jar.values()][0]!.slice(0, -4)]) {
        browser.cookies(plane.url).set('updraft-sign-in', forged);
        await refused(browser, back.url, /begun in another browser/);
      }
      restore();
      const start = clock.now();
      clock.set(start + 601_000);
      await refused(browser, back.url, /took more than ten minutes/);
      clock.set(start);
      restore();
      const good = await browser.ask(back.url);
      assert.equal(good.status, 303, good.text);
      assert.ok(sessionOf(browser));
      browser.cookies(plane.url).delete('updraft-session');
      restore();
      await refused(browser, back.url, /Test ID refused the control plane: invalid_grant/);
    });

    it('a way to somebody else afterwards', async () => {
      const to = [
        'https://evil.example/studio',
        '//evil.example/studio',
        '/\\evil.example/studio',
        'javascript:alert(1)',
        '/sign-in/start',
        '/studio/../updraft/who',
        '/studioevil',
        '\t//evil.example/studio',
      ];
      const browser = new SmallBrowser();
      for (const each of to) {
        const page = await browser.ask(`${plane.url}/sign-in?to=${encodeURIComponent(each)}`);
        assert.match(page.text, /href="\/sign-in\/start\?to=%2Fstudio"/, each);
        const first = await browser.go(`${plane.url}/sign-in/start?to=${encodeURIComponent(each)}`);
        const seen = await answerProvider(browser, provider, first, 'ann');
        assert.equal(seen.url, `${plane.url}/studio`, each);
      }
    });

    it('by a provider that is away, slow or tells something else, with what to do', async () => {
      const answers: [what: string, answer: TestProvider['inPlace']][] = [
        ['HTML', (_request, response) => !!response.setHeader('content-type', 'text/html').end('<h1>Welcome</h1>')],
        ['HTML as JSON', (_request, response) => !!response.setHeader('content-type', 'application/json').end('<h1>Welcome</h1>')],
        ['500', (_request, response) => !!response.writeHead(500, { 'content-type': 'application/json' }).end('{}')],
        ['404', (_request, response) => !!response.writeHead(404).end()],
        ['a redirect', (_request, response) => !!response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
        ['a cut', (request) => !!request.socket.destroy()],
        ['no end', (_request, response) => !!response.setHeader('content-type', 'application/json').write('{"issuer":')],
        ['too much', (_request, response) => !!response.setHeader('content-type', 'application/json').end(' '.repeat(2_000_000))],
        [
          'another issuer',
          (_request, response) => !!response.setHeader('content-type', 'application/json').end('{"issuer":"https://evil.example"}'),
        ],
      ];
      const start = clock.now();
      // What it says of itself is asked for again.
      clock.set(start + 2 * hour);
      for (const [what, answer] of answers) {
        provider.inPlace = answer;
        const seen = await new SmallBrowser().ask(`${plane.url}/sign-in/start`);
        assert.equal(seen.status, what === 'another issuer' ? 401 : 503, `${what}: ${seen.text}`);
        assert.match(seen.text, /does not answer as it should|not to be trusted/, what);
        assert.match(seen.text, /Sign in again/);
      }
      clock.set(start);
      provider.inPlace = undefined;
      assert.equal((await signIn('ann')).seen.status, 200);
      // Where it is away only when a browser comes back.
      for (const [what, answer] of answers.slice(0, 7)) {
        provider.inPlace = (request, response) => request.method === 'POST' && /\/token$/.test(request.url!) && answer!(request, response);
        const { browser, seen } = await signIn('ann');
        assert.ok(seen.status === 503 || seen.status === 401, `${what}: ${seen.status} ${seen.text}`);
        assert.equal(sessionOf(browser), undefined, what);
      }
    });
  });

  describe('on the command line', () => {
    const begin = async (): Promise<DeviceCode> => {
      const answer = await plane.as('')('POST', '/sign-in/device', {});
      assert.equal(answer.status, 200, answer.text);
      return answer.body;
    };
    const poll = (ticket: string) => plane.as('')('POST', '/sign-in/device/token', { ticket, machine: 'laptop' });
    async function enter({ verificationUriComplete }: DeviceCode, login: string): Promise<Seen> {
      const browser = new SmallBrowser();
      return answerProvider(browser, provider, await browser.go(verificationUriComplete!), login);
    }

    it('gives a personal token to who has entered the code', async () => {
      const device = await begin();
      assert.deepEqual((await poll(device.ticket)).body, { status: 'pending' });
      await enter(device, 'ann');
      const done = (await poll(device.ticket)).body;
      assert.equal(done.status, 'signedIn');
      assert.equal(done.name, 'ann@allowed.example');
      const ann = plane.as(done.token);
      assert.equal((await ann('GET', '/updraft/who')).body.by, 'login');
      assert.match((await ann('GET', '/updraft/team/tokens')).text, /updraft login on laptop/);
      assert.equal(Date.parse(done.expiresAt), clock.now() + 7 * 24 * hour);
      // A code is good once.
      const twice = await poll(device.ticket);
      assert.equal(twice.status, 401, twice.text);
      assert.equal((await ann('POST', '/updraft/sign-out', {})).body.ended, 1);
      assert.equal((await ann('GET', '/version')).status, 401);
    });

    it('gives none to who is no member, to a forged ticket, and after its time', async () => {
      const device = await begin();
      await enter(device, 'x7');
      const stranger = await poll(device.ticket);
      assert.equal(stranger.status, 403, stranger.text);
      for (const forged of ['', 'x', device.ticket.slice(0, -3)]) assert.equal((await poll(forged)).status, 401, forged);
      const start = clock.now();
      clock.set(start + 700_000);
      assert.match((await poll(device.ticket)).text, /The time for this code is over/);
      clock.set(start);
    });

    it('says what a lying provider does there, too', async () => {
      const device = await begin();
      await enter(device, 'ann');
      provider.otherToken = async (claims) => provider.sign(claims, provider.foreignKey);
      const answer = await poll(device.ticket);
      assert.equal(answer.status, 401);
      assert.match(answer.text, /not to be trusted/);
    });
  });

  describe('of programs', () => {
    const tokenAt = async (form: Record<string, string>, tenant: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${plane.url}/${tenant}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { connection: 'close', ...headers },
      });
      return { status: response.status, body: (await response.json()) as any, headers: response.headers };
    };
    let tenant: string;
    let audience: string;
    let secret: any;
    before(async () => {
      const { member } = await plane.add('nightly', 'AzureML Data Scientist', 'vision', { kind: 'service' });
      const made = await plane.send('POST', '/updraft/team/secrets', { member: 'nightly', name: 'ci', days: 10 });
      assert.equal(made.status, 201, made.text);
      secret = made.body;
      assert.equal(secret.clientId, member.id);
      tenant = secret.tenantId;
      audience = ((await (await fetch(`${plane.url}/metadata/endpoints`)).json()) as any)[0].authentication.audiences[0];
    });
    const right = () => ({
      grant_type: 'client_credentials',
      client_id: secret.clientId,
      client_secret: secret.clientSecret,
      scope: `${audience}/.default`,
    });

    it('gives a token of Azure for id and secret, which ends with the secret', async () => {
      const { status, body } = await tokenAt(right(), tenant);
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.token_type, 'Bearer');
      const program = plane.as(body.access_token);
      assert.equal((await program('GET', `${workspaceAt('vision')}/jobs`)).status, 200);
      assert.equal((await program('GET', '/updraft/who')).status, 401, 'it opens nothing but what Azure has');
      const basic = Buffer.from(`${secret.clientId}:${encodeURIComponent(secret.clientSecret)}`).toString('base64');
      const byHeader = await tokenAt({ grant_type: 'client_credentials', scope: `${audience}.default` }, tenant, {
        authorization: `Basic ${basic}`,
      });
      assert.equal(byHeader.status, 200, JSON.stringify(byHeader.body));
      const listed = (await plane.send('GET', '/updraft/team/secrets?member=nightly')).text;
      assert.ok(listed.includes(secret.id) && !listed.includes(secret.clientSecret));
      const second = (await plane.send('POST', '/updraft/team/secrets', { member: 'nightly', name: 'next' })).body;
      assert.equal((await plane.send('DELETE', `/updraft/team/secrets/${secret.id}`)).status, 204);
      assert.equal((await program('GET', `${workspaceAt('vision')}/jobs`)).status, 401);
      assert.equal((await tokenAt(right(), tenant)).status, 401);
      secret = { ...second, tenantId: tenant };
      assert.equal((await tokenAt(right(), tenant)).status, 200);
    });

    it('refuses everything else in the words of OAuth', async () => {
      const cases: [Record<string, string>, string, number, string][] = [
        [{ ...right(), client_secret: `${secret.clientSecret.slice(0, -1)}_` }, tenant, 401, 'invalid_client'],
        [{ ...right(), client_secret: '' }, tenant, 401, 'invalid_client'],
        [{ ...right(), client_id: crypto.randomUUID() }, tenant, 401, 'invalid_client'],
        [{ ...right(), client_secret: secret.clientSecret.replace('secret_', 'updraft_') }, tenant, 401, 'invalid_client'],
        [right(), crypto.randomUUID(), 400, 'invalid_tenant'],
        [right(), 'common', 400, 'invalid_tenant'],
        [{ ...right(), grant_type: 'password' }, tenant, 400, 'unsupported_grant_type'],
        [{ ...right(), scope: 'https://graph.microsoft.com/.default' }, tenant, 400, 'invalid_scope'],
        [{ ...right(), scope: '' }, tenant, 400, 'invalid_scope'],
      ];
      for (const [form, at, status, error] of cases) {
        const answer = await tokenAt(form, at);
        assert.equal(answer.status, status, JSON.stringify([form, answer.body]));
        assert.equal(answer.body.error, error);
        assert.equal(typeof answer.body.error_description, 'string');
      }
      const start = clock.now();
      clock.set(start + 91 * 24 * hour);
      const late = await tokenAt(right(), tenant);
      clock.set(start);
      assert.equal(late.status, 401);
      assert.match(late.body.error_description, /The secret "next" of nightly expired/);
      for (const person of ['olga@example.org', 'readers'])
        assert.match((await plane.send('POST', '/updraft/team/secrets', { member: person, name: 'x' })).text, /is no program/);
    });

    it('looks no more at a secret that was tried too often, for a minute', async () => {
      const start = clock.now();
      // What others did wrong before is forgotten.
      clock.set(start + 120_000);
      const wrong = { ...right(), client_secret: `${secret.clientSecret.slice(0, -1)}_` };
      let answer = await tokenAt(wrong, tenant);
      for (let tries = 0; tries < 40 && answer.status === 401; tries++) answer = await tokenAt(wrong, tenant);
      assert.equal(answer.status, 429);
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
      assert.equal((await tokenAt(right(), tenant)).status, 429, 'the right one neither');
      // Others at the same address go on.
      const other = (await plane.send('POST', '/updraft/team/secrets', { member: 'nightly', name: 'other' })).body;
      assert.equal((await tokenAt({ ...right(), client_secret: other.clientSecret }, tenant)).status, 200);
      const forged = `updraft_0123456789abcdef_${'x'.repeat(43)}`;
      let personal = await plane.as(forged)('GET', '/version');
      for (let tries = 0; tries < 40 && personal.status === 401; tries++) personal = await plane.as(forged)('GET', '/version');
      assert.equal(personal.status, 429, personal.text);
      clock.set(start + 181_000);
      assert.equal((await tokenAt(right(), tenant)).status, 200);
      clock.set(start);
    });
  });
});
