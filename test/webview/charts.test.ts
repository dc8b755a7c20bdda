import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { TestPlane } from '../contract/plane.ts';
import { closeBrowser, closeTab, openStudio, shoot } from './browser.ts';
import { chartExperiment, chartRun, falling } from './chartRuns.ts';
import { startStudio } from './fixture.ts';

const long = (part: string) =>
  `${'a long name of a metric in Größe und Überfluß '.repeat(3)}${part}${' with the same end of many letters'.repeat(3)}`;

describe('charts of runs', () => {
  let plane: TestPlane;
  const ids: string[] = [];
  before(async () => {
    plane = await startStudio();
    const experiment = await chartExperiment(plane, 'curves');
    for (let at = 0; at < 12; at++)
      ids.push(
        await chartRun(plane, experiment, `run ${at}`, {
          loss: falling(at, 400),
          'train/acc': falling(at, 100).map((value) => 1 - value),
          'val/acc': falling(at + 3, 100).map((value) => 0.9 - value),
          'train/f1': falling(at + 1, 60).map((value) => 1 - value),
          'system/cpu': falling(at, 50).map((value) => 100 * value),
          score: [0.5 + at / 30],
          ...(at === 0
            ? {
                diverged: [1, 2, Number.NaN, 4, Number.NaN, Number.NaN],
                'all nan': [Number.NaN, Number.NaN],
                [long('one')]: [1, 2],
                [long('two')]: [2, 1],
              }
            : {}),
        }),
      );
  });

  after(async () => {
    await closeBrowser();
    await plane.remove();
  });

  it('explore', async () => {
    for (const [scheme, width] of [
      ['dark', 1280],
      ['light', 1280],
      ['dark', 420],
    ] as const) {
      const tab = await openStudio(plane, '/runs/curves?tab=charts', { scheme, width, height: 900 });
      const { page } = tab;
      await page.waitForTimeout(4000);
      await shoot(page, 'charts-x');
      console.log(tab.errors, await page.locator('.plot').evaluateAll((all) => all.map((each) => (each as any).dataset.lines)));
      await page.locator('[data-card="loss"] .plot[data-lines="10"]').waitFor();
      await page.waitForTimeout(500);
      await shoot(page, `charts-runs-${scheme}-${width}`);
      const plot = page.locator('[data-card="loss"] .plot');
      const box = (await plot.boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + 60);
      await page.waitForTimeout(200);
      await shoot(page, `charts-hover-${scheme}-${width}`);
      assert.ok(ids.length);
      await closeTab(tab);
    }
  });
});
