import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'mocha';
import { startIdentityProvider } from '../contract/identityProvider.ts';
import { startTeam, type TeamPlane } from '../contract/team.ts';
import { axeFaults } from './axeFaults.ts';
import { closeBrowser, closeTab, openTab, shoot } from './browser.ts';

describe('the page of the first Owner', () => {
  after(() => closeBrowser());
  const studio = { UPDRAFT_STUDIO_FOLDER: path.resolve(import.meta.dirname, '../../dist/webview') };
  const folder = () => mkdtempSync(path.join(tmpdir(), 'updraft-'));
  async function invite(plane: TeamPlane, name?: string): Promise<string> {
    const { status, text, body } = await plane.send('POST', '/updraft/team/invitation', name === undefined ? {} : { name });
    assert.equal(status, 201, text);
    return body.link;
  }

  it('shows a personal token once, where people do not sign in, and says why a link is not good', async () => {
    const plane = await startTeam(folder(), undefined, { environment: studio });
    try {
      const link = await invite(plane, 'olga@example.org');
      const tab = await openTab({ width: 420, height: 640 });
      const { page } = tab;
      await page.goto(link);
      const go = page.getByRole('button', { name: 'Become the Owner' });
      // The secret is in no history, and a look at the page has not used it up.
      assert.equal(page.url(), `${plane.url}/sign-in/first`);
      assert.deepEqual(await axeFaults(page), []);
      await shoot(page, 'pages-first-owner');
      await page.keyboard.press('Tab');
      assert.ok(await go.evaluate((button) => button === document.activeElement));
      await page.keyboard.press('Enter');
      await page.getByText(/You are the Owner of this control plane, as olga@example\.org/).waitFor();
      const lines = (await page.locator('pre').textContent())!;
      const [, url, token] = /^export MLFLOW_TRACKING_URI='([^']+)'\nexport MLFLOW_TRACKING_TOKEN='([^']+)'$/.exec(lines)!;
      assert.equal(url, plane.url);
      assert.equal((await plane.as(token!)('GET', '/updraft/team/members')).status, 200);
      assert.deepEqual(await axeFaults(page), []);
      await shoot(page, 'pages-first-owner-token');
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
      assert.deepEqual(tab.errors, []);
      await page.goto('about:blank');
      await page.goto(link);
      await go.click();
      await page
        .getByRole('alert')
        .getByText(/it was used already.*Ask the Owner to add you/)
        .waitFor();
      assert.deepEqual(await axeFaults(page), []);
      await shoot(page, 'pages-first-owner-used');
      // The browser tells of the answer.
      assert.ok(tab.errors.splice(0).every((each) => /401/.test(each)));
      await page.goto('about:blank');
      await page.goto(`${plane.url}/sign-in/first`);
      await page
        .getByRole('alert')
        .getByText(/The part of the link behind the # is missing/)
        .waitFor();
      assert.equal(await go.isVisible(), false);
      await closeTab(tab);
    } finally {
      await plane.remove();
    }
  });

  it('leads to the identity provider, and from there to the Studio', async () => {
    const provider = await startIdentityProvider();
    provider.people.olga = { email: 'olga@example.org', name: 'Olga Example' };
    const plane = await startTeam(folder(), undefined, {
      signIn: { issuer: provider.issuer, clientId: provider.clientId, providerName: 'Test ID' },
      environment: { ...studio, UPDRAFT_CLIENT_SECRET: provider.clientSecret },
    });
    try {
      await provider.open(plane.url);
      const tab = await openTab({ scheme: 'light' });
      const { page } = tab;
      await page.goto(await invite(plane));
      await shoot(page, 'pages-first-owner-sign-in-light');
      assert.deepEqual(await axeFaults(page), []);
      assert.deepEqual(tab.errors, []);
      await page.getByRole('button', { name: 'Sign in with Test ID' }).click();
      await page.locator('input[name=login]').fill('olga');
      await page.locator('input[name=password]').fill('any');
      await page.locator('button[type=submit]').click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(`${plane.url}/studio**`);
      // The provider's own pages ask for a font that is not there.
      tab.errors.length = 0;
      await page.getByText('Olga Example').click();
      await page.getByText('Owner', { exact: false }).first().waitFor();
      await closeTab(tab);
    } finally {
      await plane.remove();
      await provider.close();
    }
  });
});
