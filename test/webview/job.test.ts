import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { assetId } from '../../src/protocol/arm.ts';
import { jobProperty } from '../../src/protocol/job.ts';
import { jobWhen, shellEnvironment, type TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { endRun, fixturePlane, openRun } from './fixture.ts';

describe('the job page', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await fixturePlane();
  });

  it('shows a pipeline at a glance in the Studio', async () => {
    const tab = await openStudio(plane, '/jobs/digits_1');
    const { page } = tab;
    await page.getByRole('heading', { name: /Digits, two layers/ }).waitFor();
    await page.locator('.subtitle').getByText('Completed').waitFor();
    for (const step of ['prepare', 'train', 'evaluate']) await page.getByRole('link', { name: step, exact: true }).waitFor();
    assert.equal(new URL(page.url()).hash, '', 'the token is taken out of the address');
    await shoot(page, 'pages-overview-dark');
    await closeTab(tab);
  });

  it('shows why a job failed, and leads to the place in the editor', async () => {
    const tab = await openInEditor(plane, { page: 'job', name: 'wrong_file' });
    const { page } = tab;
    await page.locator('.error-message', { hasText: /^\w+Error: no rows in missing.csv \(exit code 1\)\.$/ }).waitFor();
    await page.getByRole('button', { name: 'fails.py, line 5' }).first().click();
    await page.getByText('Show reason').click();
    await page.getByText('Run again under the debugger').click();
    assert.deepEqual(
      tab.commands.map(({ command, args }) => [command, args]),
      [
        ['job.openSnapshot', { name: 'wrong_file', path: 'fails.py', line: '5' }],
        ['job.revealError', { name: 'wrong_file' }],
        ['job.debug', { name: 'wrong_file' }],
      ],
    );
    await shoot(page, 'pages-error-dark');
    await closeTab(tab);
  });

  it('shows the end of what a job that failed wrote last', async () => {
    const environmentId = await shellEnvironment(plane.client);
    const command = 'for n in $(seq 30); do echo "line $n"; done; exit 3';
    await plane.client.putJob('long_end', { jobType: 'Command', command, environmentId });
    await jobWhen(plane.client, 'long_end');
    const tab = await openInEditor(plane, { page: 'job', name: 'long_end' });
    const box = tab.page.locator('.stderr pre');
    await box.getByText('line 30', { exact: true }).waitFor();
    const left = await box.evaluate((element) => [element.scrollTop, element.scrollHeight - element.clientHeight - element.scrollTop]);
    assert.ok(left[0]! > 0 && left[1]! < 2, String(left));
    await closeTab(tab);
  });

  it('is shown though a part of it can not be loaded', async () => {
    const run = await openRun(plane, 'without notes');
    await plane.client.http.json('POST', '/api/2.0/mlflow/runs/set-tag', { run_id: run, key: 'mlflow.note.content', value: 'a note' });
    const tab = await openInEditor(plane, { page: 'job', name: run, tab: 'log' });
    await tab.page.getByRole('heading', { name: 'without notes' }).waitFor();
    await tab.page.route(/part-Notes/, (route) => route.abort());
    await tab.page.getByRole('tab', { name: 'Overview' }).click();
    await tab.page.getByText('Loading the note has failed.').waitFor();
    await tab.page.getByRole('heading', { name: 'without notes' }).waitFor();
    await shoot(tab.page, 'pages-part-failed-dark');
    await endRun(plane, run);
    await tab.context.close();
  });

  it('tells of a job that was sent from another control plane where it ran', async () => {
    const environmentId = await shellEnvironment(plane.client);
    await plane.client.putCopy('copied', {
      origin: { plane: '3f2a9c1e-0000-4000-8000-000000000000', workspace: 'vision' },
      asOf: { epoch: 'e', seq: 1 },
      createdAt: '2026-01-02T03:04:05Z',
      properties: { jobType: 'Command', command: 'true', environmentId, status: 'Completed', endedAt: '2026-01-02T03:05:05Z' },
      shared: { fields: {}, conflicts: [] },
      params: [],
    });
    const tab = await openInEditor(plane, { page: 'job', name: 'copied' });
    await tab.page.getByText('workspace vision of the control plane 3f2a9c1e').waitFor();
    await shoot(tab.page, 'job-copied-dark');
    await closeTab(tab);
  });

  it('tells of a job that runs on another control plane where it does, and offers nothing that is decided there', async () => {
    const environmentId = await shellEnvironment(plane.client);
    const copy = (seq: number, more: object) =>
      plane.client.putCopy('runs-elsewhere', {
        origin: { plane: '3f2a9c1e-0000-4000-8000-000000000000', workspace: 'vision' },
        asOf: { epoch: 'e', seq },
        createdAt: '2026-01-02T03:04:05Z',
        properties: { jobType: 'Command', command: 'true', environmentId, startedAt: '2026-01-02T03:05:05Z', status: 'Running', ...more },
        shared: { fields: {}, conflicts: [] },
        params: [],
      });
    await copy(1, { progress: 'Epoch 3 of 10' });
    const tab = await openInEditor(plane, { page: 'job', name: 'runs-elsewhere' });
    await tab.page.getByText('Epoch 3 of 10').waitFor();
    await tab.page.getByText('Runs in').waitFor();
    assert.equal(await tab.page.getByRole('button', { name: 'Cancel the job' }).count(), 0);
    await shoot(tab.page, 'job-elsewhere-dark');
    await copy(2, { status: 'Completed', endedAt: '2026-01-02T04:05:05Z' });
    await tab.page.getByText('Ran in').waitFor();
    await closeTab(tab);
  });

  it('says at once that its job was deleted, with nothing left to do', async () => {
    const run = await openRun(plane, 'short-lived');
    await endRun(plane, run);
    const [inEditor, inBrowser] = [await openInEditor(plane, { page: 'job', name: run }), await openStudio(plane, `/jobs/${run}`)];
    for (const { page } of [inEditor, inBrowser]) await page.getByRole('heading', { name: /short-lived/ }).waitFor();
    await plane.client.deleteJob(run);
    for (const { page } of [inEditor, inBrowser]) {
      await page.getByText('This job was deleted.').waitFor();
      assert.equal(await page.getByRole('toolbar').count(), 0);
    }
    await inEditor.page.getByText('The Jobs view has all the others.').waitFor();
    assert.equal(await inEditor.page.getByText('updraft job').count(), 0);
    await inBrowser.page.getByRole('link', { name: 'Show the others' }).click();
    await inBrowser.page.getByRole('table').waitFor();
    await inEditor.context.close();
    await inBrowser.context.close();
  });

  it('draws metrics as they come, and keeps tab and smoothing through a reload of the window', async () => {
    const run = await openRun(plane, 'live run');
    const tab = await openInEditor(plane, { page: 'job', name: run });
    const { page } = tab;
    await page.getByRole('tab', { name: 'Metrics' }).click();
    await page.getByText('No metrics yet.').waitFor();
    const log = (from: number, to: number) =>
      plane.client.logBatch(run, {
        metrics: Array.from({ length: to - from }, (_, index) => ({
          key: 'loss',
          value: 1 / (from + index + 1),
          timestamp: Date.now(),
          step: from + index,
        })),
      });
    await log(0, 10);
    const row = page.getByRole('figure', { name: 'loss' }).getByRole('row').last();
    await row.getByRole('cell', { name: '0.1', exact: true }).first().waitFor();
    await log(10, 100);
    await row.getByRole('cell', { name: '0.01', exact: true }).first().waitFor();
    await page.getByRole('slider', { name: 'Smoothing' }).fill('0.6');
    await page.reload();
    await page.getByRole('tab', { name: 'Metrics', selected: true }).waitFor();
    assert.equal(await page.getByRole('slider', { name: 'Smoothing' }).inputValue(), '0.6');
    assert.deepEqual((await tab.state()).address, { page: 'job', name: run });
    await endRun(plane, run);
    await page.locator('.subtitle').getByText('Completed').waitFor();
    await closeTab(tab);
  });

  it('draws the metrics of every step of a pipeline, and shows a part at a finer resolution', async () => {
    const tab = await openStudio(plane, '/jobs/digits_1?tab=metrics');
    const { page } = tab;
    const chart = page.getByRole('figure', { name: 'grad_norm' });
    await chart.waitFor();
    const plot = chart.locator('.plot');
    await plot.scrollIntoViewIfNeeded();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 40, { steps: 4 });
    const detail = page.waitForRequest(
      (request) => request.url().endsWith('/updraft/series') && /"from":.*"to":/.test(request.postData() ?? ''),
    );
    await page.mouse.up();
    await detail;
    await page.getByRole('button', { name: /Show all \(/ }).waitFor();
    await shoot(page, 'pages-metrics-dark');
    await page.getByRole('button', { name: /Show all \(/ }).click();
    await page.getByRole('button', { name: /Show all \(/ }).waitFor({ state: 'detached' });
    await page.getByRole('slider', { name: 'Smoothing' }).fill('0.8');
    await page.getByRole('button', { name: 'Choose metrics' }).click();
    for (const key of ['loss', 'train/accuracy', 'train/grad_norm'])
      await page.getByRole('dialog', { name: 'Choose metrics' }).getByText(key, { exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('figure', { name: 'f1/macro' }).waitFor({ state: 'detached' });
    await page.getByTitle('Horizontal axis', { exact: true }).click();
    await page.getByRole('option', { name: 'Relative time' }).click();
    await page.locator('.charts-scroll').evaluate((element) => element.scrollTo(0, 0));
    await shoot(page, 'pages-metrics-smoothed-dark');
    await page.reload();
    await page
      .getByRole('button', { name: 'Choose metrics' })
      .getByText(/^3 of \d+ metrics$/)
      .waitFor();
    await closeTab(tab);
  });

  it('draws the graph of a pipeline and shows a chosen step in full', async () => {
    const tab = await openInEditor(plane, { page: 'job', name: 'digits_1', tab: 'graph' });
    const { page } = tab;
    await page.getByRole('group', { name: /step train, Completed/ }).click();
    const details = page.getByRole('complementary', { name: 'Details of train' });
    await details.getByText('python3 train.py').waitFor();
    await details.getByText('grad_norm').waitFor();
    await shoot(page, 'pages-graph-dark');
    await page.getByRole('button', { name: 'Save the graph as SVG' }).click();
    const saved = tab.commands.at(-1)!;
    assert.equal(saved.command, 'graph.save');
    assert.match(saved.args.svg!, /^<svg .*train.*<\/svg>\s*$/s);
    await details.getByRole('button', { name: 'Show its log' }).click();
    await page.getByText(/epoch\s+200/).waitFor();
    await closeTab(tab);
  });

  it('follows the log, searches in it, and links its traceback', async () => {
    const tab = await openInEditor(plane, { page: 'job', name: 'wrong_file', tab: 'log' });
    const { page } = tab;
    await page.getByText('FileNotFoundError: no rows').waitFor();
    await page.getByRole('textbox', { name: 'Search' }).fill('row 1');
    await page.getByText('1 of 111').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('2 of 111').waitFor();
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.press('Shift+Enter');
    await page.getByText('111 of 111').waitFor();
    await page.getByText('row 199 is fine').waitFor();
    await shoot(page, 'pages-log-dark');
    await page.getByRole('textbox', { name: 'Search' }).fill('load(sys');
    await page.getByRole('button', { name: /fails\.py", line 11/ }).click();
    assert.deepEqual(tab.commands.at(-1)?.args, { name: 'wrong_file', path: 'fails.py', line: '11' });
    await closeTab(tab);
  });

  it("folds what was logged before the command's first line", async () => {
    const command = 'for n in $(seq 3); do echo "line $n"; done';
    await plane.client.putJob('folded', {
      jobType: 'Command',
      command,
      environmentId: await shellEnvironment(plane.client),
      // Each of these has no effect here, as the environment's image has none: three lines say so.
      services: { my_jupyter: { jobServiceType: 'JupyterLab' } },
      identity: { identityType: 'UserIdentity' },
    });
    await jobWhen(plane.client, 'folded');
    const tab = await openInEditor(plane, { page: 'job', name: 'folded', tab: 'log' });
    const { page } = tab;
    await page.getByText('line 1', { exact: true }).waitFor();
    assert.deepEqual(await page.locator('.line-text').allInnerTexts(), ['line 1', 'line 2', 'line 3']);
    assert.deepEqual(await page.locator('.line-number').allInnerTexts(), ['4', '5', '6']);
    await shoot(page, 'pages-log-folded-dark');
    await page.getByRole('button', { name: 'Show the set-up (3 lines)' }).click();
    await page.getByText('identity has no effect here').waitFor();
    assert.equal(await page.locator('.line-text').count(), 6);
    await closeTab(tab);
  });

  it('lists what a job wrote and previews images, tables, JSON and text, none of which can run anything', async () => {
    const tab = await openStudio(plane, '/jobs/digits_1-evaluate?tab=outputs');
    const { page } = tab;
    const file = (name: string) => page.getByRole('treeitem', { name, exact: true });
    await file('confusion_matrix.png').click();
    await page.getByText('192 × 192').waitFor();
    await shoot(page, 'pages-outputs-image-dark');
    await file('tables').click();
    await file('predictions.csv').click();
    await page.getByText('2500 rows, 4 columns').waitFor();
    await page.getByRole('cell', { name: 'note: sample 3, checked' }).waitFor();
    await shoot(page, 'pages-outputs-table-dark');
    await file('report.json').click();
    await page.getByRole('button', { name: 'classes: {8 keys}' }).waitFor();
    await page.getByRole('button', { name: /^0:/ }).click();
    await page.getByText('precision:').waitFor();
    await shoot(page, 'pages-outputs-json-dark');
    const preview = (name: string) => page.getByRole('region', { name: `Preview of ${name}` });
    await file('notes.md').click();
    await preview('notes.md').getByRole('heading', { name: 'Evaluation' }).waitFor();
    await file('page.html').click();
    await preview('page.html').locator('iframe').waitFor();
    await file('shape.svg').click();
    await page.getByRole('img', { name: 'shape.svg' }).waitFor();
    assert.equal(await page.evaluate(() => (globalThis as any).hacked), undefined);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download', exact: true }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'shape.svg');
    await closeTab(tab);
  });

  it('finds the chosen file again after a reload, and says what can not be shown', async () => {
    const tab = await openInEditor(plane, { page: 'job', name: 'digits_1', tab: 'outputs' });
    const { page } = tab;
    await page.getByRole('treeitem', { name: 'weights.bin' }).click();
    await page.getByText('This file is not text').waitFor();
    await page.reload();
    await page.getByText('This file is not text').waitFor();
    await page.getByRole('button', { name: 'Save as…' }).click();
    assert.match(tab.commands.at(-1)!.args.uri!, /digits_1-train\/model\/weights\.bin$/);
    await closeTab(tab);
  });

  it('opens the code that ran at the line of a traceback, in a browser too', async () => {
    const tab = await openStudio(plane, '/jobs/wrong_file');
    const { page } = tab;
    await page.getByRole('button', { name: 'fails.py, line 5' }).click();
    await page.getByRole('region', { name: 'Preview of fails.py' }).getByText('raise FileNotFoundError').waitFor();
    await shoot(page, 'pages-code-dark');
    await closeTab(tab);
  });

  it('tells where a job comes from and what it led to', async () => {
    const tab = await openStudio(plane, '/jobs/digits_1-train?tab=lineage');
    const { page } = tab;
    await page.getByRole('link', { name: 'digits:1' }).waitFor();
    await page.getByRole('link', { name: 'digits_1-prepare, output data' }).waitFor();
    await page.getByRole('link', { name: 'evaluate' }).waitFor();
    await shoot(page, 'pages-lineage-dark');
    await page.getByRole('link', { name: 'Digits, two layers' }).first().click();
    await page.getByRole('heading', { name: /Digits, two layers/ }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'digits_1-prepare, output data' }).waitFor();
    await closeTab(tab);
  });

  it('keeps numbers whole where there is little room, and the ring around a link', async () => {
    const run = await openRun(plane, 'narrow numbers');
    await plane.client.logBatch(run, {
      metrics: [{ key: 'a_rather_long_name_of_a_metric', value: 4909012, timestamp: Date.now(), step: 0 }],
    });
    const tab = await openInEditor(plane, { page: 'job', name: run }, { width: 240 });
    const number = tab.page.locator('.fact .number').first();
    await number.waitFor();
    const [lines, fits] = await number.evaluate((element) => [
      element.getClientRects().length,
      element.getBoundingClientRect().height < 1.9 * Number.parseFloat(getComputedStyle(element).fontSize),
    ]);
    assert.deepEqual([lines, fits], [1, true]);
    await closeTab(tab);
    const steps = await openInEditor(plane, { page: 'job', name: 'digits_1' });
    const link = steps.page.getByRole('link', { name: 'train', exact: true });
    await link.waitFor();
    await steps.page.getByRole('tab', { name: 'Overview' }).focus();
    await steps.page.keyboard.press('Tab');
    while (!(await link.evaluate((element) => element === document.activeElement))) await steps.page.keyboard.press('Tab');
    assert.equal(await link.evaluate((element) => getComputedStyle(element).outlineOffset), '-1px');
    await shoot(steps.page, 'pages-focus-dark');
    await closeTab(steps);
  });

  it('leads from what it names to the thing itself', async () => {
    const environmentId = await shellEnvironment(plane.client);
    for (const version of ['1', '2'])
      await plane.client.putAsset('data', 'rows', version, {
        dataUri: 'azureml://datastores/workspaceblobstore/paths/rows',
        dataType: 'uri_folder',
        description: `the rows, ${version}`,
      });
    const commit = 'a'.repeat(40);
    await plane.client.putJob('linked', {
      jobType: 'Command',
      command: 'true',
      environmentId,
      inputs: { rows: { jobInputType: 'uri_folder', uri: assetId(plane.client.workspace, 'data', 'rows', '1') } },
      properties: {
        [jobProperty.gitCommit]: commit,
        [jobProperty.gitRepository]: 'git@example.com:team/digits.git',
        [jobProperty.submittedFile]: '/somewhere/job.yml',
      },
    });
    const tab = await openInEditor(plane, { page: 'job', name: 'linked' });
    const { page } = tab;
    const asked = async (name: string) => {
      await page.getByRole('button', { name }).or(page.getByRole('link', { name })).first().click();
      const { command, args } = tab.commands.at(-1)!;
      return [command, args];
    };
    const environment = ['asset.open', { name: 'shell', page: 'environment', version: '1' }];
    const data = ['asset.open', { name: 'rows', page: 'data', version: '1' }];
    const url = `https://example.com/team/digits/commit/${commit}`;
    assert.deepEqual(await asked('shell:1'), environment);
    assert.deepEqual(await asked('/somewhere/job.yml'), ['job.openFile', { name: 'linked' }]);
    assert.deepEqual(await asked('rows:1'), data);
    assert.deepEqual(await asked('aaaaaaaaaa'), ['external.open', { url }]);
    await page.getByRole('tab', { name: 'Lineage' }).click();
    assert.deepEqual(await asked('job.yml'), ['job.openFile', { name: 'linked' }]);
    assert.deepEqual(await asked('rows:1'), data);
    assert.deepEqual(await asked('shell:1'), environment);
    assert.deepEqual(await asked('aaaaaaaaaa'), ['external.open', { url }]);
    await closeTab(tab);

    const browser = await openStudio(plane, '/jobs/linked');
    assert.equal(await browser.page.getByRole('link', { name: 'aaaaaaaaaa' }).getAttribute('href'), url);
    await browser.page.getByRole('link', { name: 'rows:1' }).click();
    await browser.page.getByText('the rows, 1').waitFor();
    await shoot(browser.page, 'pages-data-dark');
    await browser.page.reload();
    await browser.page.getByText('the rows, 1').waitFor();
    await browser.page.goBack();
    await browser.page.getByRole('link', { name: 'shell:1' }).click();
    await browser.page.getByText('ubuntu:22.04').waitFor();
    await closeTab(browser);
  });

  it('changes name and tags in place', async () => {
    const run = await openRun(plane, 'first name');
    const tab = await openInEditor(plane, { page: 'job', name: run });
    const { page } = tab;
    await page.getByRole('button', { name: 'Display name: first name' }).click();
    await page.getByRole('textbox', { name: 'Display name' }).fill('second name');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Display name: second name' }).waitFor();
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await page.getByRole('textbox', { name: 'Name of the tag' }).fill('owner');
    await page.getByRole('textbox', { name: 'Value of the tag' }).fill('me');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Tag owner: me' }).click();
    await page.getByRole('textbox', { name: 'Tag owner' }).fill('you');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Tag owner: you' }).waitFor();
    const { properties } = await plane.client.getJob(run);
    assert.equal(properties.displayName, 'second name');
    assert.deepEqual(properties.tags, { owner: 'you' });
    await page.getByRole('button', { name: 'Remove the tag owner' }).click();
    await page.getByRole('button', { name: 'Tag owner: you' }).waitFor({ state: 'detached' });
    await closeTab(tab);
  });
});
