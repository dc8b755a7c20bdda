import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { answerProvider, startIdentityProvider, type TestProvider } from './identityProvider.ts';
import { SetClock } from './setClock.ts';
import { type Seen, SmallBrowser } from './smallBrowser.ts';
import { startTeam, type TeamPlane, workspaceAt } from './team.ts';

describe('sign-in with an identity provider', () => {
  let provider: TestProvider;
  let plane: TeamPlane;
  let clock: SetClock;
  before(async () => {
    provider = await startIdentityProvider();
    clock = new SetClock(new Date().toISOString());
    plane = await startTeam(mkdtempSync(path.join(tmpdir(), 'updraft-')), clock, {
      issuer: provider.issuer,
      clientId: provider.clientId,
      allowedDomains: ['allowed.example'],
      allowedGroups: ['ml-team'],
      providerName: 'Test ID',
    }, { UPDRAFT_CLIENT_SECRET: provider.clientSecret });
    await provider.open(plane.url);
  });
  after(async () => {
    await plane?.remove();
    await provider?.close();
  });

  it('works', async () => {
    provider.people.ann = { email: 'ann@allowed.example', email_verified: true, name: 'Ann' };
    const browser = new SmallBrowser();
    let seen = await browser.go(`${plane.url}/studio/jobs/x`);
    console.log(seen.url, seen.status);
    const href = /href="([^"]+)"/.exec(seen.text)![1]!.replaceAll('&amp;', '&');
    seen = await browser.go(new URL(href, seen.url).href);
    console.log(seen.url, seen.status);
    seen = await answerProvider(browser, provider, seen, 'ann');
    console.log(seen.url, seen.status, seen.text.slice(0, 1500));
    console.log(browser.visited.map((e) => e.slice(0, 100)), [...browser.cookies(plane.url).keys()]);
    const who = await browser.ask(`${plane.url}/updraft/who`);
    console.log(who.status, who.text);
  });
});
