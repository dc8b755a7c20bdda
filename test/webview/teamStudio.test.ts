import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type Send, startTeam, type TeamPlane, workspaceAt } from '../contract/team.ts';
import { axeFaults } from './axeFaults.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';

describe('the Studio of a team', () => {
  let plane: TeamPlane;
  let ann: Send;
  let tokens: { olga: string; ann: string };
  before(async () => {
    process.env.UPDRAFT_STUDIO_FOLDER = path.resolve(import.meta.dirname, '../../dist/webview');
    plane = await startTeam();
    const { body: olga } = await plane.send('POST', '/updraft/team/owner', { kind: 'user', name: 'olga@example.org' });
    await plane.makeWorkspace('vision');
    const added = await plane.add('ann@example.org', 'AzureML Data Scientist', 'vision');
    tokens = { olga: olga.token.token, ann: added.token!.token };
    ann = plane.as(tokens.ann);
    await ann('PUT', `${workspaceAt('vision')}/environments/shell/versions/1`, { properties: { image: 'ubuntu:22.04' } });
    await ann('POST', '/api/2.0/mlflow/registered-models/create', { name: '<b>digits<b>' });
    await ann('POST', `${workspaceAt('vision')}/datastores/workspaceblobstore/listSecrets`, {});
    await ann('DELETE', workspaceAt('vision'));
    await plane.as('wrong')('GET', '/status');
  });
  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  it('shows a member the own workspace, and a choice where there are several', async () => {
    const own = await openStudio({ ...plane, token: tokens.ann }, '/jobs');
    await own.page.getByText('No jobs yet.').waitFor();
    await own.page.locator('.studio-header').getByText('vision', { exact: true }).waitFor();
    await own.page.getByTitle('ann@example.org').click();
    await own.page.getByText('With a personal token, for this tab.').waitFor();
    await shoot(own.page, 'pages-studio-member');
    assert.deepEqual(await axeFaults(own.page), []);
    await closeTab(own);
    const owner = await openStudio({ ...plane, token: tokens.olga }, '/runs');
    await owner.page.getByTitle('Workspace', { exact: true }).click();
    await owner.page.getByRole('option', { name: 'vision' }).click();
    await owner.page.waitForURL('**/jobs?workspace=vision');
    await owner.page.locator('vscode-single-select[title=Workspace] .select-face').getByText('vision').waitFor();
    await owner.page.getByText('No jobs yet.').waitFor();
    await shoot(owner.page, 'pages-studio-workspace');
    await closeTab(owner);
  });

  it('lists in its audit log who did what, live, by who, resource and outcome', async () => {
    const tab = await openStudio(plane, '/audit', { height: 700 });
    const { page } = tab;
    const row = (text: string) => page.getByRole('row').filter({ hasText: text });
    await row('<b>digits<b>').getByRole('img', { name: 'Done' }).waitFor();
    await row('unknown').getByRole('img', { name: 'Refused' }).waitFor();
    await page.getByRole('navigation', { name: 'Studio' }).getByRole('link', { name: 'Audit' }).waitFor();
    await ann('PUT', `${workspaceAt('vision')}/environments/shell/versions/2`, { properties: { image: 'ubuntu:24.04' } });
    await row('/environments/shell/versions/2').waitFor();
    await shoot(page, 'pages-studio-audit-dark');
    assert.deepEqual(await axeFaults(page), []);

    await page.getByTitle('Outcome', { exact: true }).click();
    await page.getByRole('option', { name: 'Refused' }).click();
    await row('<b>digits<b>').waitFor({ state: 'detached' });
    await row('does not have authorization').waitFor();
    await page.getByRole('textbox', { name: 'Who' }).fill('nobody');
    await page.getByText('No line matches.').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await row('<b>digits<b>').waitFor();
    await closeTab(tab);
  });

  it('shows the quotas with what is used, and lets an Owner change them', async () => {
    const asOlga = plane.as(tokens.olga);
    const at = `${workspaceAt('vision')}/quotas`;
    await asOlga('PUT', `${at}/default`, { properties: { jobsAtOnce: 4 } });
    await asOlga('PUT', `${at}/workspace`, { properties: { storageGb: 10, runningHours: 100 } });
    await asOlga('PUT', `${at}/ann@example.org`, { properties: { jobsAtOnce: 1, runningHours: 0 } });
    const tab = await openStudio({ ...plane, token: tokens.olga }, '/quotas?workspace=vision', { height: 700 });
    const { page } = tab;
    const row = page.getByRole('row', { name: /ann@example\.org/ });
    await row.getByText('0 of 1').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-studio-quotas-dark');
    await page.getByRole('button', { name: 'Change the quota of ann@example.org' }).click();
    const form = page.getByRole('form', { name: 'Quota of ann@example.org' });
    await form.getByRole('textbox', { name: 'Jobs at once' }).fill('many');
    await form.getByText('Jobs at once: give a number').waitFor();
    await form.getByRole('textbox', { name: 'Jobs at once' }).fill('7');
    assert.deepEqual(await axeFaults(page), []);
    await shoot(page, 'pages-studio-quotas-form-dark');
    await form.getByRole('button', { name: 'Save' }).click();
    await row.getByText('0 of 7').waitFor();
    await closeTab(tab);
    const narrow = await openStudio({ ...plane, token: tokens.ann }, '/quotas', { width: 420, height: 700, scheme: 'light' });
    await narrow.page.getByText('0 of 7').waitFor();
    assert.equal(await narrow.page.getByRole('button', { name: /Change the quota/ }).count(), 0);
    assert.deepEqual(await axeFaults(narrow.page), []);
    await shoot(narrow.page, 'pages-studio-quotas-narrow');
    await closeTab(narrow);
  });

  it('deletes a workspace for who may, says so where it was shown, and brings it back', async () => {
    await plane.makeWorkspace('going');
    await plane.as(tokens.olga)('POST', '/api/2.0/mlflow/registered-models/create', { name: 'digits' }, { 'x-mlflow-workspace': 'going' });
    const { token } = await plane.add('gail@example.org', 'Reader', 'going');
    const reader = await openStudio({ ...plane, token: token.token }, '/models');
    await reader.page.locator('.studio-header').getByText('going', { exact: true }).waitFor();
    await reader.page.getByText('digits').first().waitFor();
    assert.equal(await reader.page.getByRole('button', { name: /Delete the workspace/ }).count(), 0);
    const tab = await openStudio({ ...plane, token: tokens.olga }, '/jobs?workspace=going', { height: 600 });
    const { page } = tab;
    await page.getByRole('button', { name: 'Delete the workspace going' }).click();
    const question = page.getByRole('alertdialog', { name: 'Delete the workspace "going"?' });
    await question.getByText('It has 0 jobs and 1 model.').waitFor();
    await shoot(page, 'pages-studio-workspace-delete-dark');
    assert.deepEqual(await axeFaults(page), []);
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('heading', { name: 'This workspace was deleted.' }).waitFor();
    await shoot(page, 'pages-studio-workspace-deleted-dark');
    assert.deepEqual(await axeFaults(page), []);
    await reader.page.getByRole('heading', { name: 'This is not shown to you.' }).waitFor();
    assert.equal(await reader.page.getByText('has deleted').count(), 0);
    // The browser itself tells of what is not there.
    await closeTab({ ...reader, errors: [] });
    await page.getByRole('button', { name: 'Recover it' }).click();
    await page.getByRole('button', { name: 'Delete the workspace going' }).waitFor();
    await closeTab({ ...tab, errors: [] });
    const narrow = await openStudio({ ...plane, token: tokens.olga }, '/jobs?workspace=going', {
      width: 420,
      height: 600,
      scheme: 'light',
    });
    await narrow.page.getByRole('button', { name: 'Delete the workspace going' }).click();
    await narrow.page.getByRole('button', { name: 'Keep it' }).waitFor();
    await shoot(narrow.page, 'pages-studio-workspace-delete-narrow');
    assert.deepEqual(await axeFaults(narrow.page), []);
    await narrow.page.getByRole('button', { name: 'Keep it' }).click();
    await closeTab(narrow);
  });

  it('shows the audit log in the light theme, and in a narrow window', async () => {
    const wide = await openStudio(plane, '/audit', { scheme: 'light', height: 700 });
    await wide.page.getByRole('row').nth(3).waitFor();
    await shoot(wide.page, 'pages-studio-audit-light');
    assert.deepEqual(await axeFaults(wide.page), []);
    await closeTab(wide);
    const narrow = await openStudio(plane, '/audit', { width: 420, height: 700 });
    await narrow.page.getByRole('row').nth(3).waitFor();
    await shoot(narrow.page, 'pages-studio-audit-narrow');
    assert.ok(await narrow.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await closeTab(narrow);
  });
});
