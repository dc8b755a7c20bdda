import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { TestPlane } from '../contract/plane.ts';
import { waitInPage } from '../waitInPage.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { startStudio } from './fixture.ts';
import { digitsRun, makeExperiment, makeRun, makeRuns } from './runsFixture.ts';

const experiment = 'digits-sweep';
const count = 200;

describe('the table of runs', () => {
  let plane: TestPlane;
  let ids: string[];
  before(async () => {
    plane = await startStudio();
    const runs = Array.from({ length: count }, (_, index) => digitsRun(index));
    ids = await makeRuns(plane.client, await makeExperiment(plane.client, experiment), runs, Date.now() - (count + 20) * 60_000);
  });

  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  const gridOf = (page: Page) => page.getByRole('grid');
  const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const heads = async (page: Page) => (await page.getByRole('columnheader').allTextContents()).map((text) => text.trim()).slice(1);
  const first = (page: Page, name: string) =>
    page.waitForFunction((text) => document.querySelector('.grid-row[data-row="0"] a')?.textContent === text, name);
  const total = (page: Page, text: string) => page.locator('.runs-footer').getByText(text, { exact: true }).waitFor();
  const open = async (at: string, options: Parameters<typeof openStudio>[2] = {}) => {
    const tab = await openStudio(plane, `/runs/${at}`, options);
    await gridOf(tab.page).getByRole('link').first().waitFor();
    return tab;
  };
  const filter = (page: Page) => page.getByRole('combobox', { name: 'Filter', exact: true });
  const head = (page: Page, name: RegExp) => page.getByRole('columnheader', { name });

  it('shows what was logged, as numbers with the same digits, with curves, and what is not finite', async () => {
    const tab = await open(experiment, { width: 1500 });
    const { page } = tab;
    await first(page, 'trial 199');
    await total(page, '200 runs');
    assert.deepEqual(await heads(page), [
      'Name',
      'Started',
      'Duration',
      'accuracy',
      'accuracy',
      'val/accuracy',
      'val/loss',
      'layers',
      'lr',
      'optimizer',
      'seed',
    ]);
    await row(page, 'trial 199')
      .getByRole('gridcell', { name: /^0\.\d{4}$/ })
      .first()
      .waitFor();
    const cells = await row(page, 'trial 199').getByRole('gridcell').allTextContents();
    assert.match(cells[5]!, /^0\.\d{4}$/);
    assert.ok(cells.includes('0.1') && cells.includes('adam') && cells.includes('1 min 1 s'), cells.join('|'));
    await row(page, 'trial 193').getByTitle('accuracy: NaN').waitFor();
    await row(page, 'trial 199').locator('.grid-curve path').waitFor();
    // Full precision is a tooltip away.
    const exact = await row(page, 'trial 198')
      .getByTitle(/^val\/loss: /)
      .getAttribute('title');
    assert.match(exact!, /^val\/loss: 0\.\d{10,}$/);
    assert.equal(await page.evaluate(() => document.querySelectorAll('.grid-row').length < 60), true);
    await shoot(page, 'runs-table-dark');
    await closeTab(tab);
  });

  it('sorts by several columns', async () => {
    const tab = await open(experiment, { width: 1500 });
    const { page } = tab;
    await head(page, /^Parameter layers/).click();
    await head(page, /^Metric val\/loss/).click({ modifiers: ['Shift'] });
    const sorted = await plane.client.runTable({
      experiments: [experiment],
      orderBy: ['params.layers ASC', 'metrics.`val/loss` DESC'],
      columns: [{ of: 'attribute', key: 'run_name' }],
      offset: 0,
      limit: 1,
    });
    await first(page, String(sorted.columns[0]![0]));
    assert.equal(await head(page, /^Metric val\/loss.*number 2/).getAttribute('aria-sort'), 'descending');
    assert.equal(await head(page, /^Parameter layers.*first/).getAttribute('aria-sort'), 'ascending');
    assert.deepEqual(JSON.parse(new URL(page.url()).searchParams.get('order')!), ['params.layers ASC', 'metrics.val/loss DESC']);
    // A click without Shift sorts by that alone.
    await head(page, /^Attribute Name/).click();
    await first(page, 'trial 000');
    await closeTab(tab);
  });

  it('is filtered by a line that completes, and says what is wrong and where', async () => {
    const tab = await open(experiment);
    const { page } = tab;
    await filter(page).click();
    await filter(page).pressSequentially('loss');
    await page.getByRole('option', { name: /metrics\.val\/loss/ }).waitFor();
    await page.keyboard.press('Enter');
    assert.equal(await filter(page).inputValue(), 'metrics.val/loss ');
    await page.getByRole('option', { name: '>=' }).waitFor();
    await filter(page).pressSequentially('< 0.12 ');
    await page.getByRole('option', { name: /^AND/ }).click();
    await filter(page).pressSequentially('opt');
    await page.keyboard.press('Tab');
    await filter(page).pressSequentially('= ');
    await page.getByRole('option', { name: 'adam' }).click();
    assert.equal(await filter(page).inputValue(), "metrics.val/loss < 0.12 AND params.optimizer = 'adam' ");
    await page.keyboard.press('Enter');
    const matching = await plane.client.runTable({
      experiments: [experiment],
      filter: "metrics.`val/loss` < 0.12 AND params.optimizer = 'adam'",
      columns: [],
      offset: 0,
      limit: 0,
    });
    assert.ok(matching.total > 0 && matching.total < count);
    await total(page, `${matching.total} runs match`);
    await shoot(page, 'runs-filter-dark');
    // What the server does not understand is marked, and the rows stay.
    await filter(page).fill('metrics.accuracy > high and params.lr = 3');
    const alert = page.getByRole('alert');
    await alert.getByText(/Expected numeric value type for metric. Found high/).waitFor();
    await alert.getByText('At character 20:').waitFor();
    assert.equal(await page.locator('.filter-mirror mark').textContent(), 'high');
    await total(page, `${matching.total} runs match`);
    await shoot(page, 'runs-filter-wrong-dark');
    await filter(page).fill('metrics.accuracy > 5');
    await page.getByText('No run matches.').waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).last().click();
    await total(page, '200 runs');
    tab.errors.splice(0, tab.errors.length, ...tab.errors.filter((text) => !text.includes('400 (Bad Request)')));
    await closeTab(tab);
  });

  it('has the columns that were chosen, moved, made wider and pinned, also after a reload and as a link', async () => {
    const tab = await open(experiment, { width: 1400 });
    const { page } = tab;
    await page.getByRole('button', { name: 'Choose the columns' }).click();
    await page.getByRole('textbox', { name: 'Find a column' }).fill('cpu');
    await page.getByRole('checkbox', { name: 'system/cpu_percent metric', exact: true }).check();
    await page.getByRole('textbox', { name: 'Find a column' }).fill('val/');
    await shoot(page, 'runs-columns-dark');
    await page.getByRole('button', { name: /^Hide all matches/ }).click();
    await page.keyboard.press('Escape');
    assert.deepEqual(await heads(page), [
      'Name',
      'Started',
      'Duration',
      'accuracy',
      'accuracy',
      'layers',
      'lr',
      'optimizer',
      'seed',
      'system/cpu_percent',
    ]);
    // By the pointer, then by the keys.
    const from = (await head(page, /^Parameter optimizer/).boundingBox())!;
    const to = (await head(page, /^Metric accuracy/).boundingBox())!;
    await page.mouse.move(from.x + 20, from.y + 10);
    await page.mouse.down();
    await page.mouse.move(to.x + 60, to.y + 10, { steps: 5 });
    await page.mouse.move(to.x + 20, to.y + 10, { steps: 3 });
    await page.mouse.up();
    await page.waitForFunction(() => document.querySelectorAll('[role=columnheader]')[5]?.textContent?.includes('optimizer'));
    await gridOf(page).focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('End');
    await page.keyboard.press('Alt+ArrowLeft');
    assert.deepEqual((await heads(page)).slice(-2), ['system/cpu_percent', 'seed']);
    const width = async () => Math.round((await head(page, /^Metric system\/cpu/).boundingBox())!.width);
    const before = await width();
    await page.keyboard.press('Alt+Shift+ArrowRight');
    assert.equal(await width(), before + 16);
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByRole('menuitem', { name: 'Pin to the left' }).click();
    assert.deepEqual((await heads(page)).slice(0, 3), ['Name', 'system/cpu_percent', 'Started']);
    const address = page.url();
    await page.reload();
    await gridOf(page).getByRole('link').first().waitFor();
    assert.deepEqual((await heads(page)).slice(0, 3), ['Name', 'system/cpu_percent', 'Started']);
    assert.equal(await width(), before + 16);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy a link to this view' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
    assert.ok(!address.includes('token'));
    await closeTab(tab);
  });

  it('groups by a parameter, with mean and spread of each metric', async () => {
    const tab = await open(experiment, { width: 1400 });
    const { page } = tab;
    await page.getByRole('button', { name: 'Group the runs' }).click();
    await page.getByRole('textbox', { name: 'Find a field' }).fill('lr');
    await page.getByRole('button', { name: 'lr', exact: true }).click();
    await page.keyboard.press('Escape');
    const table = page.getByRole('table', { name: 'Runs by lr' });
    const rows = table.locator('tbody tr');
    await rows.first().waitFor();
    assert.deepEqual(await rows.locator('td:first-child').allTextContents(), ['0.001', '0.003', '0.01', '0.03', '0.1']);
    assert.deepEqual(await rows.locator('td:nth-child(2)').allTextContents(), ['40', '40', '40', '40', '40']);
    await table.getByRole('button', { name: 'val/accuracy' }).click();
    await page.waitForFunction(() => document.querySelector('.group-table tbody td')?.textContent === '0.01');
    const { metrics } = await plane.client.runGroups({
      experiments: [experiment],
      by: [{ of: 'param', key: 'lr' }],
      metrics: ['val/accuracy'],
      offset: 2,
      limit: 1,
    });
    await rows.first().getByTitle(`val/accuracy: mean ${metrics[0]!.mean[0]}`).waitFor();
    await shoot(page, 'runs-groups-dark');
    await page.reload();
    await page.getByRole('table', { name: 'Runs by lr' }).getByRole('button', { name: '0.03', exact: true }).click();
    await total(page, '40 runs match');
    assert.equal(await filter(page).inputValue(), "params.lr = '0.03'");
    await closeTab(tab);
  });

  it('groups by several fields, in the order that is chosen', async () => {
    const tab = await open(experiment, { width: 1400 });
    const { page } = tab;
    await page.getByRole('button', { name: 'Group the runs' }).click();
    await page.getByRole('button', { name: 'lr', exact: true }).click();
    await page.getByRole('button', { name: 'optimizer', exact: true }).click();
    await page.getByRole('list', { name: 'The runs are grouped by' }).getByRole('listitem').nth(1).waitFor();
    await shoot(page, 'runs-groups-chooser-dark');
    await page.getByRole('button', { name: 'Move optimizer up' }).click();
    await page.keyboard.press('Escape');
    const rows = page.getByRole('table', { name: 'Runs by optimizer, lr' }).locator('tbody tr');
    await rows.nth(9).waitFor();
    const cells = (await rows.all()).map(async (each) => (await each.getByRole('cell').allTextContents()).slice(0, 3).join(' '));
    assert.deepEqual(await Promise.all(cells), [
      'adam 0.001 20',
      'adam 0.003 20',
      'adam 0.01 20',
      'adam 0.03 20',
      'adam 0.1 20',
      'sgd 0.001 20',
      'sgd 0.003 20',
      'sgd 0.01 20',
      'sgd 0.03 20',
      'sgd 0.1 20',
    ]);
    await shoot(page, 'runs-groups-several-dark');
    await page.reload();
    await page.getByRole('columnheader', { name: 'lr' }).getByRole('button').click();
    await page.waitForFunction(() => document.querySelector('.group-table tbody tr:nth-child(2)')?.textContent?.startsWith('sgd0.001'));
    await rows.filter({ hasText: 'sgd0.03' }).getByRole('button', { name: 'sgd' }).click();
    await total(page, '20 runs match');
    assert.equal(await filter(page).inputValue(), "params.optimizer = 'sgd' AND params.lr = '0.03'");
    await closeTab(tab);
  });

  it('has a menu for a row, by pointer and by key, which means all that are selected where the row is one of them', async () => {
    const tab = await open(experiment, { width: 1200 });
    const { page } = tab;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const name = (index: number) => `trial ${index}`;
    const choose = (label: string | RegExp) => page.getByRole('menuitem', { name: label }).click();
    const menu = async (index: number, label: string) => {
      await row(page, name(index)).getByRole('gridcell').nth(3).click({ button: 'right' });
      await page.getByRole('menu', { name: label, exact: true }).waitFor();
    };
    const clipboard = (text: string) => waitInPage(page, async (wanted) => (await navigator.clipboard.readText()) === wanted, text);
    await row(page, name(199)).waitFor();

    await menu(198, 'Run trial 198');
    assert.equal(await page.getByRole('menuitem', { name: /^Compare/ }).isDisabled(), true);
    await shoot(page, 'runs-row-menu-dark');
    await choose(/^Select/);
    await menu(198, 'Run trial 198');
    await choose('Copy id');
    await clipboard(ids[198]!);
    await menu(198, 'Run trial 198');
    await choose('Copy link');
    await clipboard(`${plane.url}/studio/jobs/${ids[198]}`);

    // By key, on the row that has the cursor.
    await row(page, name(197))
      .getByRole('gridcell')
      .nth(3)
      .click({ modifiers: ['Control'] });
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menu', { name: '2 runs' }).waitFor();
    await choose('Copy names');
    await clipboard('trial 198\ntrial 197');
    await menu(197, '2 runs');
    await choose(/^Star 2 runs/);
    await row(page, name(197)).getByRole('img', { name: 'starred' }).waitFor();
    await row(page, name(198)).getByRole('img', { name: 'starred' }).waitFor();
    await menu(198, '2 runs');
    await choose(/^Take the stars away/);
    await row(page, name(198)).getByRole('img', { name: 'starred' }).waitFor({ state: 'detached' });
    await menu(198, '2 runs');
    await choose('Tag 2 runs…');
    await page.getByRole('region', { name: 'Tag 2 runs' }).waitFor();
    await page.keyboard.type('note');
    await page.keyboard.press('Tab');
    await page.keyboard.type('from the menu');
    await shoot(page, 'runs-row-tag-dark');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Tag 2 runs' }).waitFor({ state: 'detached' });
    await filter(page).fill("tags.note = 'from the menu'");
    await total(page, '2 runs match');
    // Another row than the selected ones is meant alone.
    await filter(page).fill('');
    await menu(190, 'Run trial 190');
    await choose('Copy name');
    await clipboard('trial 190');
    await menu(190, 'Run trial 190');
    await choose(/^Delete…/);
    await page.getByText('Delete 1 run?').waitFor();
    await page.getByRole('button', { name: 'Keep' }).click();
    await closeTab(tab);
  });

  it('opens a run beside the table, and copies links, as the editor does', async () => {
    const tab = await openInEditor(plane, { page: 'runs', name: experiment }, { width: 1200 });
    const { page } = tab;
    for (const label of ['Open to the side', 'Copy link']) {
      await row(page, 'trial 198').getByRole('gridcell').nth(3).click({ button: 'right' });
      await page.getByRole('menuitem', { name: label }).click();
    }
    assert.deepEqual(
      tab.commands.map(({ command, args }) => ({ command, args })),
      [
        { command: 'job.open', args: { name: ids[198]!, side: 'true' } },
        { command: 'link.copy', args: { page: 'job', name: ids[198]!, to: 'editor' } },
      ],
    );
    await closeTab(tab);
  });

  it('selects by pointer and keys, and charts and comparison follow', async () => {
    const tab = await open(experiment);
    const { page } = tab;
    const selected = async () => (await page.locator('.grid-row[aria-selected=true] a').allTextContents()).map((text) => text.slice(-3));
    await row(page, 'trial 198').getByRole('gridcell').nth(2).click();
    await row(page, 'trial 195')
      .getByRole('gridcell')
      .nth(2)
      .click({ modifiers: ['Shift'] });
    assert.deepEqual(await selected(), ['198', '197', '196', '195']);
    await row(page, 'trial 196')
      .getByRole('gridcell')
      .nth(2)
      .click({ modifiers: ['Control'] });
    await row(page, 'trial 192').getByTitle('Select (Space)').click();
    assert.deepEqual(await selected(), ['198', '197', '195', '192']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    assert.deepEqual(await selected(), ['191', '190']);
    await page.keyboard.press('Control+a');
    await page.getByText('200 runs selected').waitFor();
    await page.getByRole('columnheader', { name: 'Select none' }).click();
    await page.getByText('200 runs selected').waitFor({ state: 'detached' });
    await row(page, 'trial 199').getByTitle('Select (Space)').click();
    await row(page, 'trial 197').getByTitle('Select (Space)').click();
    await shoot(page, 'runs-selected-dark');
    assert.deepEqual(JSON.parse(new URL(page.url()).searchParams.get('selected')!), [ids[199], ids[197]]);
    await page.getByRole('button', { name: 'Compare the selected runs' }).click();
    assert.equal(await page.getByRole('tab', { name: /^Compare/ }).getAttribute('aria-selected'), 'true');
    await closeTab(tab);
  });

  it('is walked through by the keyboard, over rows and columns that are not in the document', async () => {
    const tab = await open(experiment, { width: 700 });
    const { page } = tab;
    await gridOf(page).focus();
    await page.keyboard.press('Control+End');
    await row(page, 'trial 000').waitFor();
    const activeIs = (pattern: string) =>
      page.waitForFunction((wanted) => {
        const id = document.querySelector('[role=grid]')!.getAttribute('aria-activedescendant')!;
        return new RegExp(wanted).test(document.getElementById(id)?.textContent ?? 'none');
      }, pattern);
    await activeIs('^0$');
    // Elements are used again for other rows, and stand in the order in which they are seen.
    const order = () => page.locator('.grid-row').evaluateAll((rows) => rows.map((each) => Number((each as HTMLElement).dataset.row)));
    const isInOrder = async () => {
      const shown = await order();
      assert.deepEqual(
        shown,
        shown.toSorted((a, b) => a - b),
      );
    };
    await isInOrder();
    await page.keyboard.press('PageUp');
    await isInOrder();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await activeIs('^trial 0[12]\\d$');
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('ArrowRight');
    await activeIs('^trial 199$');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /trial 199/ }).waitFor();
    assert.ok(page.url().includes(`/jobs/${ids[199]}`));
    await page.getByRole('link', { name: experiment }).click();
    await row(page, 'trial 199').waitFor();
    await closeTab(tab);
  });

  it('stars, tags, hides, deletes and restores', async () => {
    const made = await makeExperiment(plane.client, 'to-be-tidied');
    const [a, b] = await makeRuns(plane.client, made, [{ name: 'keep' }, { name: 'drop' }], Date.now() - 1e6);
    const tab = await open('to-be-tidied');
    const { page } = tab;
    await row(page, 'keep').hover();
    await row(page, 'keep').getByTitle('Star (S)').click();
    await row(page, 'keep').getByRole('img', { name: 'starred' }).waitFor();
    assert.equal((await plane.client.getJob(a!)).properties.tags?.['updraft.starred'], 'true');
    await page.getByRole('button', { name: 'Show the starred runs alone' }).click();
    await total(page, '1 run matches');
    await page.getByRole('button', { name: 'Show all runs' }).click();
    await total(page, '2 runs');
    await row(page, 'drop').getByTitle('Leave out of charts (H)').click();
    await page.getByText('1 left out of charts: show').waitFor();
    await row(page, 'drop').getByTitle('Select (Space)').click();
    await page.getByRole('button', { name: 'Tag the selected runs' }).click();
    await page.getByRole('textbox', { name: 'Name of the tag' }).fill('why');
    await page.getByRole('textbox', { name: 'Value of the tag' }).fill('diverged');
    await page.getByRole('button', { name: 'Add the tag' }).click();
    await plane.client.runTable({ experiments: ['to-be-tidied'], filter: "tags.why = 'diverged'", columns: [], offset: 0, limit: 0 });
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Delete the selected runs/ }).click();
    await page.getByRole('alertdialog', { name: 'Delete 1 run?' }).waitFor();
    await shoot(page, 'runs-delete-dark');
    await page.getByRole('button', { name: 'Keep' }).click();
    await row(page, 'drop').waitFor();
    await page.getByRole('button', { name: /^Delete the selected runs/ }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await row(page, 'drop').waitFor({ state: 'detached' });
    assert.equal((await plane.client.getRun(b!)).run.info.lifecycle_stage, 'deleted');
    await page.getByRole('button', { name: 'Which runs are shown' }).click();
    await page.getByRole('radio', { name: 'Deleted runs' }).check();
    await page.keyboard.press('Escape');
    await row(page, 'drop').getByTitle('Select (Space)').click();
    await page.getByRole('button', { name: 'Restore the selected runs' }).click();
    await page.getByText('No run was deleted.').waitFor();
    assert.equal((await plane.client.getRun(b!)).run.info.lifecycle_stage, 'active');
    await closeTab(tab);
  });

  it('keeps views by name on the plane, for everyone', async () => {
    const tab = await openInEditor(plane, { page: 'runs', name: experiment }, { width: 1200 });
    const { page } = tab;
    await row(page, 'trial 199').waitFor();
    await head(page, /^Parameter lr/).click();
    await filter(page).fill("params.optimizer = 'sgd'");
    await total(page, '100 runs match');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('textbox', { name: 'Name of a new view' }).fill('SGD "by" rate');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'SGD "by" rate', exact: true }).waitFor();
    await shoot(page, 'runs-views-dark');
    await closeTab(tab);
    const other = await open(experiment);
    await other.page.getByRole('button', { name: 'Saved views' }).click();
    await other.page.getByRole('button', { name: 'SGD "by" rate', exact: true }).click();
    await total(other.page, '100 runs match');
    assert.equal(await filter(other.page).inputValue(), "params.optimizer = 'sgd'");
    await other.page.getByRole('button', { name: 'Delete the view “SGD "by" rate”' }).click();
    await other.page.getByText('A view keeps filter').waitFor();
    await closeTab(other);
  });

  it('keeps views of all runs apart from those of an experiment, also of the one where they are kept', async () => {
    const tab = await open('', { width: 1200 });
    const { page } = tab;
    await filter(page).fill("attributes.run_name = 'trial 007'");
    await total(page, '1 run matches');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('textbox', { name: 'Name of a new view' }).fill('lucky');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'lucky', exact: true }).waitFor();
    await closeTab(tab);
    const again = await openInEditor(plane, { page: 'runs', name: '' }, { width: 1200 });
    await again.page.getByRole('button', { name: 'Saved views' }).click();
    await again.page.getByRole('button', { name: 'lucky', exact: true }).click();
    await total(again.page, '1 run matches');
    await closeTab(again);
    const other = await openStudio(plane, '/runs/Default');
    await other.page.getByRole('button', { name: 'Saved views' }).click();
    await other.page.getByText('A view keeps filter').waitFor();
    await closeTab(other);
  });

  it('exports all that matches as CSV and Parquet, in full and harmless', async () => {
    const made = await makeExperiment(plane.client, 'to-export');
    // A cell of the table shows a thousand characters.
    const long = 'x'.repeat(5000);
    await makeRun(
      plane.client,
      made,
      {
        name: '=HYPERLINK("http://evil")',
        params: { note: 'a "b", c', lr: '-0.1', at: '@sum' },
        metrics: { acc: [0.1 + 0.2], bad: ['NaN'] },
      },
      1_700_000_000_000,
    );
    await makeRun(
      plane.client,
      made,
      { name: 'plain', params: { lr: '1e-3', note: long }, metrics: { acc: [-1e-300] } },
      1_700_000_060_000,
    );
    const tab = await open('to-export');
    const { page } = tab;
    const save = async (format: string) => {
      await page.getByRole('button', { name: 'Export' }).click();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: format }).click()]);
      await page.keyboard.press('Escape');
      return { name: download.suggestedFilename(), bytes: await readFile((await download.path())!) };
    };
    const csv = await save('CSV');
    assert.equal(csv.name, 'to-export.csv');
    assert.deepEqual(
      csv.bytes
        .toString()
        .split('\r\n')
        .map((line) => line.replace(/^[0-9a-f-]{30,}/, 'ID')),
      [
        'run_id,run_name,start_time,duration,metrics.acc,metrics.bad,params.at,params.lr,params.note',
        `ID,plain,1700000060000,,-1e-300,,,1e-3,${long}`,
        `ID,"'=HYPERLINK(""http://evil"")",1700000000000,,0.30000000000000004,NaN,'@sum,-0.1,"a ""b"", c"`,
        '',
      ],
    );
    const parquet = await save('Parquet');
    assert.equal(parquet.name, 'to-export.parquet');
    const { parquetReadObjects } = await import('hyparquet');
    const rows = await parquetReadObjects({ file: new Uint8Array(parquet.bytes).buffer });
    assert.equal(rows.length, 2);
    assert.equal(rows[1]!.run_name, '=HYPERLINK("http://evil")');
    assert.equal(rows[1]!['metrics.acc'], 0.1 + 0.2);
    assert.ok(Number.isNaN(rows[1]!['metrics.bad']));
    assert.equal(rows[0]!['metrics.bad'], null);
    assert.equal((rows[0]!.start_time as Date).getTime(), 1_700_000_060_000);
    await closeTab(tab);
  });

  it('asks the editor to save files, to copy links and to open pages', async () => {
    const tab = await openInEditor(
      plane,
      { page: 'runs', name: experiment, state: { filter: "params.seed = '7'", tab: 'table' } },
      { width: 1000 },
    );
    const { page } = tab;
    await row(page, 'trial 007').waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('button', { name: 'CSV' }).click();
    await page.waitForFunction(() => !document.querySelector('progress'));
    await page.getByRole('button', { name: 'Copy a link to this view' }).click();
    await page.getByRole('button', { name: 'For VS Code' }).click();
    await row(page, 'trial 007').getByRole('link').click();
    await page.waitForFunction(() => true);
    const made = Object.fromEntries(tab.commands.map(({ command, args }) => [command, args]));
    assert.equal(made['file.save']?.name, 'digits-sweep.csv');
    assert.match(Buffer.from(made['file.save']!.content!, 'base64').toString(), /^run_id,run_name,.*\r\n[0-9a-f-]+,trial 007,/);
    assert.equal(JSON.parse(made['link.copy']!.state!).filter, "params.seed = '7'");
    assert.deepEqual(made['job.open'], { name: ids[7] });
    await closeTab(tab);
  });

  it('keeps many selected runs through a reload, and names them in a short link', async () => {
    const tab = await open(`${experiment}?order=${encodeURIComponent('["params.seed ASC"]')}`);
    const { page, context } = tab;
    await first(page, 'trial 000');
    const link = async (): Promise<string> => {
      await page.getByRole('button', { name: 'Copy a link to this view' }).click();
      await page.getByRole('button', { name: /^Copied/ }).waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    // The second row to the last one.
    await row(page, 'trial 001').getByRole('gridcell').nth(2).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Shift+Space');
    await page.getByText('199 runs selected').waitFor();
    await page.reload();
    await page.getByText('199 runs selected').waitFor();
    assert.ok(page.url().length < 1000, page.url());
    const copied = await link();
    assert.ok(copied.length < 1000, copied);
    const other = await context.newPage();
    await other.goto(copied);
    await other.getByText('199 runs selected').waitFor();
    await other.close();
    // Runs that stand apart can only be named.
    await row(page, 'trial 005')
      .getByRole('gridcell')
      .nth(2)
      .click({ modifiers: ['Control'] });
    await page.getByText('198 runs selected').waitFor();
    const cut = JSON.parse(new URL(await link()).searchParams.get('selected')!);
    assert.deepEqual(cut, [...ids.slice(1, 5), ...ids.slice(6, 102)]);
    await page.getByText('Copied, with the first 100 of 198 selected runs').waitFor();
    await closeTab(tab);
  });

  it('is live, and reads only what is in view again', async () => {
    const made = await makeExperiment(plane.client, 'live-runs');
    const run = await makeRun(plane.client, made, { name: 'growing', metrics: { acc: [0.5] } }, Date.now());
    const tab = await open('live-runs');
    const { page } = tab;
    await row(page, 'growing').getByTitle('acc: 0.5').waitFor();
    await plane.client.logBatch(run, { metrics: [{ key: 'acc', value: 0.75, timestamp: Date.now(), step: 1 }], params: [], tags: [] });
    await row(page, 'growing').getByTitle('acc: 0.75').waitFor();
    await makeRun(plane.client, made, { name: 'another', metrics: { brand_new: [1] } }, Date.now() + 1000);
    await row(page, 'another').waitFor();
    await head(page, /^Metric brand_new/).waitFor();
    await closeTab(tab);
  });

  it('shows names in any script, and nothing of a name becomes anything but text', async () => {
    const made = await makeExperiment(plane.client, 'بحث <b>x</b>');
    const key = `${'語'.repeat(120)}/${'ü'.repeat(129)}`;
    const long = `${'語'.repeat(120)} ${'ü'.repeat(129)}`;
    await makeRuns(
      plane.client,
      made,
      [
        { name: '<img src=x onerror=alert(1)></script>', params: { 'a: b/c.d e': '\u202etxt.exe', [key]: long } },
        { name: long, metrics: { 'loss total': [1], [key]: [2] } },
        { name: 'مرحبا بالعالم', tags: { 'updraft.starred': 'true' } },
      ],
      Date.now() - 1e6,
    );
    const tab = await openStudio(plane, `/runs/${encodeURIComponent('بحث <b>x</b>')}`);
    const { page } = tab;
    await row(page, 'مرحبا بالعالم').waitFor();
    await row(page, '<img src=x onerror=alert(1)></script>').waitFor();
    await page.getByText('⟨U+202E⟩txt.exe').waitFor();
    const spilled = await page.locator('.grid-cell').evaluateAll((cells) =>
      cells
        .map((cell) => cell.querySelector('a') ?? cell)
        .filter((each) => each.scrollWidth > each.clientWidth && getComputedStyle(each).overflowX === 'visible' && each.clientWidth > 0)
        .map((each) => each.textContent),
    );
    assert.deepEqual(spilled, [], 'no text runs into the next cell');
    assert.equal(await page.evaluate(() => document.scrollingElement!.scrollWidth <= innerWidth), true);
    await shoot(page, 'runs-names-dark');
    await closeTab(tab);
  });

  it('says what is the matter where there is nothing to show, and shows the last rows while the plane is away', async () => {
    await makeExperiment(plane.client, 'nothing-yet');
    const empty = await openStudio(plane, '/runs/nothing-yet');
    await empty.page.getByText('No runs yet.').waitFor();
    await shoot(empty.page, 'runs-empty-dark');
    await closeTab(empty);
    const tab = await open(experiment);
    const { page } = tab;
    await page.context().setOffline(true);
    await page.route('**/*', (route) => route.abort());
    await head(page, /^Attribute Name/).click();
    await page.getByText('What is shown is what was read last.').waitFor();
    await row(page, 'trial 199').waitFor();
    await shoot(page, 'runs-away-dark');
    await page.unroute('**/*');
    await page.context().setOffline(false);
    await first(page, 'trial 000');
    tab.errors.length = 0;
    await closeTab(tab);
  });

  for (const [theme, width] of [
    ['light', 1100],
    ['contrast', 1100],
    ['dark', 420],
  ] as const)
    it(`looks right in ${theme}, ${width} pixels wide`, async () => {
      const tab = await openInEditor(
        plane,
        { page: 'runs', name: experiment, state: { selected: [ids[197], ids[196]], order: ['metrics.accuracy DESC', 'params.lr ASC'] } },
        { theme, width, height: 700 },
      );
      const { page } = tab;
      await gridOf(page).getByRole('link').first().waitFor();
      await page.locator('.grid-curve path').first().waitFor();
      assert.equal(await page.evaluate(() => document.scrollingElement!.scrollWidth <= innerWidth), true);
      await shoot(page, `runs-table-${width === 420 ? 'narrow' : theme}`);
      await closeTab(tab);
    });
});
