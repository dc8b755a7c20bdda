import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { TestPlane } from '../contract/plane.ts';
import { closeTab, openStudio, shoot } from './browser.ts';
import { openInEditor } from './editorPage.ts';
import { fixturePlane } from './fixture.ts';

/** What tells that a tab of the job page is painted. */
const painted: Record<string, (page: Page) => Promise<void>> = {
  Overview: (page) => page.getByText('Submitted', { exact: true }).waitFor(),
  // Of charts only those in view are in the document.
  Metrics: (page) => page.locator('.charts-board figure').first().waitFor(),
  Graph: (page) => page.getByRole('group', { name: /step train/ }).waitFor(),
  Outputs: (page) => page.getByRole('treeitem', { name: 'weights.bin' }).waitFor(),
  Log: (page) => page.getByText(/epoch\s+200/).waitFor(),
  Lineage: (page) => page.getByText('Led to').waitFor(),
};

/** Nothing may stick out to the side: a panel of an editor has no room to scroll there. */
async function assertFits(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${what} is ${wide} pixels too wide`);
}

describe('the pages look right', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await fixturePlane();
  });

  for (const [theme, width] of [
    ['light', 1000],
    ['contrast', 1000],
    ['dark', 300],
  ] as const) {
    it(`in ${theme}, ${width} pixels wide`, async () => {
      const name = width === 300 ? 'narrow' : theme;
      const tab = await openInEditor(plane, { page: 'job', name: 'digits_1' }, { theme, width, height: 760 });
      for (const [label, wait] of Object.entries(painted)) {
        await tab.page.getByRole('tab', { name: label }).click();
        if (label === 'Log') await chooseStep(tab.page, 'train');
        await wait(tab.page);
        await assertFits(tab.page, label);
        await shoot(tab.page, `pages-${label.toLowerCase()}-${name}`);
      }
      await closeTab(tab);
      const failed = await openInEditor(plane, { page: 'job', name: 'wrong_file' }, { theme, width, height: 760 });
      await failed.page.getByText('no rows in missing.csv').first().waitFor();
      await assertFits(failed.page, 'the error');
      await shoot(failed.page, `pages-error-${name}`);
      await closeTab(failed);
      const model = await openInEditor(plane, { page: 'model', name: 'digits' }, { theme, width, height: 760 });
      await model.page.getByRole('link', { name: 'train' }).waitFor();
      await assertFits(model.page, 'the model');
      await shoot(model.page, `pages-model-${name}`);
      await closeTab(model);
    });
  }

  it('as the Studio in light, and on a narrow window', async () => {
    for (const [width, name] of [
      [1280, 'light'],
      [360, 'narrow'],
    ] as const) {
      const tab = await openStudio(plane, '/', { scheme: 'light', width });
      await tab.page.getByRole('link', { name: 'Digits, two layers' }).waitFor();
      await assertFits(tab.page, 'the list of jobs');
      await shoot(tab.page, `pages-studio-jobs-${name}`);
      await tab.page.getByRole('link', { name: 'Digits, two layers' }).click();
      await tab.page.getByRole('button', { name: 'Download everything as a zip file' }).and(tab.page.locator(':enabled')).waitFor();
      await assertFits(tab.page, 'a job');
      await shoot(tab.page, `pages-studio-job-${name}`);
      await closeTab(tab);
    }
  });
});

async function chooseStep(page: Page, step: string): Promise<void> {
  await page.getByTitle('Step', { exact: true }).click();
  await page.getByRole('option', { name: step }).click();
}
