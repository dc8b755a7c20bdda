import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { startIdentityProvider, type TestProvider } from '../contract/identityProvider.ts';
import { startTeam, type TeamPlane } from '../contract/team.ts';
import { axeFaults } from './axeFaults.ts';
import { closeBrowser, closeTab, openTab, shoot } from './browser.ts';

describe('the Studio of a team that signs in', () => {
  let provider: TestProvider;
  let plane: TeamPlane;
  before(async () => {
    provider = await startIdentityProvider();
    provider.people.ann = { email: 'ann@example.org', email_verified: true, name: 'Ann Example' };
    plane = await startTeam(mkdtempSync(path.join(tmpdir(), 'updraft-')), undefined, {
      signIn: { issuer: provider.issuer, clientId: provider.clientId, providerName: 'Test ID' },
      environment: {
        UPDRAFT_CLIENT_SECRET: provider.clientSecret,
        UPDRAFT_STUDIO_FOLDER: path.resolve(import.meta.dirname, '../../dist/webview'),
      },
    });
    await provider.open(plane.url);
    await plane.makeWorkspace('vision');
    const added = await plane.send('POST', '/updraft/team/members', {
      kind: 'user',
      name: 'ann@example.org',
      role: 'AzureML Data Scientist',
      workspace: 'vision',
    });
    assert.equal(added.status, 201, added.text);
  });
  after(async () => {
    await closeBrowser();
    await plane?.remove();
    await provider?.close();
  });

  it('opens the sign-in, comes back to the page, shows who it is, works, and signs out', async () => {
    const tab = await openTab();
    const { page, context } = tab;
    await page.goto(`${plane.url}/studio/jobs?status=failed`);
    const link = page.getByRole('link', { name: 'Sign in with Test ID' });
    await link.waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-studio-sign-in');
    assert.deepEqual(tab.errors, []);
    await link.click();
    await page.locator('input[name=login]').fill('ann');
    await page.locator('input[name=password]').fill('any');
    await page.locator('button[type=submit]').click();
    await page.getByRole('button', { name: 'Continue' }).click();

    // The provider's own pages ask for a font that is not there.
    await page.waitForURL(`${plane.url}/studio/**`);
    tab.errors.length = 0;
    // Her only workspace is the one that is shown.
    await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor();
    assert.equal(page.url(), `${plane.url}/studio/jobs?status=failed&workspace=vision`);
    await page.getByText('No job matches.').waitFor();
    const account = page.getByText('Ann Example');
    await account.click();
    await page.getByText('AzureML Data Scientist').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-studio-account');
    // No script sees what she is signed in with.
    assert.equal(await page.evaluate(() => document.cookie), '');
    assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage)), '{}');

    // A second tab of the same browser is signed in, and follows when the first signs out.
    const other = await context.newPage();
    await other.goto(`${plane.url}/studio/runs`);
    await other.getByText('Ann Example').waitFor();
    assert.deepEqual(tab.errors, []);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await link.waitFor();
    // The feed of the page may have been refused before the page was gone.
    assert.deepEqual(
      tab.errors.splice(0).filter((each) => !/401/.test(each)),
      [],
    );
    await other.getByText('You are signed in no more.').waitFor();
    assert.match((await other.getByRole('link', { name: 'Sign in again' }).getAttribute('href'))!, /^\/sign-in\?to=%2Fstudio%2Fruns/);
    await other.close();
    await page.goto(`${plane.url}/studio/runs`);
    await link.waitFor();
    await closeTab(tab);
  });
});
