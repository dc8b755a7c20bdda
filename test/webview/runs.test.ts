import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { fixturePlane } from './fixture.ts';
import { digitsRun, makeExperiment, makeRuns } from './runsFixture.ts';

describe('the table of runs', () => {
  let plane: TestPlane;
  let ids: string[];
  before(async () => {
    plane = await fixturePlane();
    const experiment = await makeExperiment(plane.client, 'digits-sweep');
    ids = await makeRuns(
      plane.client,
      experiment,
      Array.from({ length: 200 }, (_, index) => digitsRun(index)),
      Date.now() - 220 * 60_000,
    );
  });

  it('looks', async () => {
    const tab = await openStudio(plane, '/runs/digits-sweep');
    await tab.page.waitForTimeout(3000);
    console.log(tab.errors);
    await shoot(tab.page, 'runs-table-dark');
    assert.ok(ids);
    await closeTab(tab);
    const light = await openInEditor(plane, { page: 'runs', name: 'digits-sweep' }, { theme: 'light', width: 1000 });
    await light.page.getByRole('link', { name: 'trial 199' }).waitFor();
    await light.page.getByRole('row').nth(3).click();
    await light.page.waitForTimeout(500);
    await shoot(light.page, 'runs-table-light');
    await closeTab(light);
  });
});
