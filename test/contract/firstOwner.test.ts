import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { answerProvider, startIdentityProvider, type TestProvider } from './identityProvider.ts';
import { SetClock } from './setClock.ts';
import { type Seen, SmallBrowser } from './smallBrowser.ts';
import { type Answer, startTeam, type TeamPlane } from './team.ts';

const hour = 3600_000;

describe('the first Owner', () => {
  let plane: TeamPlane;
  const invite = async (name?: string): Promise<string> => {
    const { status, text, body } = await plane.send('POST', '/updraft/team/invitation', name === undefined ? {} : { name });
    assert.equal(status, 201, text);
    assert.ok(body.link.startsWith(`${plane.url}/sign-in/first#invitation_`), body.link);
    return body.link.split('#')[1];
  };
  /** What the page does with the part of the link behind the #. */
  async function open(invitation: string, browser = new SmallBrowser()): Promise<Answer> {
    const response = await fetch(`${plane.url}/sign-in/first`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: plane.url },
      body: JSON.stringify({ invitation }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';')[0]!.split(/=(.*)/s);
      browser.cookies(plane.url).set(name, value);
    }
    const text = await response.text();
    return { status: response.status, text, body: JSON.parse(text) };
  }
  const owners = async (): Promise<string[]> =>
    (await plane.send('GET', '/updraft/team/members')).body.value
      .filter(({ roles }: any) => roles.some(({ role }: any) => role === 'Owner'))
      .map(({ name }: any) => name);
  const secretOf = (invitation: string): string => invitation.slice('invitation_0123456789abcdef_'.length);
  /** That no file of the plane has this text. */
  const isNowhere = (secret: string) => {
    for (const file of globSync('**/*', { cwd: plane.folder, withFileTypes: true }))
      if (file.isFile()) assert.ok(!readFileSync(path.join(file.parentPath, file.name)).includes(secret), file.name);
  };

  describe('of a plane with an identity provider', () => {
    let provider: TestProvider;
    let clock: SetClock;
    before(async () => {
      provider = await startIdentityProvider();
      clock = new SetClock(new Date().toISOString());
      plane = await startTeam(mkdtempSync(path.join(tmpdir(), 'updraft-')), clock, {
        signIn: { issuer: provider.issuer, clientId: provider.clientId, providerName: 'Test ID', patience: 1 },
        environment: { UPDRAFT_CLIENT_SECRET: provider.clientSecret },
      });
      await provider.open(plane.url);
      // It vouches for no mail of Olga's.
      provider.people['olga-1'] = { email: 'olga@example.org', name: 'Olga' };
      provider.people.eve = { email: 'eve@example.org', email_verified: true };
    });
    after(async () => {
      await plane?.remove();
      await provider?.close();
    });
    /** From the link to the provider's pages, and back. */
    async function signIn(invitation: string, login: string): Promise<{ browser: SmallBrowser; seen: Seen }> {
      const browser = new SmallBrowser();
      const { status, text, body } = await open(invitation, browser);
      assert.equal(status, 200, text);
      return { browser, seen: await answerProvider(browser, provider, await browser.go(body.address), login) };
    }
    const notSignedIn = ({ seen, browser }: { seen: Seen; browser: SmallBrowser }, why: RegExp) => {
      assert.ok(seen.status >= 400, String(seen.status));
      assert.match(seen.text, why);
      assert.doesNotMatch(seen.text, /\n\s+at |undefined/);
      assert.equal(browser.cookies(plane.url).get('updraft-session'), undefined);
    };

    it('has a page that runs its own script alone', async () => {
      const { status, text, headers } = await new SmallBrowser().ask(`${plane.url}/sign-in/first`);
      assert.equal(status, 200);
      const nonce = /<script nonce="([^"]+)">/.exec(text)![1]!;
      assert.match(headers.get('content-security-policy')!, /default-src 'none'/);
      assert.ok(headers.get('content-security-policy')!.includes(`script-src 'nonce-${nonce}'; connect-src 'self'`));
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.match(text, /Sign in with Test ID/);
    });

    it('is not who comes late, guesses, or has a link in whose place another was made', async () => {
      const first = await invite();
      const second = await invite();
      const replaced = await open(first);
      assert.equal(replaced.status, 401);
      assert.match(replaced.text, /another was made after it.*updraft team init/s);
      const begun = new SmallBrowser();
      const { body } = await open(second, begun);
      const start = clock.now();
      clock.set(start + hour);
      const late = await open(second);
      assert.equal(late.status, 403);
      assert.match(late.text, /This link was good until .*updraft team init/s);
      clock.set(start);
      // Begun in time, and over by when it ends.
      const page = await answerProvider(begun, provider, await begun.go(body.address), 'olga-1', (to) => to.includes('/sign-in/callback'));
      clock.set(start + 599_000);
      await invite();
      notSignedIn({ seen: await begun.go(page.url), browser: begun }, /another was made after it/);
      clock.set(start);
      const wrong = `${second.slice(0, -4)}AAAA`;
      const seen: number[] = [];
      for (let n = 0; n < 25; n++) seen.push((await open(wrong)).status);
      assert.deepEqual([seen[0], seen.at(-1)], [401, 429]);
      for (const text of ['', 'x', `updraft_${second.slice(11)}`]) assert.ok([401, 429].includes((await open(text)).status), text);
      clock.set(start + 61_000);
      assert.deepEqual(await owners(), []);
      // It opens nothing else, and no other secret opens this.
      const good = await invite();
      assert.equal((await plane.as(good)('GET', '/version')).status, 401);
      for (const as of [plane.as(`updraft_${good.slice(11)}`)]) assert.equal((await as('GET', '/version')).status, 401);
    });

    it('is not who has signed in as somebody else than the link is for', async () => {
      notSignedIn(
        await signIn(await invite('olga@example.org'), 'eve'),
        /This link is for olga@example\.org, and you have signed in at Test ID as eve/,
      );
      assert.deepEqual(await owners(), []);
    });

    it('is who opens the link first and signs in; for everybody else it is over', async () => {
      const invitation = await invite('olga@example.org');
      const two = [new SmallBrowser(), new SmallBrowser()];
      const begun = [];
      for (const browser of two) begun.push((await open(invitation, browser)).body.address);
      const [olga, again] = two as [SmallBrowser, SmallBrowser];
      const seen = await answerProvider(olga, provider, await olga.go(begun[0]), 'olga-1');
      assert.equal(seen.url, `${plane.url}/studio`);
      assert.deepEqual(await owners(), ['olga@example.org']);
      const who = await fetch(`${plane.url}/updraft/who`, { headers: { cookie: olga.cookieHeader(plane.url) } });
      const { name, by, roles } = (await who.json()) as any;
      assert.deepEqual([name, by, roles[0].role], ['olga@example.org', 'session', 'Owner']);
      notSignedIn(
        { seen: await answerProvider(again, provider, await again.go(begun[1]), 'olga-1'), browser: again },
        /it was used already/,
      );
      const used = await open(invitation);
      assert.equal(used.status, 401);
      assert.match(used.text, /it was used already.*Ask the Owner/s);
      const more = await plane.send('POST', '/updraft/team/invitation', {});
      assert.equal(more.status, 409);
      assert.match(more.text, /has an Owner already/);
      // She signs in as anybody does from now on, by what the provider knows her by.
      const later = new SmallBrowser();
      const back = await answerProvider(later, provider, await later.go(`${plane.url}/sign-in/start?to=/studio`), 'olga-1');
      assert.equal(back.url, `${plane.url}/studio`, back.text);
      // The secret was in no address that a server is asked for, and is kept nowhere.
      const secret = secretOf(invitation);
      for (const browser of two) assert.ok(!browser.visited.some((each) => each.includes(secret)));
      isNowhere(secret);
      const { value } = (await plane.send('GET', '/updraft/audit')).body;
      assert.ok(value.some(({ path: to, outcome }: any) => to === '/updraft/team/invitation' && outcome === 'done'));
      assert.ok(value.some(({ path: to, outcome }: any) => to === '/sign-in/first' && outcome === 'refused'));
    });
  });

  describe('of a plane without one', () => {
    before(async () => {
      plane = await startTeam(mkdtempSync(path.join(tmpdir(), 'updraft-')));
    });
    after(() => plane?.remove());

    it('must be named', async () => {
      for (const [name, why] of [
        [undefined, /Give the address of mail of the first Owner/],
        ['olga', /olga\\" is no address of mail/],
      ] as const) {
        const answer = await plane.send('POST', '/updraft/team/invitation', name === undefined ? {} : { name });
        assert.equal(answer.status, 400);
        assert.match(answer.text, why);
      }
    });

    it('gets a personal token by the link, once, however many open it', async () => {
      const invitation = await invite('olga@example.org');
      const all = await Promise.all([open(invitation), open(invitation), open(invitation)]);
      const [won, ...more] = all.filter(({ status }) => status === 200);
      assert.deepEqual(more, []);
      assert.deepEqual(
        all.filter(({ status }) => status !== 200).map(({ status }) => status),
        [401, 401],
      );
      assert.deepEqual(await owners(), ['olga@example.org']);
      const olga = plane.as(won!.body.token);
      assert.equal((await olga('POST', '/updraft/team/members', { kind: 'user', name: 'ann@example.org', role: 'Reader' })).status, 201);
      isNowhere(secretOf(invitation));
    });
  });

  it('is for who operates the plane to invite', async () => {
    plane = await startTeam();
    try {
      const ann = plane.as((await plane.add('ann@example.org', 'Contributor')).token.token);
      assert.equal((await ann('POST', '/updraft/team/invitation', { name: 'ann@example.org' })).status, 403);
    } finally {
      await plane.remove();
    }
  });
});
