import assert from 'node:assert/strict';
import { type CryptoKey, exportSPKI, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { after, afterEach, before, describe, it } from 'mocha';
import { answerProvider, startIdentityProvider, type TestProvider } from './identityProvider.ts';
import { SmallBrowser } from './smallBrowser.ts';
import { startTeam, type TeamPlane } from './team.ts';

const event = { 'http://schemas.openid.net/event/backchannel-logout': {} };

describe('a logout at the identity provider', () => {
  let provider: TestProvider;
  let plane: TeamPlane;
  /** What the provider said of the session of a sign-in, by its person. */
  const sids = new Map<string, string>();
  before(async () => {
    provider = await startIdentityProvider();
    plane = await startTeam(undefined, undefined, {
      signIn: {
        issuer: provider.issuer,
        clientId: provider.clientId,
        allowedDomains: ['allowed.example'],
        providerName: 'Test ID',
        patience: 1,
      },
      environment: { UPDRAFT_CLIENT_SECRET: provider.clientSecret },
    });
    await provider.open(plane.url);
    await plane.add('ann@allowed.example', 'Reader');
    for (const name of ['ann', 'bob']) provider.people[name] = { email: `${name}@allowed.example`, email_verified: true };
    provider.otherToken = (claims) => {
      sids.set(claims.sub!, claims.sid as string);
      return provider.sign(claims);
    };
  });
  afterEach(() => {
    provider.inPlace = undefined;
  });
  after(async () => {
    await plane?.remove();
    await provider?.close();
  });

  /** Signs in; answers the browser, and what the provider calls its session. */
  async function signIn(login: string): Promise<{ browser: SmallBrowser; sid: string }> {
    const browser = new SmallBrowser();
    const first = await browser.go(`${plane.url}/sign-in/start?to=/studio`);
    const seen = await answerProvider(browser, provider, first, login);
    assert.equal(seen.status, 200, seen.text);
    return { browser, sid: sids.get(login)! };
  }
  const who = async (browser: SmallBrowser): Promise<number> => {
    const response = await fetch(`${plane.url}/updraft/who`, { headers: { cookie: browser.cookieHeader(plane.url) } });
    await response.body?.cancel();
    return response.status;
  };
  const now = (): number => Math.floor(Date.now() / 1000);
  /** The claims of a right logout token. */
  const claimsFor = (more: JWTPayload): JWTPayload => ({
    iss: provider.issuer,
    aud: provider.clientId,
    iat: now(),
    exp: now() + 120,
    jti: crypto.randomUUID(),
    events: event,
    ...more,
  });
  async function send(token: string | undefined): Promise<{ status: number; text: string; cache: string | null }> {
    const response = await fetch(`${plane.url}/sign-in/back-channel-logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(token === undefined ? {} : { logout_token: token }),
    });
    return { status: response.status, text: await response.text(), cache: response.headers.get('cache-control') };
  }
  const sendClaims = async (more: JWTPayload, key?: CryptoKey | Uint8Array, header: Partial<JWTHeaderParameters> = { typ: 'logout+jwt' }) =>
    send(await provider.sign(claimsFor(more), key, header));

  it("ends the sessions here that were begun in the provider's, as a real provider sends it, with open feeds", async () => {
    const { browser } = await signIn('ann');
    const other = await signIn('ann');
    const bob = await signIn('bob');
    const feed = await fetch(`${plane.url}/changes`, { headers: { cookie: browser.cookieHeader(plane.url) } });
    assert.equal(feed.status, 200);
    const reader = feed.body!.getReader();
    await reader.read();
    // The provider asks whether that is meant.
    const asked = await browser.go(`${provider.issuer}/session/end`);
    const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(asked.text) ?? [];
    assert.ok(xsrf, asked.text);
    const ended = await browser.go(`${provider.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
    assert.equal(ended.status, 200, ended.text);
    assert.equal(await who(browser), 401);
    for (;;) if ((await reader.read()).done) break;
    assert.deepEqual([await who(other.browser), await who(bob.browser)], [200, 200]);
    const { value } = (await plane.send('GET', '/updraft/audit?action=signOut')).body;
    assert.deepEqual([value.length, value[0].who.name, value[0].path], [1, 'ann@allowed.example', '/sign-in/back-channel-logout']);
  });

  it('ends the session that it names, or all of the person, and no personal token', async () => {
    const [one, two, bob] = [await signIn('ann'), await signIn('ann'), await signIn('bob')];
    const { id } = (await plane.send('GET', '/updraft/team/members')).body.value.find(({ name }: any) => name === 'ann@allowed.example');
    const personal = (await plane.send('POST', '/updraft/team/tokens', { name: 'by hand', member: id })).body.token;
    // The session of one, with the subject of another: nobody's.
    assert.equal((await sendClaims({ sid: one.sid, sub: 'bob' })).status, 200);
    assert.equal(await who(one.browser), 200);
    const done = await sendClaims({ sid: one.sid });
    assert.deepEqual([done.status, done.text, done.cache], [200, '', 'no-store']);
    assert.deepEqual([await who(one.browser), await who(two.browser)], [401, 200]);
    assert.equal((await sendClaims({ sub: 'ann' })).status, 200);
    assert.deepEqual([await who(two.browser), await who(bob.browser)], [401, 200]);
    assert.equal((await plane.as(personal)('GET', '/version')).status, 200);
    // A session that is not there any more is no error.
    assert.equal((await sendClaims({ sid: one.sid, sub: 'ann' })).status, 200);
  });

  it('ends what `updraft login` got, too', async () => {
    const post = async (to: string, body: object): Promise<any> =>
      (await fetch(plane.url + to, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
    const { ticket, verificationUriComplete } = await post('/sign-in/device', {});
    const browser = new SmallBrowser();
    await answerProvider(browser, provider, await browser.go(verificationUriComplete), 'ann');
    const { token } = await post('/sign-in/device/token', { ticket, machine: 'laptop' });
    assert.equal((await plane.as(token)('GET', '/version')).status, 200);
    assert.equal((await sendClaims({ sid: sids.get('ann')! })).status, 200);
    assert.equal((await plane.as(token)('GET', '/version')).status, 401);
  });

  it('counts once', async () => {
    const token = await provider.sign(claimsFor({ sub: 'ann' }), undefined, { typ: 'logout+jwt' });
    assert.deepEqual((await Promise.all([send(token), send(token), send(token)])).map(({ status }) => status).sort(), [200, 400, 400]);
    const { browser } = await signIn('ann');
    const again = await send(token);
    assert.equal(again.status, 400);
    assert.match(again.text, /it has come before/);
    assert.equal(await who(browser), 200);
  });

  describe('is not taken by a token', () => {
    let browser: SmallBrowser;
    let sid: string;
    before(async () => {
      ({ browser, sid } = await signIn('bob'));
    });
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    /** What is wrong, how it is sent, and what is said of it. */
    const cases: [what: string, send: () => ReturnType<typeof send>, why: RegExp][] = [
      ['of another issuer', () => sendClaims({ sid, iss: 'https://evil.example' }), /claim \\?"iss\\?" is wrong/],
      ['without an issuer', () => sendClaims({ sid, iss: undefined }), /claim \\?"iss\\?" is missing/],
      ['for somebody else', () => sendClaims({ sid, aud: 'another' }), /claim \\?"aud\\?" is wrong/],
      ['for nobody', () => sendClaims({ sid, aud: undefined }), /claim \\?"aud\\?" is missing/],
      ['that was made in the future', () => sendClaims({ sid, iat: now() + 300, exp: now() + 600 }), /claim \\?"iat\\?" is wrong/],
      ['that was made long ago', () => sendClaims({ sid, iat: now() - 3600 }), /it is too old/],
      ['that does not say when it was made', () => sendClaims({ sid, iat: undefined }), /claim \\?"iat\\?" is missing/],
      ['that has expired', () => sendClaims({ sid, iat: now() - 300, exp: now() - 120 }), /it has expired/],
      ['that does not expire', () => sendClaims({ sid, exp: undefined }), /claim \\?"exp\\?" is missing/],
      ['without a number of its own', () => sendClaims({ sid, jti: undefined }), /claim \\?"jti\\?" is missing/],
      ['whose number is none', () => sendClaims({ sid, jti: 7 as never }), /jti/],
      ['without an event', () => sendClaims({ sid, events: undefined }), /claim \\?"events\\?" is missing/],
      ['of another event', () => sendClaims({ sid, events: { 'http://schemas.openid.net/event/other': {} } }), /no event of a logout/],
      ['whose event is no object', () => sendClaims({ sid, events: { [Object.keys(event)[0]!]: true } }), /no event of a logout/],
      ['with a nonce', () => sendClaims({ sid, nonce: 'n' }), /it has a nonce/],
      ['that names nobody', () => sendClaims({}), /neither a subject nor a session/],
      ['whose session is no text', () => sendClaims({ sid: { $ne: '' } }), /no text/],
      ['of another type', () => sendClaims({ sid }, undefined, { typ: 'at+jwt' }), /its type is at\+jwt/],
      ['of a key that the provider does not publish', () => sendClaims({ sid }, provider.foreignKey), /none of the keys/],
      ['that names another key', () => sendClaims({ sid }, provider.foreignKey, { kid: 'another' }), /none of the keys/],
      [
        'with the algorithm "none"',
        () => send(`${encoded({ alg: 'none', typ: 'logout+jwt' })}.${encoded(claimsFor({ sid }))}.`),
        /signed in a way that the provider does not use|no signed JWT/,
      ],
      [
        'signed with the public key as if it were a shared one',
        async () =>
          sendClaims({ sid }, new TextEncoder().encode(await exportSPKI(provider.publicKey)), { alg: 'HS256', typ: 'logout+jwt' }),
        /signed in a way that the provider does not use/,
      ],
      [
        'signed with the secret of the client',
        () => sendClaims({ sid }, new TextEncoder().encode(provider.clientSecret.padEnd(32)), { alg: 'HS256', typ: 'logout+jwt' }),
        /signed in a way that the provider does not use/,
      ],
      ['that is none', () => send('x'), /no signed JWT/],
      ['that is not there', () => send(undefined), /no logout_token/],
      ['that is long', () => send('x'.repeat(20_000)), /./],
    ];
    for (const [what, ask, why] of cases)
      it(what, async () => {
        const { status, text } = await ask();
        assert.ok(status === 400 || status === 413, `${status} ${text}`);
        assert.match(text, why);
        assert.doesNotMatch(text, /\n\s+at |undefined/);
        assert.equal(await who(browser), 200);
      });

    it('that is an ID token', async () => {
      const idToken = { iss: provider.issuer, aud: provider.clientId, sub: 'bob', sid, iat: now(), exp: now() + 600, nonce: 'n' };
      assert.equal((await send(await provider.sign(idToken))).status, 400);
      assert.equal(await who(browser), 200);
    });

    it('but is taken by one without a type, as providers made them before', async () => {
      assert.equal((await sendClaims({ sid }, undefined, {})).status, 200);
      assert.equal(await who(browser), 401);
    });
  });

  it('says that it may come again where the keys of the provider can not be had', async () => {
    const lonely = await startIdentityProvider();
    const other = await startTeam(undefined, undefined, {
      signIn: { issuer: lonely.issuer, clientId: lonely.clientId, patience: 1 },
      environment: { UPDRAFT_CLIENT_SECRET: lonely.clientSecret },
    });
    try {
      await lonely.open(other.url);
      lonely.inPlace = (request, response) => {
        if (!request.url!.endsWith('/jwks')) return false;
        response.writeHead(500).end();
        return true;
      };
      const ask = async () => {
        const claims = { ...claimsFor({ sub: 'ann' }), iss: lonely.issuer };
        const response = await fetch(`${other.url}/sign-in/back-channel-logout`, {
          method: 'POST',
          body: new URLSearchParams({ logout_token: await lonely.sign(claims) }),
        });
        return { status: response.status, text: await response.text() };
      };
      const away = await ask();
      assert.ok(away.status >= 500, `${away.status} ${away.text}`);
      assert.match(away.text, /keys of the identity provider can not be had/);
      lonely.inPlace = undefined;
      assert.equal((await ask()).status, 200);
    } finally {
      await other.remove();
      await lonely.close();
    }
  });

  it('is no address of a plane without sign-in', async () => {
    const plain = await startTeam();
    try {
      const answer = await plain.send('POST', '/sign-in/back-channel-logout', 'logout_token=x');
      assert.equal(answer.status, 404);
    } finally {
      await plain.remove();
    }
  });
});
