import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { PlaneClient } from '../../src/client/planeClient.ts';
import { submitJob } from '../../src/submit/submitJob.ts';
import { jobWhen } from '../contract/plane.ts';
import { fixture, type Story, startStory } from './story.ts';
import type { Workbench } from './workbench.ts';

describe('the dashboard of a job in an editor tab', () => {
  let story: Story;
  let window: Workbench;
  let client: PlaneClient;

  before(async () => {
    story = await startStory();
    window = await story.vscode.open({ folder: fixture('stories') });
    await window.showViews('Updraft');
    await window.page.getByText('No jobs yet.').waitFor();
    client = await story.client();
    await Promise.all(
      ['pipeline.yml', 'fails.yml'].map(async (file) => {
        const { job } = await submitJob({ client, file: join(fixture('pages'), file), name: file.replace('.yml', '') });
        await jobWhen(client, job.name);
      }),
    );
    const jobs = window.tree('Jobs');
    await jobs.row('digits').waitFor();
    await jobs.expand('digits');
  });
  after(() => story?.end());
  afterEach(function () {
    return story?.vscode.evidence(this.currentTest);
  });

  it('opens from the Jobs view, draws charts and graph, and is restored with its tab after a reload of the window', async () => {
    await window.tree('Jobs').contextMenu('Digits, two layers', 'Open Dashboard');
    let page = await window.webview('Digits, two layers');
    await page.getByRole('link', { name: 'train', exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Graph' }).click();
    await page.getByRole('group', { name: /step train, Completed/ }).waitFor();
    await window.screenshot('dashboard-graph');
    await page.getByRole('tab', { name: 'Metrics' }).click();
    await page.getByRole('figure', { name: 'grad_norm' }).waitFor();
    // The icons are a font of ours, which the panel's policy has to let in.
    const icons = await page
      .locator('.codicon')
      .first()
      .evaluate(() => document.fonts.check('16px codicon'));
    assert.equal(icons, true);
    await window.screenshot('dashboard-metrics');
    await window.reload('"tab":"metrics"');
    page = await window.webview('Digits, two layers');
    await page.getByRole('tab', { name: 'Metrics', selected: true }).waitFor();
    await page.getByRole('figure', { name: 'grad_norm' }).waitFor();
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
    await window.tree('Jobs').expand('digits');
    await window.tree('Jobs').contextMenu('Reads the wrong file', 'Open Dashboard');
    const page = await window.webview('Reads the wrong file');
    await page.getByRole('button', { name: 'fails.py, line 5', exact: true }).click();
    await window.page.getByRole('tab', { name: /fails\.py/ }).waitFor();
    await window.page.getByText('Ln 5, Col 1').waitFor();
    await window.screenshot('dashboard-traceback');
  });
});
