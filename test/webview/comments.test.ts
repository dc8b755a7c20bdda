import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { deleteComment, listComments, listMentions, writeComment } from '../../src/client/comments.ts';
import { PlaneClient } from '../../src/client/planeClient.ts';
import { defaultWorkspace } from '../../src/protocol/arm.ts';
import type { CommentedOn } from '../../src/protocol/comment.ts';
import type { TestPlane } from '../contract/plane.ts';
import { startTeam, type TeamPlane } from '../contract/team.ts';
import { axeFaults } from './axeFaults.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { openRun, startStudio } from './fixture.ts';

const field = (page: Page) => page.getByRole('textbox', { name: 'Comment', exact: true });
const comment = (page: Page, text: string | RegExp) => page.getByRole('listitem').filter({ hasText: text });
const send = (page: Page) => page.keyboard.press('Control+Enter');
const more = async (page: Page, text: string, what: string) => {
  await comment(page, text)
    .getByRole('button', { name: /^More for/ })
    .click();
  await page.getByRole('menuitem', { name: what }).click();
};

describe('comments on the plane of one person', () => {
  let plane: TestPlane;
  let job: CommentedOn;
  before(async () => {
    plane = await startStudio();
    job = { kind: 'jobs', name: await openRun(plane, 'noted') };
    for (const version of ['1', '2'])
      await plane.client.putAsset('models', 'digits', version, { modelUri: 'azureml://datastores/workspaceblobstore/paths/model' });
  });
  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  it('are notes that are written, changed and deleted, in the editor as in the Studio', async () => {
    const tab = await openInEditor(plane, { page: 'job', name: job.name, tab: 'comments' });
    const { page } = tab;
    await page.getByText('No comments yet.').waitFor();
    await field(page).fill('The **loss** falls.\nTwice. Write to @ann@example.org');
    await send(page);
    await comment(page, 'The loss falls.').waitFor();
    assert.equal(await field(page).inputValue(), '');
    assert.equal(await page.locator('.comment strong', { hasText: /^loss$/ }).count(), 1);
    // Nobody is there to be mentioned.
    assert.equal(await page.locator('.mention').count(), 0);
    await more(page, 'The loss falls.', 'Edit');
    await page.getByRole('textbox', { name: 'Text of the comment' }).fill('The loss rises.');
    await page.getByRole('button', { name: 'Save' }).click();
    await comment(page, 'The loss rises.')
      .getByText(/edited/)
      .waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await more(page, 'The loss rises.', 'Copy a link for the Studio');
    const [{ id } = { id: '' }] = (await listComments(plane.client.http, job)).value;
    assert.deepEqual(
      tab.commands.map(({ command, args }) => [command, args.to, JSON.parse(args.state!)]),
      [['link.copy', 'studio', { comment: id, tab: 'comments' }]],
    );
    await more(page, 'The loss rises.', 'Delete');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No comments yet.').waitFor();
    await closeTab(tab);
  });

  it('show what is hostile as it was written', async () => {
    const text =
      '<img src=x onerror="document.title=1"> <script>document.title=1</script>\n# Title\n\u202egnp.exe [a](javascript:alert(1)) ![p](http://127.0.0.1:1/p.png)';
    const { id } = await writeComment(plane.client.http, job, { text });
    const tab = await openStudio(plane, `/jobs/${job.name}?tab=comments`);
    const { page } = tab;
    const shown = (await comment(page, 'onerror').locator('.comment-text').textContent()) ?? '';
    for (const part of ['<img src=x onerror="document.title=1">', '<script>document.title=1</script>', '# Title', '⟨U+202E⟩gnp.exe'])
      assert.ok(shown.includes(part), shown);
    assert.equal(await page.locator('.comment-text :is(img, script, h1, h2, h3, a)').count(), 0);
    assert.notEqual(await page.title(), '1');
    await closeTab(tab);
    await deleteComment(plane.client.http, job, id);
  });

  it('keep what could not be sent, through a reload, and send it once', async () => {
    const tab = await openStudio(plane, `/jobs/${job.name}?tab=comments`);
    const { page, context } = tab;
    await field(page).fill('written on a train');
    await context.setOffline(true);
    await send(page);
    await page.getByText('What you wrote is kept here.').waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await context.setOffline(false);
    await page.reload();
    await page.getByRole('tab', { name: 'Comments' }).waitFor();
    assert.equal(await field(page).inputValue(), 'written on a train');
    assert.ok(!page.url().includes('train'), page.url());
    await field(page).focus();
    // The answer is lost, not the comment.
    await page.route('**/updraft/comments/**', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await route.fetch();
      return route.abort();
    });
    await send(page);
    await comment(page, 'written on a train').waitFor();
    await page.getByText('What you wrote is kept here.').waitFor();
    await page.unroute('**/updraft/comments/**');
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    await page.waitForFunction(() => document.querySelector('textarea')?.value === '');
    assert.equal((await listComments(plane.client.http, job)).value.length, 1);
    await page.context().close();
  });

  it('are on a version of a model or on the whole of it, and a link leads to an old one', async () => {
    const { http } = plane.client;
    const model: CommentedOn = { kind: 'models', name: 'digits' };
    const first = await writeComment(http, { ...model, version: '1' }, { text: 'the oldest' });
    for (let at = 0; at < 60; at++) await writeComment(http, model, { text: `comment ${at}` });
    const tab = await openStudio(plane, `/models/digits?tab=comments&comment=${first.id}`);
    const { page } = tab;
    const linked = comment(page, 'the oldest');
    await linked.waitFor();
    assert.match((await linked.getAttribute('class')) ?? '', /is-linked/);
    await linked.getByText('Version 1').waitFor();
    await page.waitForFunction((id) => document.activeElement?.id === `comment-${id}`, first.id);
    await field(page).fill('on the second');
    await send(page);
    await comment(page, 'on the second').getByText('Version 2').waitFor();
    await page.getByTitle('What the comment is about', { exact: true }).click();
    await page.getByRole('option', { name: 'On the whole model' }).click();
    await field(page).fill('on all');
    await send(page);
    await comment(page, 'on all').waitFor();
    assert.deepEqual(
      (await listComments(http, model)).value.slice(0, 2).map(({ text, on }) => [text, on.version]),
      [
        ['on all', undefined],
        ['on the second', '2'],
      ],
    );
    await deleteComment(http, model, first.id);
    await page.getByText('The comment that the link leads to is not there').waitFor();
    await closeTab(tab);
  });
});

describe('comments of a team in the Studio', () => {
  let plane: TeamPlane;
  let job: CommentedOn;
  const tokens = new Map<string, string>();
  const as = (name: string) => ({ ...plane, token: tokens.get(name)! });
  const client = (name: string, workspace = 'vision') =>
    new PlaneClient({ url: plane.url, token: tokens.get(name)! }, { ...defaultWorkspace, workspace });
  const at = () => `/jobs/${job.name}?tab=comments&workspace=vision`;
  before(async () => {
    process.env.UPDRAFT_STUDIO_FOLDER = path.resolve(import.meta.dirname, '../../dist/webview');
    plane = await startTeam();
    const { body } = await plane.send('POST', '/updraft/team/owner', {
      kind: 'user',
      name: 'olga@example.org',
      displayName: 'Olga Example',
    });
    tokens.set('olga', body.token.token);
    await plane.makeWorkspace('vision');
    await plane.makeWorkspace('speech');
    for (const [name, role, workspace] of [
      ['ann', 'AzureML Data Scientist', 'vision'],
      ['ben', 'AzureML Data Scientist', 'vision'],
      ['rita', 'Reader', undefined],
      ['kim', 'AzureML Compute Operator', 'vision'],
      ['nora', 'Reader', 'speech'],
    ] as const) {
      const displayName = `${name[0]!.toUpperCase()}${name.slice(1)} Example`;
      tokens.set(name, (await plane.add(`${name}@example.org`, role, workspace, { displayName })).token.token);
    }
    const { run } = await client('ann').http.json<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
      experiment_id: '0',
      run_name: 'digits',
    });
    job = { kind: 'jobs', name: run.info.run_id };
  });
  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  it('come live from others, offer people after an @, and say who is not told', async () => {
    const [anns, bens] = [await openStudio(as('ann'), at(), { height: 700 }), await openStudio(as('ben'), at())];
    await field(bens.page).waitFor();
    const { page } = anns;
    await field(page).pressSequentially('Look at the last epochs, @ri');
    const option = page.getByRole('option', { name: /Rita Example/ });
    await option.waitFor();
    assert.equal(await page.getByRole('option').count(), 1);
    assert.equal(await field(page).getAttribute('aria-activedescendant'), await option.getAttribute('id'));
    assert.deepEqual(await axeFaults(page), []);
    await page.keyboard.press('Enter');
    assert.equal(await field(page).inputValue(), 'Look at the last epochs, @rita@example.org ');
    await page.keyboard.type('and @');
    await page.getByRole('option', { name: /Olga Example/ }).waitFor();
    assert.deepEqual(
      await page
        .getByRole('option')
        .allInnerTexts()
        .then((all) => all.map((each) => each.split('\n')[0])),
      ['Ann Example', 'Ben Example', 'Olga Example', 'Rita Example'],
    );
    await page.keyboard.press('ArrowDown');
    await shoot(page, 'comments-mention-dark');
    await page.keyboard.press('Tab');
    await page.keyboard.type('and @nora@example.org: is that **noise**?');
    await send(page);
    // Ben sees it without doing anything.
    const seen = comment(bens.page, 'Look at the last epochs');
    await seen.waitFor();
    assert.deepEqual(await seen.locator('.mention').allInnerTexts(), ['@rita@example.org', '@ben@example.org']);
    await page.getByText('Not told: @nora@example.org.').waitFor();
    await field(bens.page).fill(
      'I see it in `val/loss` too. I have started two more runs:\n\n- with dropout 0.2\n- with half of the learning rate',
    );
    await send(bens.page);
    await comment(page, 'val/loss').waitFor();
    await page.getByRole('status').filter({ hasText: 'New comment of Ben Example' }).waitFor({ state: 'attached' });
    await shoot(page, 'comments-dark');
    // Ben may not change what Ann wrote.
    await seen.getByRole('button', { name: /^More for/ }).click();
    assert.deepEqual(await bens.page.getByRole('menuitem').allInnerTexts(), ['Copy a link']);
    await closeTab(anns);
    await closeTab(bens);
  });

  it('are read by a Reader, who writes none, and rings the bell of who is mentioned', async () => {
    const tab = await openStudio(as('rita'), '/jobs?workspace=speech', { height: 700 });
    const { page } = tab;
    const bell = page.getByRole('button', { name: 'Mentions: 1 not read' });
    await bell.click();
    await page.getByRole('region', { name: 'Mentions' }).getByText('Look at the last epochs').waitFor();
    await shoot(page, 'mentions-dark');
    assert.deepEqual(await axeFaults(page), []);
    // It is in another workspace.
    await page.getByRole('link', { name: /Ann Example/ }).click();
    await page.waitForURL(/workspace=vision/);
    const linked = comment(page, 'Look at the last epochs');
    await linked.waitFor();
    assert.match((await linked.getAttribute('class')) ?? '', /is-linked/);
    await page.getByText('Your roles let you read comments here, and write none').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Comment' }).count(), 0);
    await page.getByRole('button', { name: 'Mentions', exact: true }).waitFor();
    assert.equal((await listMentions(client('rita').http)).unread, 0);
    await writeComment(client('ann').http, job, { text: 'again, @rita@example.org' });
    await page.getByRole('button', { name: 'Mentions: 1 not read' }).click();
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await page.getByRole('button', { name: 'Mentions', exact: true }).waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await closeTab(tab);
  });

  it('look well in the light theme and in a narrow window', async () => {
    const light = await openStudio(as('ann'), at(), { scheme: 'light', height: 700 });
    await comment(light.page, 'val/loss').waitFor();
    await shoot(light.page, 'comments-light');
    assert.deepEqual(await axeFaults(light.page), []);
    await closeTab(light);
    const narrow = await openStudio(as('rita'), at(), { width: 420, height: 700 });
    await comment(narrow.page, 'val/loss').waitFor();
    await narrow.page.getByRole('button', { name: 'Mentions', exact: true }).click();
    await narrow.page.getByRole('region', { name: 'Mentions' }).getByText('again').waitFor();
    await shoot(narrow.page, 'comments-narrow');
    assert.ok(await narrow.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    assert.deepEqual(await axeFaults(narrow.page), []);
    await closeTab(narrow);
  });

  it('say whom to ask where a link leads to what is not for somebody, and not whether it is there', async () => {
    const texts: string[] = [];
    for (const to of [
      at(),
      '/jobs/nothing?tab=comments&workspace=vision',
      '/models/digits?workspace=nowhere',
      '/runs/digits?tab=charts&workspace=vision',
    ]) {
      const tab = await openStudio(as('nora'), to);
      await tab.page.getByRole('heading', { name: 'This is not shown to you.' }).waitFor();
      await tab.page.getByText('ask olga@example.org').waitFor();
      await tab.page.getByRole('link', { name: 'speech' }).waitFor();
      texts.push(((await tab.page.locator('main').textContent()) ?? '').replace(/leads to the workspace \w+/, 'leads to the workspace W'));
      if (texts.length === 1) {
        await shoot(tab.page, 'pages-studio-no-access');
        assert.deepEqual(await axeFaults(tab.page), []);
      }
      await closeTab({ ...tab, errors: [] });
    }
    assert.equal(new Set(texts).size, 1, texts.join('\n---\n'));
    const own = await openStudio(as('nora'), '/jobs?workspace=vision');
    await own.page.getByRole('link', { name: 'speech' }).click();
    await own.page.getByText('No jobs yet.').waitFor();
    await closeTab({ ...own, errors: [] });
    // Who sees the workspace and not the job is told the workspace's Owners, too.
    const kims = await openStudio(as('kim'), at());
    await kims.page.getByText('For a role that does, ask olga@example.org.').waitFor();
    await closeTab({ ...kims, errors: [] });
  });
});
