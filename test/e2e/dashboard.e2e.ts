import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { submitJob } from '../../src/submit/submitJob.ts';
import { openStory, type Story } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('the dashboard of a job in an editor tab', () => {
  let story: Story;
  let window: Workbench;

  before(async () => {
    story = await openStory('pages');
    window = story.window;
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.evidence(this.currentTest);
  });

  it('opens beside the YAML that was submitted, and says when the job has completed', async () => {
    const size = window.page.viewportSize()!;
    await window.page.setViewportSize({ width: 1440, height: 900 });
    await window.openFile('pages/pipeline.yml');
    await window.codeLens('Submit').first().click();
    const jobs = window.tree('Jobs');
    await jobs.expand('Digits, two layers');
    await jobs.row('evaluate').locator('.codicon-pass').waitFor();
    await window.tree('Models').row('digits').waitFor();
    const page = await window.webview('Digits, two layers');
    // The page says it itself, so that no notice does.
    await page.locator('.page-header').getByText('Completed', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'evaluate', exact: true }).waitFor();
    await window.screenshot('completed');
    await window.page.setViewportSize(size);
    await window.runCommand('Notifications: Clear All Notifications');
    await window.runCommand('View: Close All Editors');
  });

  it('opens from the Jobs view, and draws charts and graph', async () => {
    await window.tree('Jobs').contextMenu('Digits, two layers', 'Open Dashboard');
    const page = await window.webview('Digits, two layers');
    await page.getByRole('link', { name: 'train', exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Graph' }).click();
    await page.getByRole('group', { name: /step train, Completed/ }).waitFor();
    await window.screenshot('dashboard-graph');
    await page.getByRole('tab', { name: 'Metrics' }).click();
    // Of charts only those in view are in the document.
    await page.getByRole('figure', { name: 'loss', exact: true }).waitFor();
    // The icons are a font of ours, which the panel's policy has to let in.
    const icons = await page
      .locator('.codicon')
      .first()
      .evaluate(() => document.fonts.check('16px codicon'));
    assert.equal(icons, true);
    await window.screenshot('dashboard-metrics');
  });

  it('previews an artifact', async () => {
    const page = await window.webview('Digits, two layers');
    await page.getByRole('tab', { name: 'Outputs' }).click();
    await page.getByRole('treeitem', { name: 'evaluate' }).click();
    await page.getByRole('treeitem', { name: 'Artifacts' }).click();
    await page.getByRole('treeitem', { name: 'confusion_matrix.png' }).click();
    await page.getByText('192 × 192').waitFor();
    await window.screenshot('dashboard-outputs');
  });

  it('leads from a failure to the line of the code that ran', async () => {
    await window.runCommand('View: Close All Editors');
    await submitJob({ client: story.client, file: join(window.folder, 'pages/fails.yml') });
    await window.tree('Jobs').row('Reads the wrong file').locator('.codicon-error').waitFor();
    await window.tree('Jobs').contextMenu('Reads the wrong file', 'Open Dashboard');
    const page = await window.webview('Reads the wrong file');
    await page.getByRole('button', { name: 'fails.py, line 5', exact: true }).click();
    await window.page.getByRole('tab', { name: /fails\.py/ }).waitFor();
    await window.page.getByText('Ln 5, Col 1').waitFor();
    await window.screenshot('dashboard-traceback');
  });
});
