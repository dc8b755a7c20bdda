import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { startStudio } from './fixture.ts';
import { digitsRun, makeExperiment, makeRun, makeRuns } from './runsFixture.ts';

describe('what matters among the runs of an experiment', () => {
  let plane: TestPlane;
  let experiment: string;
  before(async () => {
    plane = await startStudio();
    experiment = await makeExperiment(plane.client, 'digits');
    const runs = Array.from({ length: 60 }, (_, index) => digitsRun(index));
    await makeRuns(plane.client, experiment, runs, Date.parse('2026-01-01'));
    await makeExperiment(plane.client, 'empty');
  });
  after(() => plane.remove());

  it('is worked out for the metric that one chooses, over the runs that the filter leaves', async () => {
    const tab = await openStudio(plane, '/runs/digits?tab=analysis', { height: 1200 });
    const { page } = tab;
    const first = page.getByRole('table', { name: 'Parameter importance' }).locator('tbody tr').first();
    await first.getByRole('button', { name: 'lr' }).waitFor();
    await page.getByText('60 of 60 runs have it').waitFor();
    await shoot(page, 'analysis-dark');
    await page.getByTitle('Metric to be explained').click();
    await page.getByRole('option', { name: 'val/loss' }).click();
    await page.getByRole('img', { name: 'val/loss by layers', exact: true }).waitFor();
    await first.getByRole('button', { name: 'layers' }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('objective'), 'val/loss');
    await closeTab(tab);
    const filtered = await openStudio(plane, `/runs/digits?tab=analysis&filter=${encodeURIComponent("params.layers = '1'")}`);
    await filtered.page.getByText('20 of 20 runs have it').waitFor();
    await makeRun(plane.client, experiment, digitsRun(60), Date.parse('2026-02-01'));
    await filtered.page.getByText('21 of 21 runs have it').waitFor();
    await closeTab(filtered);
  });

  it('says what it needs where there is nothing', async () => {
    const tab = await openStudio(plane, '/runs/empty?tab=analysis');
    await tab.page.getByText('No metric has been logged.').waitFor();
    await closeTab(tab);
  });

  it('fits a narrow panel', async () => {
    const tab = await openInEditor(plane, { page: 'runs', name: 'digits', tab: 'analysis' }, { width: 420, height: 1000 });
    await tab.page.getByRole('table', { name: 'Parameter importance' }).waitFor();
    const wide = await tab.page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} pixels too wide`);
    await shoot(tab.page, 'analysis-narrow');
    await closeTab(tab);
  });
});
