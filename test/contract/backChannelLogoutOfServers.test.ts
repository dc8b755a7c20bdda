import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { answerProvider, startIdentityProvider, type TestProvider } from './identityProvider.ts';
import { type PlaneServer, type Servers, startServers } from './servers/servers.ts';
import { SmallBrowser } from './smallBrowser.ts';

describe('a logout at the identity provider of several servers', function () {
  this.timeout(60_000);
  let folder: string;
  let provider: TestProvider;
  let plane: Servers;
  let servers: PlaneServer[];
  before(async function () {
    // The first run on a machine makes the server of S3.
    this.timeout(600_000);
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-'));
    provider = await startIdentityProvider();
    const secretFile = path.join(folder, 'client-secret');
    writeFileSync(secretFile, provider.clientSecret);
    const options = ['--issuer', provider.issuer, '--client-id', provider.clientId, '--client-secret-file', secretFile];
    ({ plane, servers } = await startServers(['one', 'two'], { options }));
    await provider.open(plane.balancer.url);
    provider.people.ann = { email: 'ann@example.org', email_verified: true };
    const added = await fetch(`${plane.balancer.url}/updraft/team/members`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'user', name: 'ann@example.org', role: 'Reader' }),
    });
    assert.equal(added.status, 201, await added.text());
  });
  after(async () => {
    await plane?.remove();
    await provider?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('ends sessions on each of them, with open feeds, whichever it is sent to, and counts once for all', async () => {
    const browser = new SmallBrowser();
    const { url } = plane.balancer;
    const seen = await answerProvider(browser, provider, await browser.go(`${url}/sign-in/start?to=/studio`), 'ann');
    const cookie = browser.cookieHeader(url);
    assert.match(cookie, /session/, seen.text);
    const ask = (server: PlaneServer, to: string) => fetch(server.url + to, { headers: { cookie, host: new URL(url).host } });
    const feeds = await Promise.all(servers.map((server) => ask(server, '/changes')));
    assert.deepEqual(
      feeds.map(({ status }) => status),
      [200, 200],
    );
    const readers = feeds.map((feed) => feed.body!.getReader());
    await Promise.all(readers.map((reader) => reader.read()));
    const now = Math.floor(Date.now() / 1000);
    const token = await provider.sign({
      iss: provider.issuer,
      aud: provider.clientId,
      sub: 'ann',
      iat: now,
      exp: now + 120,
      jti: crypto.randomUUID(),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    const send = (server: PlaneServer) =>
      fetch(`${server.url}/sign-in/back-channel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token: token }) });
    assert.equal((await send(servers[0]!)).status, 200);
    for (const server of servers) assert.equal((await ask(server, '/updraft/who')).status, 401, server.name);
    for (const reader of readers) for (;;) if ((await reader.read()).done) break;
    const again = await send(servers[1]!);
    assert.equal(again.status, 400);
    assert.match(await again.text(), /it has come before/);
  });
});
