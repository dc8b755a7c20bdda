import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, it } from 'mocha';
import type { Schedule } from '../../src/protocol/schedule.ts';
import type { TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, openTab, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { endRun, fixturePlane, openRun, startStudio } from './fixture.ts';

describe('the Studio', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await fixturePlane();
  });

  it('lists jobs, live, by status, experiment and name, page by page', async () => {
    const tab = await openStudio(plane, '/');
    const { page } = tab;
    const table = page.getByRole('table', { name: 'Jobs' });
    const row = (name: string) => table.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
    await row('Digits, two layers').getByRole('img', { name: 'Completed' }).waitFor();
    await row('Reads the wrong file').getByRole('img', { name: 'Failed' }).waitFor();
    const run = await openRun(plane, 'a new one');
    await row('a new one').getByRole('img', { name: 'Running' }).waitFor();
    await endRun(plane, run);
    await row('a new one').getByRole('img', { name: 'Completed' }).waitFor();
    await shoot(page, 'pages-studio-jobs-dark');

    await page.getByRole('textbox', { name: 'Search by name' }).fill('digits');
    await row('a new one').waitFor({ state: 'detached' });
    await row('Digits, two layers').waitFor();
    await page.getByRole('textbox', { name: 'Search by name' }).fill('');
    await page.getByTitle('Status', { exact: true }).click();
    await page.getByRole('option', { name: 'Failed' }).click();
    await row('Digits, two layers').waitFor({ state: 'detached' });
    await row('Reads the wrong file').waitFor();
    assert.equal(new URL(page.url()).searchParams.get('status'), 'failed');
    await page.getByTitle('Experiment', { exact: true }).click();
    await page.getByRole('option', { name: 'Default' }).click();
    await row('Reads the wrong file').waitFor({ state: 'detached' });
    await page.getByRole('textbox', { name: 'Search by name' }).fill('nothing is called so');
    await page.getByText('No job matches.').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await row('Digits, two layers').waitFor();

    await Promise.all(Array.from({ length: 60 }, (_, index) => openRun(plane, `many ${index}`)));
    await page.getByRole('button', { name: 'Load more' }).click();
    await row('Digits, two layers').waitFor();
    assert.equal(await table.getByRole('row').count(), 1 + (await plane.client.listJobs({ top: 1000 })).value.length);
    await row('Digits, two layers').getByRole('link').click();
    await page.getByRole('heading', { name: /Digits, two layers/ }).waitFor();
    await page.goBack();
    await table.waitFor();
    await closeTab(tab);
  });

  it('names the scripts of a page to the browser, and asks for none of its files a second time', async () => {
    const job = (await plane.client.listJobs({ top: 1 })).value[0]!.name;
    for (const [at, part] of [
      ['/runs/', 'RunsPage'],
      ['/jobs', 'JobsPage'],
      [`/jobs/${job}`, 'JobPage'],
      ['/models', 'ModelsPage'],
    ] as const) {
      const tab = await openStudio(plane, at);
      const { page } = tab;
      await page.getByRole('main').waitFor();
      const named = await page
        .locator('link[rel=modulepreload]')
        .evaluateAll((links) => links.map((link) => (link as HTMLLinkElement).href));
      assert.ok(
        named.some((name) => name.includes(`/part-${part}-`)),
        `${at}: ${named}`,
      );
      const sent = () =>
        page.evaluate(() =>
          (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
            .filter(({ name, transferSize }) => name.includes('/studio/assets/') && transferSize > 0)
            .map(({ name }) => name),
        );
      // Parts that come later than the page may not have come yet.
      const before = await sent();
      assert.ok(before.length > 0);
      await page.reload();
      await page.getByRole('main').waitFor();
      const again = (await sent()).filter((name) => before.includes(name));
      assert.deepEqual(again, [], at);
      await closeTab(tab);
    }
  });

  it('lists schedules, live: when each starts its job, and what came of the last times', async () => {
    const tab = await openStudio(plane, '/schedules');
    const { page } = tab;
    await page.getByText('No schedules yet.').waitFor();
    await shoot(page, 'pages-studio-schedules-empty');
    const { properties } = await plane.client.getJob('wrong_file');
    const { environmentId } = properties as { environmentId: string };
    const put = (name: string, expression: string, more: Partial<Schedule['properties']> = {}) =>
      plane.client.putSchedule(name, {
        trigger: { triggerType: 'Cron', expression },
        action: {
          actionType: 'CreateJob',
          jobDefinition: { jobType: 'Command', command: 'true', environmentId, displayName: 'Nightly check' },
        },
        ...more,
      });
    await put('weekly', '0 8 * * 1-5', { description: '<b>Sends</b> the report', isEnabled: false });
    await put('nightly', '0 3 1 1 *', { displayName: 'At the turn of the year' });
    const row = (name: string) => page.getByRole('row').filter({ hasText: name });
    await row('weekly').getByText('every Monday to Friday at 8:00 UTC').waitFor();
    await row('weekly').getByText('<b>Sends</b> the report').waitFor();
    await row('weekly').getByText('disabled').waitFor();
    await row('turn of the year')
      .getByText(/^Jan 1, 20\d\d, /)
      .waitFor();

    await page.getByRole('button', { name: 'Start the job of nightly now' }).click();
    await row('turn of the year')
      .getByRole('img', { name: /^Nightly check, Completed/ })
      .waitFor();
    await page.getByRole('button', { name: 'Enable weekly' }).click();
    await page.getByRole('button', { name: 'Disable weekly' }).waitFor();
    await row('weekly').getByText('disabled').waitFor({ state: 'detached' });
    await shoot(page, 'pages-studio-schedules');
    await page.setViewportSize({ width: 480, height: 700 });
    await shoot(page, 'pages-studio-schedules-narrow');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await row('turn of the year').getByRole('link').click();
    await page.getByRole('heading', { name: /Nightly check/ }).waitFor();
    await closeTab(tab);
    for (const name of ['weekly', 'nightly']) await plane.client.deleteSchedule(name);
  });

  it('runs a job again, and goes to the new one', async () => {
    const tab = await openStudio(plane, '/jobs/wrong_file');
    const { page } = tab;
    await page.getByRole('button', { name: 'Run it again' }).click();
    await page.waitForURL((url) => /\/studio\/jobs\/[a-z]+_[a-z]+_[0-9a-f]{10}$/.test(url.pathname));
    await page.getByRole('button', { name: 'Cancel the job' }).waitFor();
    const again = await plane.client.getJob(new URL(page.url()).pathname.split('/').at(-1)!);
    assert.equal(again.properties.displayName, 'Reads the wrong file');
    await page.goBack();
    await page.getByRole('heading', { name: /Reads the wrong file/ }).waitFor();
    await closeTab(tab);
  });

  it('downloads everything of a job as one zip file', async () => {
    const tab = await openStudio(plane, '/jobs/digits_1');
    const [download] = await Promise.all([
      tab.page.waitForEvent('download'),
      tab.page.getByRole('button', { name: 'Download everything as a zip file' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'digits_1.zip');
    const list = execFileSync('python3', ['-m', 'zipfile', '-l', await download.path()], { encoding: 'utf8' });
    for (const file of ['model/weights.bin', 'pipeline.yml', 'train/Artifacts/user_logs/std_log.txt', 'train/Code that ran/train.py'])
      assert.match(list, new RegExp(`^${file} +\\S+ \\S+ +[1-9]`, 'm'), file);
    await closeTab(tab);
  });

  it('finds models by a part of their name', async () => {
    const tab = await openStudio(plane, '/models?search=IGIT');
    const { page } = tab;
    await page.getByRole('link', { name: 'digits', exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Search by name' }).fill('nothing is called so');
    await page.getByText('No registered model matches.').waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByRole('link', { name: 'digits', exact: true }).waitFor();
    await closeTab(tab);
  });

  it('shows a model with its versions, aliases, lineage and files', async () => {
    const tab = await openStudio(plane, '/models');
    const { page } = tab;
    await page.getByRole('link', { name: 'digits', exact: true }).click();
    await page.getByRole('heading', { name: 'digits' }).waitFor();
    await page.getByRole('link', { name: 'train' }).waitFor();
    await page.getByRole('link', { name: 'digits_1-prepare, output data' }).waitFor();
    await page.getByRole('button', { name: 'Add an alias' }).click();
    await page.getByRole('textbox', { name: 'Name of the alias' }).fill('champion');
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Aliases of version 1' }).getByText('@champion').waitFor();
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await page.getByRole('textbox', { name: 'Name of the tag' }).fill('reviewed');
    await page.getByRole('textbox', { name: 'Value of the tag' }).fill('yes');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Tag reviewed: yes' }).waitFor();
    await shoot(page, 'pages-model-dark');
    const { properties } = await plane.client.getAsset('models', 'digits', '1');
    assert.deepEqual([properties.aliases, properties.tags], [['champion'], { reviewed: 'yes' }]);
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.getByRole('treeitem', { name: 'model.json' }).click();
    await page.getByText('weights:').waitFor();
    await closeTab(tab);
  });

  it('changes a model from the editor too, through what the bridge allows', async () => {
    const tab = await openInEditor(plane, { page: 'model', name: 'digits' });
    const { page } = tab;
    await page.getByRole('button', { name: /Description of the model/ }).click();
    await page.getByRole('textbox', { name: 'Description of the model' }).fill('Reads digits.');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Description of the model: Reads digits.' }).waitFor();
    await page.getByRole('button', { name: 'Remove the tag reviewed' }).click();
    await page.getByRole('button', { name: 'Tag reviewed: yes' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove the alias champion' }).click();
    await page.getByText('@champion').first().waitFor({ state: 'detached' });
    await closeTab(tab);
  });

  it('opens the version of a model that was asked for, also one that is far down the list', async () => {
    const put = (version: number) =>
      plane.client.putAsset('models', 'often', String(version), {
        modelUri: 'azureml://datastores/workspaceblobstore/paths/often',
        modelType: 'custom_model',
        description: `number ${version}`,
        tags: {},
        properties: {},
        flavors: {},
      });
    for (let version = 1; version <= 130; version++) await put(version);
    const tab = await openInEditor(plane, { page: 'model', name: 'often', version: '1' });
    await tab.page.getByRole('button', { name: 'Description of the version: number 1', exact: true }).waitFor();
    await tab.page.getByRole('button', { name: /^Version 130/ }).click();
    await tab.page.getByRole('button', { name: 'Description of the version: number 130' }).waitFor();
    await closeTab(tab);
    const browser = await openStudio(plane, '/models/often?version=%222%22');
    await browser.page.getByRole('button', { name: 'Description of the version: number 2', exact: true }).waitFor();
    await closeTab(browser);
  });

  it('says what to do with a wrong token, and hands the right one to a further tab', async () => {
    const first = await openStudio(plane, '/');
    await first.page.getByRole('table', { name: 'Jobs' }).waitFor();
    const second = await first.context.newPage();
    await second.goto(`${plane.url}/studio/jobs/digits_1`);
    await second.getByRole('heading', { name: /Digits, two layers/ }).waitFor();
    await closeTab(first);

    const tab = await openStudio(plane, '/');
    await tab.page.getByRole('table', { name: 'Jobs' }).waitFor();
    await tab.page.goto(`${plane.url}/studio#token=wrong`);
    await tab.page.reload();
    await tab.page.getByText('no token that the control plane accepts').waitFor();
    await shoot(tab.page, 'pages-studio-refused');
    await tab.context.close();

    const stranger = await openTab();
    await stranger.page.goto(`${plane.url}/studio/`);
    await stranger.page.getByText('Open the Studio from VS Code').waitFor();
    await stranger.context.close();
  });

  it('says that the plane is gone, and goes on when it is back', async () => {
    let own = await startStudio();
    const run = await openRun(own, 'before');
    const tab = await openStudio(own, `/jobs/${run}`);
    const { page } = tab;
    await page.getByRole('heading', { name: 'before' }).waitFor();
    await own.stop();
    await page.getByText('The control plane does not answer').waitFor();
    await page.getByRole('heading', { name: 'before' }).waitFor();
    await shoot(page, 'pages-studio-gone');
    own = await startStudio(own.folder);
    await page.getByText('The control plane does not answer').waitFor({ state: 'detached' });
    await own.client.patchJob(run, { displayName: 'after' });
    await page.getByRole('heading', { name: 'after' }).waitFor();
    await tab.context.close();
    await own.remove();
  });
});
